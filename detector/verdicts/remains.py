"""What the other metrics do not explain of a metric: its course, relieved of the load that they all follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from detector.models.fit import FittedModel
    from detector.models.scorer import Scorer
    from detector.rows.features import Floats


def remains_of(rows: Floats, scorer: Scorer, metric: int) -> Floats:
    """Return what remains (n,) of the `metric`-th of the model's metrics in rows (n, C), in its unit; NaN as it was."""
    return remains_within(rows[:, scorer.columns], scorer.model, metric)


def remains_within(rows: Floats, model: FittedModel, metric: int) -> Floats:
    """Return the same of rows (n, M) of the model's metrics alone."""
    metrics = len(model.metrics)
    scaling, inverse = model.scaling, model.coherence.inverse
    scale = scaling.scale[:metrics]
    values = rows[:, metric]
    if not np.isfinite(scale[metric]):
        return values
    with np.errstate(invalid="ignore"):
        z = np.nan_to_num((rows - scaling.centre[:metrics]) / scale, nan=0.0, posinf=0.0, neginf=0.0)
    remains: Floats = (z @ inverse[metric]) / inverse[metric, metric] * scale[metric]
    return np.where(np.isnan(values), np.nan, remains)
