"""A word of its own for each device in the search: its alerts are found without looking at all the others."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Hexadecimal, so that any name is one word: `pump 1` would be two, each of which many other alerts hold.
_TEXTS = """
CREATE VIEW alert_texts AS
SELECT id, device, label, reason, causes_text, lower(hex(device)) AS device_word FROM alerts
"""
_WORDS = ("device", "label", "reason", "causes_text")
_NAMES = ", ".join((*_WORDS, "device_word"))
_NEW, _OLD = (
    ", ".join([*(f"{which}.{name}" for name in _WORDS), f"lower(hex({which}.device))"]) for which in ("new", "old")
)
_CHANGED = " OR ".join(f"old.{name} IS NOT new.{name}" for name in _WORDS)
_FORGET = f"INSERT INTO alert_words(alert_words, rowid, {_NAMES}) VALUES ('delete', old.id, {_OLD});"  # noqa: S608
_LEARN = f"INSERT INTO alert_words(rowid, {_NAMES}) VALUES (new.id, {_NEW});"  # noqa: S608 - no input takes part
_TRIGGERS = ("alert_words_added", "alert_words_gone", "alert_words_changed")


def upgrade() -> None:
    """Make the index of words anew, with the device's word; PostgreSQL joins its two indexes by itself."""
    if op.get_bind().dialect.name != "sqlite":
        return
    _drop()
    op.execute(_TEXTS)
    op.execute(f"CREATE VIRTUAL TABLE alert_words USING fts5({_NAMES}, content='alert_texts', content_rowid='id')")
    op.execute("INSERT INTO alert_words(alert_words) VALUES ('rebuild')")
    op.execute(f"CREATE TRIGGER alert_words_added AFTER INSERT ON alerts BEGIN {_LEARN} END")
    op.execute(f"CREATE TRIGGER alert_words_gone AFTER DELETE ON alerts BEGIN {_FORGET} END")
    op.execute(
        f"CREATE TRIGGER alert_words_changed AFTER UPDATE ON alerts WHEN {_CHANGED} BEGIN {_FORGET} {_LEARN} END"
    )


def downgrade() -> None:
    """Go back to the words alone."""
    if op.get_bind().dialect.name != "sqlite":
        return
    _drop()
    op.execute("DROP VIEW alert_texts")
    names = ", ".join(_WORDS)
    new, old = (", ".join(f"{which}.{name}" for name in _WORDS) for which in ("new", "old"))
    forget = f"INSERT INTO alert_words(alert_words, rowid, {names}) VALUES ('delete', old.id, {old});"  # noqa: S608
    learn = f"INSERT INTO alert_words(rowid, {names}) VALUES (new.id, {new});"  # noqa: S608
    op.execute(f"CREATE VIRTUAL TABLE alert_words USING fts5({names}, content='alerts', content_rowid='id')")
    op.execute("INSERT INTO alert_words(alert_words) VALUES ('rebuild')")
    op.execute(f"CREATE TRIGGER alert_words_added AFTER INSERT ON alerts BEGIN {learn} END")
    op.execute(f"CREATE TRIGGER alert_words_gone AFTER DELETE ON alerts BEGIN {forget} END")
    op.execute(f"CREATE TRIGGER alert_words_changed AFTER UPDATE ON alerts WHEN {_CHANGED} BEGIN {forget} {learn} END")


def _drop() -> None:
    for name in _TRIGGERS:
        op.execute(f"DROP TRIGGER {name}")
    op.execute("DROP TABLE alert_words")
