"""Features of a device's metrics, renewed reading by reading: value, rolling mean, rolling standard deviation.

Each metric has its own ring of its newest values, so metrics that come at different paces do not disturb each other.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Mapping

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WINDOW = 10
PER_METRIC = 3  # value, mean, standard deviation


class FeatureWindow:
    """Rolling features of all metrics of a device.

    Attributes:
        rings: (C, WINDOW) newest values of each metric.
        counts: (C,) values seen since the last gap.
        same: (C,) how many values in a row were equal to the newest.
        features: (3, C) value, mean and deviation; NaN where a metric has no value now (or too few for a mean).
    """

    __slots__ = ("counts", "features", "rings", "same")

    def __init__(self, rings: Floats, counts: Ints, same: Ints, features: Floats) -> None:
        self.rings = rings
        self.counts = counts
        self.same = same
        self.features = features

    @classmethod
    def empty(cls, metrics: int = 0) -> FeatureWindow:
        """Start without values."""
        return cls(
            np.zeros((metrics, WINDOW)),
            np.zeros(metrics, np.int64),
            np.zeros(metrics, np.int64),
            np.full((PER_METRIC, metrics), np.nan),
        )

    def widen(self, metrics: int) -> None:
        """Make room for metrics that were not known before."""
        grown = FeatureWindow.empty(metrics)
        known = len(self.counts)
        grown.rings[:known] = self.rings
        grown.counts[:known] = self.counts
        grown.same[:known] = self.same
        grown.features[:, :known] = self.features
        self.rings, self.counts, self.same, self.features = grown.rings, grown.counts, grown.same, grown.features

    def push(self, columns: Ints, values: Floats) -> None:
        """Take the values (n,) of the metrics at `columns` (n,); NaN is no value."""
        _push(columns, values, self.rings, self.counts, self.same, self.features)

    def state(self) -> dict[str, object]:
        """Return what `restored` needs."""
        return {"rings": self.rings, "counts": self.counts, "same": self.same, "features": self.features}

    @classmethod
    def restored(cls, state: Mapping[str, NDArray[np.generic]]) -> FeatureWindow:
        """Rebuild from `state`."""
        return cls(state["rings"], state["counts"], state["same"], state["features"])  # type: ignore[arg-type] # as state() wrote them


@njit(cache=True)
def _push(  # noqa: PLR0913, PLR0917 - compiled code takes flat arrays
    columns: Ints, values: Floats, rings: Floats, counts: Ints, same: Ints, features: Floats
) -> None:  # pragma: no cover - compiled
    window = rings.shape[1]
    for i in range(len(columns)):
        c = columns[i]
        value = values[i]
        if np.isnan(value):
            features[:, c] = np.nan
            counts[c] = 0
            same[c] = 0
            continue
        same[c] = same[c] + 1 if counts[c] > 0 and rings[c, (counts[c] - 1) % window] == value else 1
        rings[c, counts[c] % window] = value
        counts[c] += 1
        filled = min(counts[c], window)
        mean = 0.0
        for k in range(filled):
            mean += rings[c, k] / filled
        spread = 0.0
        for k in range(filled):
            spread += (rings[c, k] - mean) ** 2 / filled
        features[0, c] = value
        features[1, c] = mean if filled == window else np.nan
        features[2, c] = sqrt(spread) if filled == window else np.nan


def batch(rows: Floats, positions: Ints) -> tuple[Floats, Ints]:
    """Compute the features of stored rows (n, C), seen at `positions` (n,); NaN is "not measured then".

    Returns:
        features (m, 3 C), and which of the rows (m,) they belong to: those whose run of neighbours is long enough.
    """
    window = FeatureWindow.empty(rows.shape[1])
    features = np.empty((len(rows), PER_METRIC * rows.shape[1]))
    usable = _batch(rows, positions, window.rings, window.counts, window.same, window.features, features)
    kept = np.flatnonzero(usable)
    return features[kept], kept


@njit(cache=True)
def _batch(  # noqa: PLR0913, PLR0917 - compiled code takes flat arrays
    rows: Floats, positions: Ints, rings: Floats, counts: Ints, same: Ints, features: Floats, out: Floats
) -> NDArray[np.bool_]:  # pragma: no cover - compiled
    metrics = rows.shape[1]
    usable = np.zeros(len(rows), np.bool_)
    columns = np.empty(metrics, np.int64)
    values = np.empty(metrics)
    run = 0
    for i in range(len(rows)):
        if i > 0 and positions[i] != positions[i - 1] + 1:
            run = 0
            counts[:] = 0
            features[:] = np.nan
        run += 1
        n = 0
        for c in range(metrics):
            if not np.isnan(rows[i, c]):
                columns[n] = c
                values[n] = rows[i, c]
                n += 1
        _push(columns[:n], values[:n], rings, counts, same, features)
        usable[i] = run >= rings.shape[1]
        out[i] = features.reshape(-1)
    return usable
