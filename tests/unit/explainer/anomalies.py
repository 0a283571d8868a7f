"""Anomalies for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from contracts.anomaly import Anomaly, Contribution, Incident, Model, anomaly_id, incident_id

if TYPE_CHECKING:
    from contracts.anomaly import Kind, Phase, Severity

START = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
TEMPERATURE = Contribution(
    metric="temperature", share=0.8, observed=95.25, expected=70.1, lower=65.0, upper=75.0, unit="°C"
)
PRESSURE = Contribution(metric="pressure", share=0.2, observed=2.0, expected=3.1, lower=2.5, upper=3.5, unit="bar")


def anomaly(  # noqa: PLR0913 - a test says only what matters to it
    phase: Phase = "open",
    after_s: float = 0,
    *,
    device: str = "boiler",
    incident: str = "one",
    severity: Severity = "major",
    kind: Kind = "level_shift",
    score: float = 0.98,
    readings: int = 1,
    contributions: tuple[Contribution, ...] = (TEMPERATURE, PRESSURE),
    rarity_days: float | None = 40.0,
    began_after_s: float | None = None,
) -> Anomaly:
    """Make an anomaly of an incident, `after_s` seconds after it opened."""
    time = START + timedelta(seconds=after_s)
    return Anomaly(
        id=anomaly_id(f"{device} {incident} {after_s} {severity}", phase),
        device=device,
        measured_at=time,
        received_at=time + timedelta(milliseconds=5),
        score=score,
        confidence=0.97,
        severity=severity,
        kind=kind,
        incident=Incident(
            id=incident_id(device, incident),
            phase=phase,
            opened_at=START,
            readings=readings,
            peak=score,
            began_at=None if began_after_s is None else START + timedelta(seconds=began_after_s),
        ),
        model=Model(backend="isolation_forest", version=3, scope=device),
        contributions=() if phase == "close" else contributions,
        rarity_days=rarity_days,
    )
