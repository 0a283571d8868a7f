"""Which metrics a trouble comes from: those that are further out now than they were a moment ago."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detector.rows.features import PER_METRIC, WINDOW, batch

if TYPE_CHECKING:
    from detector.models.scorer import Scorer
    from detector.rows.features import Floats
    from detector.rows.stream import Stream

_BEFORE = 20  # rows that say how far out a metric was, ...
_LATELY = 10  # ... not counting the newest ones, which may be of the same trouble
_ANYWAY = 1e-3  # of what was there before counts


def suspicion(stream: Stream, scorer: Scorer) -> Floats:
    """Return how far out each metric (M,) of the model is, beyond what it was some rows ago; 0 upwards.

    The root of the sum of squares of the robust z of its features, less the mean of the same before: a metric that has
    been odd for long is not what the new trouble comes from. z is in units that do not grow with the time since the
    reference, each metric's at its own pace. Costs as much as tens of readings: for evidence only.
    """
    metrics, scaling = len(scorer.columns), scorer.model.scaling
    z = np.zeros(PER_METRIC * metrics)
    scaling.of(stream.features.features, scorer.columns, 0.0, z)
    now = (z**2).reshape(PER_METRIC, metrics).sum(axis=0)
    _, rows = stream.recent.newest(_BEFORE + _LATELY + WINDOW)
    first = stream.position - len(rows) + 1
    positions = np.arange(first, stream.position + 1)
    features, kept = batch(np.ascontiguousarray(rows[:, scorer.columns]), positions)
    earlier = kept < len(rows) - _LATELY
    if not earlier.any():
        alone: Floats = np.sqrt(now)
        return alone
    once = scaling.rows(features[earlier], np.zeros(np.count_nonzero(earlier)))
    before = (once**2).reshape(-1, PER_METRIC, metrics).sum(axis=1).mean(axis=0)
    beyond: Floats = np.sqrt(np.maximum(now - before, 0.0) + _ANYWAY * now)
    return beyond
