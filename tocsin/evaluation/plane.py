"""Many rows in a small picture: in two dimensions, and no more of them than can be seen."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from detector.rows.deviation import MAD_TO_SIGMA

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tocsin.evaluation.track import Track

    Floats = NDArray[np.float64]

_MOST = 10.0


def in_a_plane(track: Track) -> tuple[Floats, tuple[float, float]]:
    """Project rows on their two principal components.

    Values are scaled by the median and the median deviation of the rows that are no alarms, and clipped at 10 of these
    before the components are found; a metric that was not measured keeps its newest value.

    Returns:
        (n, 2) coordinates, in deviations; and the share of the variance that each of the two explains.
    """
    names = track.metrics
    rows = np.array([[_number(row.get(name)) for name in names] for row in track.values])
    rows = _carried(rows)
    normal = rows[~np.array(track.alarms)] if not all(track.alarms) else rows
    centre = np.median(normal, axis=0)
    scale = np.median(np.abs(normal - centre), axis=0) * MAD_TO_SIGMA
    spread = np.std(normal, axis=0)
    scale = np.where(scale > 0, scale, np.where(spread > 0, spread, 1.0))
    z = (rows - centre) / scale
    clipped = np.clip(z, -_MOST, _MOST)
    values, vectors = np.linalg.eigh(clipped.T @ clipped / max(len(clipped), 1))
    order = np.argsort(values)[::-1][:2]
    shares = np.maximum(values, 0.0) / max(float(np.maximum(values, 0.0).sum()), 1e-30)
    return z @ vectors[:, order], (float(shares[order[0]]), float(shares[order[1]]))


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _carried(rows: Floats) -> Floats:
    """Carry the newest value forward; before the first one, the first."""
    filled = rows.copy()
    for column in filled.T:
        known = np.flatnonzero(~np.isnan(column))
        if len(known) == 0:
            column[:] = 0.0
            continue
        latest = np.searchsorted(known, np.arange(len(column)), side="right") - 1
        column[:] = column[known[np.maximum(latest, 0)]]
    return filled


def thinned(values: Floats, most: int) -> NDArray[np.int64]:
    """Return rows to draw, at most about so many: of each stretch its lowest and highest, so that no peak is lost."""
    if len(values) <= most:
        return np.arange(len(values))
    edges = np.linspace(0, len(values), most // 2 + 1).astype(np.int64)
    keep = []
    for first, last in pairwise(edges):
        part = values[first:last]
        if np.isnan(part).all():
            keep.append(first)
        else:
            keep += sorted({first + int(np.nanargmin(part)), first + int(np.nanargmax(part))})
    return np.array(keep, dtype=np.int64)
