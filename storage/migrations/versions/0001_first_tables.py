"""The first tables, and the view that a person reads.

This is history: later changes are steps of their own.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.columns import RowId, UtcTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Whole seconds up to two minutes, minutes up to two hours, then hours: enough to read.
_DURATION = """
    CASE
        WHEN duration_s IS NULL THEN ''
        WHEN duration_s < 120 THEN CAST(CAST(duration_s AS INTEGER) AS TEXT) || ' s'
        WHEN duration_s < 7200 THEN CAST(CAST(duration_s / 60 AS INTEGER) AS TEXT) || ' min'
        ELSE CAST(CAST(duration_s / 3600 AS INTEGER) AS TEXT) || ' h'
    END
"""
ALERT_FEED = f"""
CREATE VIEW alert_feed AS
SELECT
    opened_at, device, severity, status, label, reason, causes_text AS causes,
    score, peak, confidence, kind, readings, {_DURATION} AS duration, closed_at, verdict, run, incident
FROM alerts
ORDER BY opened_at DESC, id DESC
"""  # noqa: S608 - no input takes part


def upgrade() -> None:
    """Make the tables, their indexes and the view."""
    _alerts()
    _explanations()
    _anomalies()
    _feedback()
    _dead_letters()
    _outbox()
    op.execute(ALERT_FEED)


def downgrade() -> None:
    """Take everything away."""
    op.execute("DROP VIEW alert_feed")
    for table in ("outbox", "dead_letters", "feedback", "anomalies", "explanations", "alerts"):
        op.drop_table(table)


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", RowId, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
        sa.Column("incident", sa.String(32), nullable=False),
        sa.Column("device", sa.String(128), nullable=False),
        sa.Column("run", sa.String(64)),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("opened_at", UtcTime, nullable=False),
        sa.Column("updated_at", UtcTime, nullable=False),
        sa.Column("closed_at", UtcTime),
        sa.Column("duration_s", sa.Float),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("severity_rank", sa.Integer, nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("peak", sa.Float, nullable=False),
        sa.Column("readings", sa.Integer, nullable=False),
        sa.Column("label", sa.String(120), nullable=False),
        sa.Column("reason", sa.String(2000), nullable=False),
        sa.Column("causes", sa.Text, nullable=False),
        sa.Column("causes_text", sa.Text, nullable=False),
        sa.Column("actions", sa.Text, nullable=False),
        sa.Column("evidence", sa.Text, nullable=False),
        sa.Column("explanation", sa.Text, nullable=False),
        sa.Column("explanation_state", sa.String(16), nullable=False),
        sa.Column("owed_since", UtcTime),
        sa.Column("phase", sa.String(8), nullable=False),
        sa.Column("phase_at", UtcTime, nullable=False),
        sa.Column("phase_order", sa.String(64), nullable=False),
        sa.Column("evidence_order", sa.String(64), nullable=False),
        sa.Column("handling", sa.String(16)),
        sa.Column("handled_at", UtcTime),
        sa.Column("snoozed_until", UtcTime),
        sa.Column("verdict", sa.String(16)),
        sa.UniqueConstraint("incident", name="uq_alerts_incident"),
    )
    op.create_index("ix_alerts_opened_at", "alerts", ["opened_at"])
    op.create_index("ix_alerts_device_opened_at", "alerts", ["device", "opened_at"])
    op.create_index("ix_alerts_status_opened_at", "alerts", ["status", "opened_at"])
    op.create_index(
        "ix_alerts_explanation_state_severity_rank_phase_at",
        "alerts",
        ["explanation_state", "severity_rank", "phase_at"],
    )


def _explanations() -> None:
    op.create_table(
        "explanations",
        sa.Column("id", RowId, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_explanations"),
        sa.Column(
            "incident",
            sa.String(32),
            sa.ForeignKey("alerts.incident", name="fk_explanations_incident", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("started_at", UtcTime, nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("provider", sa.String(64), nullable=False),
        sa.Column("model", sa.String(128), nullable=False),
        sa.Column("template", sa.String(64), nullable=False),
        sa.Column("requests", sa.Integer, nullable=False),
        sa.Column("latency_ms", sa.Float),
        sa.Column("prompt_tokens", sa.Integer, nullable=False),
        sa.Column("answer_tokens", sa.Integer, nullable=False),
        sa.Column("cost", sa.Float),
        sa.Column("grounded", sa.Boolean),
        sa.Column("error", sa.Text),
        sa.Column("answer", sa.Text),
    )
    op.create_index("ix_explanations_incident", "explanations", ["incident"])
    op.create_index("ix_explanations_started_at", "explanations", ["started_at"])


def _anomalies() -> None:
    op.create_table(
        "anomalies",
        sa.Column("id", RowId, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_anomalies"),
        sa.Column("anomaly", sa.String(32), nullable=False),
        sa.Column(
            "incident",
            sa.String(32),
            sa.ForeignKey("alerts.incident", name="fk_anomalies_incident", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("device", sa.String(128), nullable=False),
        sa.Column("phase", sa.String(8), nullable=False),
        sa.Column("measured_at", UtcTime, nullable=False),
        sa.Column("received_at", UtcTime, nullable=False),
        sa.Column("stored_at", UtcTime, nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("decision", sa.Float),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.UniqueConstraint("anomaly", name="uq_anomalies_anomaly"),
    )
    op.create_index("ix_anomalies_incident_measured_at", "anomalies", ["incident", "measured_at"])
    op.create_index("ix_anomalies_device_measured_at", "anomalies", ["device", "measured_at"])


def _feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("id", RowId, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_feedback"),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("incident", sa.String(32), nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("by", sa.String(64)),
        sa.Column("note", sa.Text),
        sa.Column("until", UtcTime),
        sa.UniqueConstraint("digest", name="uq_feedback_digest"),
    )
    op.create_index("ix_feedback_incident_at", "feedback", ["incident", "at"])


def _dead_letters() -> None:
    op.create_table(
        "dead_letters",
        sa.Column("id", RowId, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_dead_letters"),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("received_at", UtcTime, nullable=False),
        sa.Column("service", sa.String(64), nullable=False),
        sa.Column("device", sa.String(128)),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("digest", name="uq_dead_letters_digest"),
    )
    op.create_index("ix_dead_letters_received_at", "dead_letters", ["received_at"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", RowId, primary_key=True, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Column("retain", sa.Boolean, nullable=False),
        sa.Column("queued_at", UtcTime, nullable=False),
        sqlite_autoincrement=True,
    )
