"""What charts are drawn from: readings, contributions and projections of a span of time."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from contracts.anomaly import Contribution


class MetricWindow(Struct, frozen=True, kw_only=True):
    """One metric over the times of its window; null where there was no value or no expectation."""

    values: list[float | None]
    expected: list[float | None]
    lower: list[float | None]
    upper: list[float | None]


class ReadingsWindow(Struct, frozen=True, kw_only=True):
    """A device's readings in a span: `times` in seconds since 1970, `score` 0 to 1, higher is more abnormal.

    `total` rows were there before thinning out; then two rows hold the smallest and largest values of a part of it.
    `source` is `detector`, whose `alarm` says which rows it found abnormal, or `page`: what came since it started.
    """

    device: str
    source: str
    total: int
    times: list[float]
    score: list[float | None]
    metrics: dict[str, MetricWindow]
    alarm: list[bool] | None = None


class ContributionsAt(Struct, frozen=True, kw_only=True):
    """How much each metric added to one anomaly."""

    at: datetime
    incident: str
    score: float
    contributions: list[Contribution]


class ContributionsWindow(Struct, frozen=True, kw_only=True):
    """Contributions over time, from the stored anomalies, oldest first."""

    device: str
    items: list[ContributionsAt]


class ProjectionAnswer(Struct, frozen=True, kw_only=True):
    """Readings on the plane of the two main directions of the normal ones.

    `explained` is the share of variance of each axis, `loadings[metric]` how much the metric takes part in both.
    """

    device: str
    times: list[float | None]
    x: list[float]
    y: list[float]
    anomalous: list[bool]
    explained: list[float]
    loadings: dict[str, list[float]]
