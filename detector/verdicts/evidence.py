"""What an anomaly shows: which metrics, how much each, and what was expected of them."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, isnan
from typing import TYPE_CHECKING

import numpy as np

from contracts.anomaly import Contribution
from detector.rows.features import PER_METRIC
from detector.rows.recent import allowed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from detector.models.scorer import Scorer
    from detector.rows.features import Floats
    from detector.rows.stream import Stream

_MOST_CONTRIBUTIONS = 12
BOUND = 4.0  # deviations between the expected value and its bounds


@dataclass(frozen=True, slots=True)
class Bounds:
    """Expected value and bounds by metric, each in the metric's own unit."""

    expected: dict[str, float]
    lower: dict[str, float]
    upper: dict[str, float]


@dataclass(frozen=True, slots=True)
class Expectation(Bounds):
    """What was expected of the newest row, beside what came."""

    measured_at: datetime
    score: float
    values: dict[str, float | None]


def deviations(scorer: Scorer) -> Floats:
    """Return the robust z of each modelled metric (M,), absolute, summed over its rolling features."""
    summed: Floats = np.abs(scorer.z).reshape(PER_METRIC, -1).sum(axis=0)
    return summed


def with_usual(bounds: Bounds, scorer: Scorer, usual: Floats) -> Bounds:
    """Replace the bounds of modelled metrics by the range `usual` (2, M) in which nearly all values lie."""
    lower, upper = dict(bounds.lower), dict(bounds.upper)
    for name, low, high in zip(scorer.model.metrics, *usual.tolist(), strict=True):
        if name in bounds.expected and isfinite(low) and isfinite(high):
            lower[name], upper[name] = low, high
    return Bounds(bounds.expected, lower, upper)


def updated(bounds: Bounds, known: Bounds) -> Bounds:
    """Replace what is expected of the metrics of which it is `known`."""
    return Bounds(
        {**bounds.expected, **known.expected}, {**bounds.lower, **known.lower}, {**bounds.upper, **known.upper}
    )


def shares(weights: Floats) -> Floats:
    """Return shares that sum to 1 and rank as the weights (M,) do, sharpened by squaring."""
    squares = weights**2
    total = squares.sum()
    return squares / total if total > 0.0 else np.full(len(weights), 1.0 / max(len(weights), 1))


def leading(weights: Mapping[str, float]) -> str:
    """Return the metric of the largest weight; the empty text where there is none."""
    return max(weights, key=lambda name: (weights[name], name), default="")


def contributions(
    stream: Stream, weights: Mapping[str, float], bounds: Bounds, row: Floats
) -> tuple[Contribution, ...]:
    """Return the metrics with the largest weights, largest first, as a row (C,) shows them; their shares sum to 1."""
    columns = stream.roster.columns_of(weights)
    seen = {name: float(row[column]) for name, column in zip(weights, columns.tolist(), strict=True)}
    ranked = sorted(weights, key=lambda name: (-weights[name], name))[:_MOST_CONTRIBUTIONS]
    total = sum(weights[name] for name in ranked) or 1.0
    return tuple(
        Contribution(
            metric=name,
            share=min(weights[name] / total, 1.0),
            observed=None if isnan(seen[name]) else seen[name],
            expected=bounds.expected.get(name),
            lower=bounds.lower.get(name),
            upper=bounds.upper.get(name),
            unit=stream.roster.units.get(name),
        )
        for name in ranked
    )


def expected_bounds(stream: Stream, scorer: Scorer | None, before: Floats | None = None) -> Bounds:
    """Return what the model expects of its metrics, and what rows suggest for others: those `before`, or the newest."""
    reaches: dict[str, tuple[float, float]] = {}
    for column, name in enumerate(stream.roster.metrics):
        known = before is not None and column < before.shape[1] and not np.isnan(before[:, column]).all()
        reaches[name] = stream.recent.allowed(column) if before is None or not known else allowed(before[:, column])
    if scorer is not None:
        reach = BOUND * scorer.spread(stream.position)
        for m, name in enumerate(scorer.model.metrics):
            reaches[name] = (float(scorer.model.scaling.centre[m]), float(reach[m]))
    known = {name: pair for name, pair in reaches.items() if isfinite(pair[0]) and isfinite(pair[1])}
    return Bounds(
        {name: centre for name, (centre, _) in known.items()},
        {name: centre - reach for name, (centre, reach) in known.items()},
        {name: centre + reach for name, (centre, reach) in known.items()},
    )


def expectation(stream: Stream, scorer: Scorer | None, at: datetime, score: float) -> Expectation:
    """Return what is expected of each metric now, beside its newest value; `at` and `score` are of the newest row."""
    bounds = expected_bounds(stream, scorer)
    if scorer is not None:
        bounds = with_usual(bounds, scorer, scorer.ranges.usual)
    values = {name: stream.value(name) for name in stream.roster.metrics}
    return Expectation(bounds.expected, bounds.lower, bounds.upper, at, score, values)
