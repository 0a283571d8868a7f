"""The tables as the code sees them; the migrations make them, a test keeps both equal.

JSON is kept as text: so it holds whatever a message may hold (PostgreSQL's jsonb refuses an escaped NUL).
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.columns import RowId, UtcTime

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)
_OF_SITES = text("site_incident IS NOT NULL")

alerts = Table(
    "alerts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("incident", String(32), nullable=False),
    Column("device", String(128), nullable=False),
    Column("run", String(64)),
    Column("status", String(16), nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("closed_at", UtcTime),
    Column("duration_s", Float),
    Column("severity", String(16), nullable=False),
    Column("severity_rank", Integer, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("score", Float, nullable=False),
    Column("peak", Float, nullable=False),
    Column("readings", Integer, nullable=False),
    Column("label", String(120), nullable=False),
    Column("reason", String(2000), nullable=False),
    Column("causes", Text, nullable=False),
    Column("causes_text", Text, nullable=False),
    Column("actions", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("explanation", Text, nullable=False),
    Column("explanation_state", String(16), nullable=False),
    Column("owed_since", UtcTime),
    Column("phase", String(8), nullable=False),
    Column("phase_at", UtcTime, nullable=False),
    Column("phase_order", String(64), nullable=False),
    Column("evidence_order", String(64), nullable=False),
    Column("handling", String(16)),
    Column("handled_at", UtcTime),
    Column("snoozed_until", UtcTime),
    Column("verdict", String(16)),
    Column("reminded_at", UtcTime),
    Column("site_incident", String(32)),
    UniqueConstraint("incident"),
    Index("ix_alerts_opened_at", "opened_at"),
    Index("ix_alerts_device_opened_at", "device", "opened_at"),
    Index("ix_alerts_status_opened_at", "status", "opened_at"),
    Index("ix_alerts_severity_rank_opened_at", "severity_rank", "opened_at"),
    Index("ix_alerts_kind_opened_at", "kind", "opened_at"),
    Index("ix_alerts_closed_at", "closed_at"),
    Index("ix_alerts_site_incident", "site_incident", sqlite_where=_OF_SITES, postgresql_where=_OF_SITES),
    Index("ix_alerts_explanation_state_severity_rank_phase_at", "explanation_state", "severity_rank", "phase_at"),
)

explanations = Table(
    "explanations",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("incident", String(32), ForeignKey("alerts.incident", ondelete="CASCADE"), nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("provider", String(64), nullable=False),
    Column("model", String(128), nullable=False),
    Column("template", String(64), nullable=False),
    Column("requests", Integer, nullable=False),
    Column("latency_ms", Float),
    Column("prompt_tokens", Integer, nullable=False),
    Column("answer_tokens", Integer, nullable=False),
    Column("cost", Float),
    Column("grounded", Boolean),
    Column("error", Text),
    Column("answer", Text),
    Column("fingerprint", String(32)),
    Index("ix_explanations_fingerprint", "fingerprint", "id"),
    Index("ix_explanations_incident", "incident"),
    Index("ix_explanations_started_at", "started_at"),
)

budget_stops = Table(
    "budget_stops",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("budget", String(16), nullable=False),
    Column("used", Float, nullable=False),
    Column("allowed", Float, nullable=False),
    Column("owed", Integer, nullable=False),
    Index("ix_budget_stops_at", "at"),
)

anomalies = Table(
    "anomalies",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("anomaly", String(32), nullable=False),
    Column("incident", String(32), ForeignKey("alerts.incident", ondelete="CASCADE"), nullable=False),
    Column("device", String(128), nullable=False),
    Column("phase", String(8), nullable=False),
    Column("measured_at", UtcTime, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("stored_at", UtcTime, nullable=False),
    Column("severity", String(16), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("score", Float, nullable=False),
    Column("decision", Float),
    Column("confidence", Float, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("anomaly"),
    Index("ix_anomalies_incident_measured_at", "incident", "measured_at"),
    Index("ix_anomalies_device_measured_at", "device", "measured_at"),
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("digest", String(32), nullable=False),
    Column("incident", String(32), nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("by", String(64)),
    Column("note", Text),
    Column("until", UtcTime),
    UniqueConstraint("digest"),
    Index("ix_feedback_incident_at", "incident", "at"),
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("digest", String(32), nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("service", String(64), nullable=False),
    Column("device", String(128)),
    Column("reason", String(64), nullable=False),
    Column("detail", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    UniqueConstraint("digest"),
    Index("ix_dead_letters_received_at", "received_at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("topic", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("retain", Boolean, nullable=False),
    Column("queued_at", UtcTime, nullable=False),
    sqlite_autoincrement=True,  # ids are the order of publication: none may come twice
)

# What is owed to webhooks, mail and the like; deleted when it was delivered.
notifications = Table(
    "notifications",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("output", String(64), nullable=False),
    Column("incident", String(32)),
    Column("news", String(16), nullable=False),
    Column("severity_rank", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("queued_at", UtcTime, nullable=False),
    Column("next_at", UtcTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    Index("ix_notifications_next_at", "next_at"),
    sqlite_autoincrement=True,
)

# When each output was told something, for the last hour: its limit holds across restarts.
tellings = Table(
    "tellings",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("output", String(64), nullable=False),
    Column("told_at", UtcTime, nullable=False),
)

# When the explainer last did what it does from time to time.
chores = Table(
    "chores",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("done_at", UtcTime, nullable=False),
)
