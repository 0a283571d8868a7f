"""Normal and anomalous rows of a device in two dimensions: principal components of its reference (Pearson, 1901)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from detector.rows.deviation import MAD_TO_SIGMA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detector.models.fit import FittedModel
    from detector.rows.features import Floats
    from detector.store.recent_readings import RecentReading

_MOST_NORMAL = 500
_CLIP = 50.0  # deviations: one row far out must not squeeze the others into a point


def projection(model: FittedModel, odd: Sequence[RecentReading]) -> dict[str, Any]:
    """Project the model's reference and anomalous rows, in deviations of each metric, onto two directions.

    Returns:
        `metrics` (M), `axes` (2 lists of M), `explained` (share of the variance of each axis), `normal` points [x, y],
        and `anomalous` points {at, x, y, score}.
    """
    metrics = list(model.metrics)
    reference = model.rows[:, [model.columns.index(name) for name in metrics]]
    centre, scale = _usual(reference)
    z = _deviations(reference, centre, scale)
    axes, explained = _axes(z)
    shown = z[np.linspace(0, len(z) - 1, min(len(z), _MOST_NORMAL)).astype(int)] @ axes.T
    rows = np.array([[_number(row.values.get(name)) for name in metrics] for row in odd]).reshape(-1, len(metrics))
    points = _deviations(rows, centre, scale) @ axes.T
    return {
        "metrics": metrics,
        "axes": axes.tolist(),
        "explained": explained,
        "normal": shown.tolist(),
        "anomalous": [
            {"at": row.measured_at.timestamp(), "x": x, "y": y, "score": row.score}
            for row, (x, y) in zip(odd, points.tolist(), strict=True)
        ],
    }


def _usual(rows: Floats) -> tuple[Floats, Floats]:
    """Return median and robust deviation (M,) of each metric; a metric that never moves has the deviation 1."""
    centre = np.array([np.median(column[~np.isnan(column)]) for column in rows.T])
    distance = np.abs(rows - centre)
    scale = MAD_TO_SIGMA * np.array([np.median(column[~np.isnan(column)]) for column in distance.T])
    spread = np.array([np.std(column[~np.isnan(column)]) for column in rows.T])
    scale = np.maximum(scale, 0.5 * spread)
    scale[scale == 0.0] = 1.0
    return centre, scale


def _deviations(rows: Floats, centre: Floats, scale: Floats) -> Floats:
    return np.clip(np.nan_to_num((rows - centre) / scale, nan=0.0), -_CLIP, _CLIP)


def _axes(z: Floats) -> tuple[Floats, list[float]]:
    """Return two directions (2, M) and the share of variance of each; a single metric has one and a flat second."""
    values, vectors = np.linalg.eigh(np.atleast_2d(np.cov(z.T)))
    order = np.argsort(values)[::-1][:2]
    axes = vectors[:, order].T
    axes *= np.where(axes[np.arange(len(axes)), np.argmax(np.abs(axes), axis=1)] < 0.0, -1.0, 1.0)[:, None]
    total = float(values.sum()) or 1.0
    explained = [float(values[number]) / total for number in order]
    if len(axes) == 1:
        axes, explained = np.vstack([axes, np.zeros_like(axes)]), [*explained, 0.0]
    return axes, explained


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
