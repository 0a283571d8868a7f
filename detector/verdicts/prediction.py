"""What the other metrics let expect of one, as far as that can be: a broken sensor lets expect the impossible."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detector.verdicts.evidence import BOUND, Bounds, leading

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from contracts.anomaly import Kind
    from detector.models.scorer import Scorer
    from detector.rows.features import Floats
    from detector.rows.stream import Stream

_MARGIN = 0.1  # of the usual range of a metric: what is expected farther out of it cannot be
_TELLS = 0.5  # of the width of the usual range: a wider expectation says less than the range
_ALONE = 0.5  # of all weight: one metric that carries so much is at fault, and the others are not
_STILL = 0.5  # of the distance from the usual: metrics that moved with it do not tell what to expect
TOLD_BY_OTHERS: frozenset[Kind] = frozenset({"spike", "level_shift", "drift", "stuck", "dropout", "out_of_range"})


def with_predictions(bounds: Bounds, scorer: Scorer, position: int, metrics: Iterable[str], row: Floats) -> Bounds:
    """Replace what is expected of some metrics by what the other metrics of a row (C,) let expect of them.

    No figure leaves what was ever seen of the metric. Where the expectation itself does, by far, the others are wrong,
    and what is usual stands.
    """
    expected, lower, upper = dict(bounds.expected), dict(bounds.lower), dict(bounds.upper)
    spread = scorer.spread(position)
    scaling, z_of_row = scorer.model.scaling, np.zeros(len(scorer.columns))
    scaling.of(row[None], scorer.columns, float(max(position - scorer.model.end, 0)), z_of_row)
    possible = _possible(scorer)
    for name in bounds.expected.keys() & set(metrics):
        m = scorer.model.metrics.index(name)
        z, deviation = scorer.model.coherence.predicted(z_of_row, m)
        value = float(scaling.centre[m] + z * spread[m])
        if not possible[0, m] <= value <= possible[1, m]:
            continue
        reach, seen = BOUND * deviation * float(spread[m]), scorer.ranges.seen[:, m]
        value = float(np.clip(value, *seen))  # before the bounds are set about it, so that they leave it a range
        expected[name], (lower[name], upper[name]) = value, np.clip([value - reach, value + reach], *seen).tolist()
    return Bounds(expected, lower, upper)


def with_prediction_of_one(
    bounds: Bounds, scorer: Scorer, position: int, weights: Mapping[str, float], row: Floats
) -> Bounds:
    """Say what is expected of the one metric at fault, if it is one by its weight, where the others tell it closely.

    Its bounds stay those in which it usually is.
    """
    metric = leading(weights)
    alone = weights[metric] >= _ALONE * sum(weights.values()) and len(scorer.columns) > 1
    if not alone or metric not in bounds.expected or metric not in scorer.model.metrics:
        return bounds
    predicted = with_predictions(bounds, scorer, position, [metric], row)
    narrow = predicted.upper[metric] - predicted.lower[metric] <= _TELLS * (bounds.upper[metric] - bounds.lower[metric])
    value = float(row[int(scorer.columns[scorer.model.metrics.index(metric)])])
    away = abs(value - predicted.expected[metric])
    moved_along = len(weights) > 1 and away < _STILL * abs(value - bounds.expected[metric])  # else a rule named it
    expected = min(max(predicted.expected[metric], bounds.lower[metric]), bounds.upper[metric])
    # The others, beyond all that they usually tell, against one that is as far out: that is no expectation.
    opposite = (value - expected) * (predicted.expected[metric] - expected) < 0.0 and not (
        bounds.lower[metric] <= value <= bounds.upper[metric]
    )
    if moved_along or not narrow or opposite:
        return bounds
    return Bounds({**bounds.expected, metric: expected}, bounds.lower, bounds.upper)


def credible(stream: Stream, scorer: Scorer) -> Floats:
    """Return which part (M,) of each metric's disagreement in the newest row remains without impossible expectations.

    Beside one sensor that shows nonsense, all that go with it seem to have left it, some farther than the sensor them.
    """
    metrics = len(scorer.columns)
    spread, inverse = scorer.spread(stream.position)[:metrics], scorer.model.coherence.inverse
    beside = (scorer.z[:metrics] @ inverse) / np.diag(inverse)
    values = stream.features.features[0, scorer.columns]
    with np.errstate(invalid="ignore", divide="ignore"):  # of a metric that was constant, or has no value
        expected = scorer.model.scaling.centre[:metrics] + (scorer.z[:metrics] - beside) * spread
        part = np.abs(values - np.clip(expected, *_possible(scorer))) / np.abs(values - expected)
    return np.where(np.isfinite(part), np.minimum(part, 1.0), 1.0)


def _possible(scorer: Scorer) -> Floats:
    """Return between which values (2, M) an expectation can be."""
    low, high = scorer.ranges.usual
    room = _MARGIN * (high - low)
    return np.array([low - room, high + room])
