"""Faults: what they are, how big and how long by default."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from producer.simulator.profiles import Metric
    from producer.simulator.scenario import FaultKind


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of one device.

    Attributes:
        number: its place in the plan, from 0.
        kind: what happens.
        device: whom it befalls.
        metrics: positions of the metrics hit; empty for silence.
        start: seconds since the start of the simulation; the fault lasts until `end`, exclusive.
        end: the same.
        size: signed multiple of the metric's spread; 0 where a size means nothing.
        absent: a dropped-out metric is left out of the reading instead of being null.
    """

    number: int
    kind: FaultKind
    device: str
    metrics: tuple[int, ...]
    start: float
    end: float
    size: float = 0.0
    absent: bool = False


@dataclass(frozen=True, slots=True)
class FaultRanges:
    """Defaults of a kind: size in spreads, duration in seconds, and the readings it must cover at least."""

    size: tuple[float, float]
    duration_s: tuple[float, float]
    rows: tuple[int, int]


RANGES: Final[dict[FaultKind, FaultRanges]] = {
    "spike": FaultRanges((10, 25), (0, 0), (1, 3)),
    "level_shift": FaultRanges((6, 14), (15, 45), (15, 40)),
    "drift": FaultRanges((8, 16), (30, 90), (30, 60)),
    "stuck": FaultRanges((0, 0), (20, 60), (30, 60)),
    "noise": FaultRanges((5, 12), (15, 40), (20, 40)),
    "dropout": FaultRanges((0, 0), (20, 60), (15, 40)),
    "silence": FaultRanges((0, 0), (30, 90), (30, 60)),
    "correlation": FaultRanges((1, 1), (30, 90), (60, 120)),
}
TWO_SIDED: Final[frozenset[FaultKind]] = frozenset({"spike", "level_shift", "drift"})


def possible_metrics(kind: FaultKind, metrics: tuple[Metric, ...]) -> tuple[int, ...]:
    """Positions of the metrics that a fault of this kind can hit; empty if the device cannot have it."""
    if kind == "correlation":
        return tuple(i for i, metric in enumerate(metrics) if _has_partner(metric, metrics))
    if kind == "stuck":
        return tuple(i for i, metric in enumerate(metrics) if metric.noise or metric.wander or metric.follows)
    return tuple(range(len(metrics)))


def _has_partner(metric: Metric, metrics: tuple[Metric, ...]) -> bool:
    driven = {name for name, gain in metric.follows.items() if gain}
    return any(other is not metric and driven & other.follows.keys() for other in metrics)
