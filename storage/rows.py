"""Records to rows and back."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import msgspec

from contracts.alert import Alert, Cause, Evidence, Explanation
from contracts.service import Feedback
from storage.records import AlertRecord

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from contracts.anomaly import Severity
    from storage.records import Attempt, StoredAnomaly

SEVERITY_RANK: dict[Severity, int] = {"info": 0, "minor": 1, "major": 2, "critical": 3}
MAX_ERROR_CHARACTERS = 500


def alert_row(record: AlertRecord) -> dict[str, Any]:
    """Write an alert and its bookkeeping as columns of `alerts`."""
    alert = record.alert
    return {
        "incident": alert.incident,
        "device": alert.device,
        "run": alert.run,
        "status": alert.status,
        "opened_at": alert.opened_at,
        "updated_at": alert.updated_at,
        "closed_at": alert.closed_at,
        "duration_s": (alert.closed_at - alert.opened_at).total_seconds() if alert.closed_at else None,
        "severity": alert.severity,
        "severity_rank": SEVERITY_RANK[alert.severity],
        "confidence": alert.confidence,
        "label": alert.label,
        "reason": alert.reason,
        "causes": _json(alert.causes),
        "causes_text": causes_text(alert.causes),
        "actions": _json(alert.actions),
        "explanation": _json(alert.explanation),
        "explanation_state": record.explanation_state,
        "owed_since": record.owed_since,
        "reminded_at": record.reminded_at,
        "site_incident": alert.site_incident,
        **_evidence_columns(alert.evidence),
        **_bookkeeping(record),
    }


def alert_record(row: RowMapping) -> AlertRecord:
    """Read a row of `alerts`."""
    return AlertRecord(
        alert=alert_of(row),
        phase=row["phase"],
        phase_at=row["phase_at"],
        phase_order=row["phase_order"],
        evidence_order=row["evidence_order"],
        handling=row["handling"],
        handled_at=row["handled_at"],
        snoozed_until=row["snoozed_until"],
        verdict=row["verdict"],
        explanation_state=row["explanation_state"],
        owed_since=row["owed_since"],
        reminded_at=row["reminded_at"],
    )


def alert_of(row: RowMapping) -> Alert:
    """Read the alert alone from a row of `alerts`."""
    return Alert(
        incident=row["incident"],
        device=row["device"],
        run=row["run"],
        verdict=row["verdict"],
        snoozed_until=row["snoozed_until"] if row["status"] == "snoozed" else None,
        site_incident=row["site_incident"],
        status=row["status"],
        opened_at=row["opened_at"],
        updated_at=row["updated_at"],
        closed_at=row["closed_at"],
        severity=row["severity"],
        confidence=row["confidence"],
        label=row["label"],
        reason=row["reason"],
        causes=msgspec.json.decode(row["causes"], type=tuple[Cause, ...]),
        actions=msgspec.json.decode(row["actions"], type=tuple[str, ...]),
        evidence=msgspec.json.decode(row["evidence"], type=Evidence),
        explanation=msgspec.json.decode(row["explanation"], type=Explanation),
    )


def anomaly_row(stored: StoredAnomaly) -> dict[str, Any]:
    """Write an anomaly as columns of `anomalies`."""
    anomaly = stored.anomaly
    return {
        "anomaly": anomaly.id,
        "incident": anomaly.incident.id,
        "device": anomaly.device,
        "phase": anomaly.incident.phase,
        "measured_at": anomaly.measured_at,
        "received_at": anomaly.received_at,
        "stored_at": stored.stored_at,
        "severity": anomaly.severity,
        "kind": anomaly.kind,
        "score": anomaly.score,
        "decision": anomaly.decision,
        "confidence": anomaly.confidence,
        "body": stored.body,
    }


def attempt_row(attempt: Attempt) -> dict[str, Any]:
    """Write an attempt as columns of `explanations`."""
    row = {field.name: getattr(attempt, field.name) for field in fields(attempt)}
    return row | {"error": attempt.error and attempt.error[:MAX_ERROR_CHARACTERS]}


def feedback_row(digest: str, feedback: Feedback) -> dict[str, Any]:
    """Write what a person said as columns of `feedback`."""
    return {"digest": digest, **msgspec.structs.asdict(feedback)}


def feedback_from(row: RowMapping) -> Feedback:
    """Read a row of `feedback`."""
    return Feedback(**{name: row[name] for name in Feedback.__struct_fields__})


def causes_text(causes: tuple[Cause, ...]) -> str:
    """Write causes in one line, as `alert_feed` shows them."""
    return "; ".join(f"{cause.cause} ({cause.confidence:.0%})" for cause in causes)


def _evidence_columns(evidence: Evidence) -> dict[str, Any]:
    return {
        "kind": evidence.kind,
        "score": evidence.score,
        "peak": evidence.peak,
        "readings": evidence.readings,
        "evidence": _json(evidence),
    }


def _bookkeeping(record: AlertRecord) -> dict[str, Any]:
    names = ("phase", "phase_at", "phase_order", "evidence_order", "handling", "handled_at", "snoozed_until", "verdict")
    return {name: getattr(record, name) for name in names}


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
