"""River's half-space trees: the one baseline that learns from every row it judges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.quality.methods.simple import seed
from benchmarks.quality.recording import Verdicts

if TYPE_CHECKING:
    from benchmarks.quality.recording import Recording

_LEVEL = 0.9995
_WINDOW = 250


def half_space_trees(recording: Recording) -> Verdicts:
    """Score a row, then learn it; values scaled to 0..1 by those seen so far."""
    from river.anomaly import HalfSpaceTrees  # noqa: PLC0415 - of the extra `bench`: only who asks for it needs it
    from river.preprocessing import MinMaxScaler  # noqa: PLC0415 - the same

    window = max(min(_WINDOW, len(recording.reference) // 2), 1)
    model = HalfSpaceTrees(n_trees=10, height=8, window_size=window, seed=seed(recording))
    scaler = MinMaxScaler()
    before = [] if recording.training is None else recording.training.rows.tolist()
    scores = []
    for values in before + recording.rows.tolist():
        row = dict(enumerate(values))
        scaler.learn_one(row)
        scaled = scaler.transform_one(row)
        scores.append(model.score_one(scaled))
        model.learn_one(scaled)
    judged = np.array(scores[len(before) :])
    reference = np.array(scores[window : len(before) or recording.first])
    level = float(np.quantile(reference, _LEVEL)) if len(reference) else 1.0
    return Verdicts(judged, judged > level)
