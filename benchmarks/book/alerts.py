"""Alerts of a large site, as the explainer writes them."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, get_args

from contracts.alert import Alert, Cause, Evidence, Explanation
from contracts.anomaly import Contribution, Kind, Severity
from storage.records import AlertRecord

if TYPE_CHECKING:
    from collections.abc import Iterable

DEVICES = tuple(f"{name}-{number}" for number in range(100) for name in ("press", "pump", "mill", "boiler", "fan"))
_METRICS = ("temperature", "pressure", "vibration", "current", "flow", "speed", "level", "torque")
_KINDS: tuple[Kind, ...] = get_args(Kind)
_SEVERITIES: tuple[Severity, ...] = get_args(Severity)
_START = datetime(2026, 1, 1, tzinfo=UTC)
_EVERY = timedelta(seconds=30)
_SELDOM_EVERY = 50_000


def words_of() -> tuple[str, str]:
    """Return a word that one alert in 50,000 holds, and one that every alert holds."""
    return "bearing17", "expected"


def alerts_of(numbers: Iterable[int]) -> list[AlertRecord]:
    """Make alerts; the same number gives the same alert. One in 1,000 is open, one in 1,000 of the kind `clock`."""
    return [_alert(number) for number in numbers]


def _alert(number: int) -> AlertRecord:
    draw = random.Random(number)  # noqa: S311 - a benchmark's
    device, opened = draw.choice(DEVICES), _START + number * _EVERY
    kind: Kind = "clock" if number % 1_000 == 0 else draw.choice(_KINDS[:9])
    severity = draw.choices(_SEVERITIES, (1, 6, 3, 0.5))[0]
    parts = _contributions(draw)
    leading = parts[0]
    seen = f"{leading.metric} is {leading.observed:.4g}, expected {leading.expected:.4g}"
    closed = None if draw.random() < 0.001 else opened + timedelta(seconds=draw.randint(5, 7_200))
    alert = Alert(
        incident=f"{draw.getrandbits(128):032x}",
        device=device,
        status="open" if closed is None else "closed",
        opened_at=opened,
        updated_at=closed or opened,
        closed_at=closed,
        severity=severity,
        confidence=0.99,
        label=f"{leading.metric} has shifted up",
        reason=f"On {device}, {seen} (usually 65 to 75.2), since {opened:%Y-%m-%d %H:%M}. "
        + ("A trace of bearing17. " if number % _SELDOM_EVERY == 7 else "")
        + "By its own history this device shows something as unusual about once in 40 days.",
        causes=(Cause(cause="a worn bearing", confidence=0.4), Cause(cause="a clogged filter", confidence=0.25)),
        actions=("See whether the value has come back to normal by itself", "Compare with a second instrument"),
        evidence=Evidence(
            kind=kind, text=seen, score=0.97, confidence=0.99, contributions=parts, decision=-0.12, rarity_days=40.0
        ),
        explanation=Explanation(source="evidence"),
    )
    order = f"{number:012d} 2 x"
    return AlertRecord(
        alert=alert,
        phase="open" if closed is None else "closed",
        phase_at=opened,
        phase_order=order,
        evidence_order="1 2 3",
    )


def _contributions(draw: random.Random) -> tuple[Contribution, ...]:
    metrics, shares = draw.sample(_METRICS, 4), (0.6, 0.2, 0.15, 0.05)
    usual = {"expected": 70.1, "lower": 65.0, "upper": 75.2, "unit": "°C"}
    return tuple(
        Contribution(metric=metric, share=share, observed=draw.gauss(95, 5), **usual)  # type: ignore[arg-type]
        for metric, share in zip(metrics, shares, strict=True)
    )
