"""What the alert book needs: search by words, more orders, groups, reminders, notifications owed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.columns import RowId, UtcTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_alerts_severity_rank_opened_at": ["severity_rank", "opened_at"],
    "ix_alerts_kind_opened_at": ["kind", "opened_at"],
    "ix_alerts_closed_at": ["closed_at"],
    "ix_alerts_site_incident": ["site_incident"],
}
# The words of an alert: an index beside the table, which triggers keep up to date. A change of anything else, which is
# most changes, does not touch it.
_WORDS = ("device", "label", "reason", "causes_text")
_NEW, _OLD = (", ".join(f"{which}.{name}" for name in _WORDS) for which in ("new", "old"))
_CHANGED = " OR ".join(f"old.{name} IS NOT new.{name}" for name in _WORDS)
_NAMES = ", ".join(_WORDS)
_FORGET = f"INSERT INTO alert_words(alert_words, rowid, {_NAMES}) VALUES ('delete', old.id, {_OLD});"  # noqa: S608
_LEARN = f"INSERT INTO alert_words(rowid, {_NAMES}) VALUES (new.id, {_NEW});"  # noqa: S608 - no input takes part
SQLITE_WORDS = (
    f"CREATE VIRTUAL TABLE alert_words USING fts5({_NAMES}, content='alerts', content_rowid='id')",
    "INSERT INTO alert_words(alert_words) VALUES ('rebuild')",
    f"CREATE TRIGGER alert_words_added AFTER INSERT ON alerts BEGIN {_LEARN} END",
    f"CREATE TRIGGER alert_words_gone AFTER DELETE ON alerts BEGIN {_FORGET} END",
    f"CREATE TRIGGER alert_words_changed AFTER UPDATE ON alerts WHEN {_CHANGED} BEGIN {_FORGET} {_LEARN} END",
)
# PostgreSQL would read "press-1" as a word and the number -1: words are what stands between other characters.
_TEXT = " || ' ' || ".join(_WORDS)
_SPACED = f"regexp_replace({_TEXT}, '[^[:alnum:]]+', ' ', 'g')"
POSTGRESQL_WORDS = (f"CREATE INDEX ix_alerts_words ON alerts USING gin (to_tsvector('simple', {_SPACED}))",)


def upgrade() -> None:
    """Add the columns, indexes and tables."""
    op.add_column("alerts", sa.Column("reminded_at", UtcTime))
    op.add_column("alerts", sa.Column("site_incident", sa.String(32)))
    for name, columns in _INDEXES.items():
        op.create_index(name, "alerts", columns)
    _notifications()
    op.create_table(
        "chores",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("done_at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_chores"),
    )
    for statement in SQLITE_WORDS if _on_sqlite() else POSTGRESQL_WORDS:
        op.execute(sa.text(statement.replace(":", r"\:")))


def downgrade() -> None:
    """Take them away."""
    if _on_sqlite():
        for name in ("added", "gone", "changed"):
            op.execute(f"DROP TRIGGER alert_words_{name}")
        op.execute("DROP TABLE alert_words")
    else:
        op.drop_index("ix_alerts_words", "alerts")
    op.drop_table("chores")
    op.drop_table("notifications")
    for name in _INDEXES:
        op.drop_index(name, "alerts")
    op.drop_column("alerts", "site_incident")
    op.drop_column("alerts", "reminded_at")


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _notifications() -> None:
    op.create_table(
        "notifications",
        sa.Column("id", RowId, primary_key=True, nullable=False),
        sa.Column("output", sa.String(64), nullable=False),
        sa.Column("incident", sa.String(32)),
        sa.Column("news", sa.String(16), nullable=False),
        sa.Column("severity_rank", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("queued_at", UtcTime, nullable=False),
        sa.Column("next_at", UtcTime, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notifications_next_at", "notifications", ["next_at"])
