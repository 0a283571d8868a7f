"""Anomaly: one abnormal reading, or a timer's event, with its evidence."""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b
from typing import Annotated, Literal

from msgspec import Meta, Struct

from contracts.reading import DeviceName, MetricName, Unit

Severity = Literal["info", "minor", "major", "critical"]
Kind = Literal[
    "spike",
    "level_shift",
    "drift",
    "stuck",
    "noise",
    "dropout",
    "correlation",
    "out_of_range",
    "silence",
    "clock",
    "schema",
]
Phase = Literal["open", "update", "close", "reopen"]
Fraction = Annotated[float, Meta(ge=0, le=1)]
Id = Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]


class Contribution(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """How much one metric adds to an anomaly: the shares of all metrics of an anomaly sum to 1.

    `observed` is None when the metric gave no value. `expected`, `lower` and `upper` are in the metric's own unit.
    """

    metric: MetricName
    share: Fraction
    observed: float | None = None
    expected: float | None = None
    lower: float | None = None
    upper: float | None = None
    unit: Unit | None = None


class Incident(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The trouble an anomaly belongs to; `peak` is its highest score, `readings` its abnormal readings so far.

    `began_at` is when it opened again, for one that had closed; absent until then.
    """

    id: Id
    phase: Phase
    opened_at: datetime
    readings: Annotated[int, Meta(ge=0)]
    peak: Fraction
    began_at: datetime | None = None


class Model(Struct, frozen=True, kw_only=True):
    """Which fitted model judged."""

    backend: str
    version: int
    scope: str


class Window(Struct, frozen=True, kw_only=True):
    """Recent rows before and at the opening, oldest first: `values[metric][i]` was seen at `times[i]`."""

    times: tuple[datetime, ...]
    values: dict[MetricName, tuple[float | None, ...]]


class Anomaly(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One abnormal reading, or a timer's event (silence, close: no reading), with its evidence.

    Attributes:
        decision: scikit-learn's decision_function of the device's forest; lower is more abnormal, below 0 an outlier.
        score: calibrated alarm score, 0 to 1; higher is more abnormal.
        confidence: 0 to 1; docs/adr says how it follows from the tail probability.
        rarity_days: how rare such a score is for this device, in days between two of them by its own history; at most
            `watched_days`, and as much where none was seen before.
        watched_days: days of which the device's incidents are known, at most 90.
        since: when what is stuck last moved, what is missing was last seen.
    """

    id: Id
    device: DeviceName
    measured_at: datetime
    received_at: datetime
    score: Fraction
    confidence: Fraction
    severity: Severity
    kind: Kind
    incident: Incident
    model: Model
    reading_id: Id | None = None
    values: dict[MetricName, float | None] | None = None
    decision: float | None = None
    contributions: tuple[Contribution, ...] = ()
    rarity_days: float | None = None
    watched_days: float | None = None
    since: datetime | None = None
    window: Window | None = None
    run: str | None = None
    schema: Literal[1] = 1


def anomaly_id(source: str, phase: str) -> str:
    """Name an anomaly by what raised it (a reading id, or a timer's own words) and its incident phase."""
    return blake2b(f"{phase}:{source}".encode(), digest_size=16).hexdigest()


def incident_id(device: str, source: str) -> str:
    """Name an incident by its device and by what opened it."""
    return blake2b(f"incident:{device}:{source}".encode(), digest_size=16).hexdigest()
