"""Alerts for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from contracts.alert import Alert, Cause, Evidence, Explanation
from contracts.anomaly import Contribution, incident_id
from storage.records import AlertRecord

if TYPE_CHECKING:
    from contracts.alert import Status
    from contracts.anomaly import Severity
    from storage.records import ExplanationState

START = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def record(  # noqa: PLR0913 - a test says only what matters to it
    name: str = "one",
    *,
    device: str = "boiler",
    minutes: float = 0,
    status: Status = "open",
    severity: Severity = "major",
    state: ExplanationState = "none",
) -> AlertRecord:
    """Make the alert of an incident that opened some minutes after the start."""
    opened = START + timedelta(minutes=minutes)
    closed = status == "closed"
    temperature = Contribution(metric="temperature", share=1.0, observed=95.2, expected=70.0, unit="°C")
    alert = Alert(
        incident=incident_id(device, name),
        device=device,
        status=status,
        opened_at=opened,
        updated_at=opened + timedelta(seconds=5, microseconds=123),
        closed_at=opened + timedelta(minutes=7) if closed else None,
        severity=severity,
        confidence=0.9,
        label="temperature has shifted up",
        reason="temperature is 95.2 °C",
        causes=(Cause(cause="a blocked filter", confidence=0.4), Cause(cause="overload", confidence=0.25)),
        actions=("Look at the filter",),
        evidence=Evidence(kind="level_shift", text="…", score=0.98, confidence=0.9, contributions=(temperature,)),
        explanation=Explanation(source="evidence"),
    )
    return AlertRecord(
        alert=alert,
        phase="closed" if closed else "open",
        phase_at=opened,
        phase_order="x",
        evidence_order="y",
        explanation_state=state,
        owed_since=opened if state == "owed" else None,
    )
