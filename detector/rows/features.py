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
Bools = NDArray[np.bool_]

WINDOW = 10
PER_METRIC = 3  # value, mean, standard deviation
_LATELY = 1.0 - 1.0 / 16.0  # how much of what was lately stays so after one more value


class FeatureWindow:
    """Rolling features of all metrics of a device.

    Attributes:
        rings: (C, WINDOW) newest values of each metric.
        counts: (C,) values seen since the last gap.
        same: (C,) how many values in a row were equal to the newest.
        repeats: (C,) share of the values lately that were equal to the one before, without the newest run of them.
        limits: (2, C) lowest and highest value that may enter the ring alone.
        pending: (C,) a value beyond the limits that waits for a second one; NaN if there is none, infinite
            once several have come.
        features: (3, C) value, mean and deviation; NaN where a metric has no value now (or too few for a mean).
    """

    __slots__ = ("counts", "features", "limits", "pending", "repeats", "rings", "same")

    def __init__(self, metrics: int = 0) -> None:
        self.rings: Floats = np.zeros((metrics, WINDOW))
        self.counts: Ints = np.zeros(metrics, np.int64)
        self.same: Ints = np.zeros(metrics, np.int64)
        self.repeats: Floats = np.zeros(metrics)
        self.limits: Floats = np.array([[-np.inf], [np.inf]]) * np.ones(metrics)
        self.pending: Floats = np.full(metrics, np.nan)
        self.features: Floats = np.full((PER_METRIC, metrics), np.nan)

    def widen(self, metrics: int) -> None:
        """Make room for metrics that were not known before."""
        grown = FeatureWindow(metrics)
        known = len(self.counts)
        grown.rings[:known] = self.rings
        for name in ("counts", "same", "repeats", "pending"):
            getattr(grown, name)[:known] = getattr(self, name)
        for name in ("limits", "features"):
            getattr(grown, name)[:, :known] = getattr(self, name)
        for name in self.__slots__:
            setattr(self, name, getattr(grown, name))

    def clear(self) -> None:
        """Forget all values; limits stay."""
        self.counts[:] = 0
        self.same[:] = 0
        self.repeats[:] = 0.0
        self.pending[:] = np.nan
        self.features[:] = np.nan

    def push(self, columns: Ints, values: Floats) -> None:
        """Take the values (n,) of the metrics at `columns` (n,); NaN is no value."""
        _push(
            columns,
            values,
            self.rings,
            self.counts,
            self.same,
            self.repeats,
            self.limits,
            self.pending,
            self.features,
        )

    def state(self) -> dict[str, object]:
        """Return what `restored` needs."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def restored(cls, state: Mapping[str, NDArray[np.generic]]) -> FeatureWindow:
        """Rebuild from `state`."""
        window = cls()
        window.repeats = np.zeros(len(state["counts"]))  # an earlier version did not keep them
        for name in cls.__slots__:
            setattr(window, name, state.get(name, getattr(window, name)))
        return window


@njit(cache=True)
def _push(  # noqa: PLR0913, PLR0917 - compiled code takes flat arrays
    columns: Ints,
    values: Floats,
    rings: Floats,
    counts: Ints,
    same: Ints,
    repeats: Floats,
    limits: Floats,
    pending: Floats,
    features: Floats,
) -> None:  # pragma: no cover - compiled
    window = rings.shape[1]
    for i in range(len(columns)):
        c = columns[i]
        value = values[i]
        again = counts[c] > 0 and rings[c, (counts[c] - 1) % window] == value
        if counts[c] > 0 and not again:  # a run of equal values has ended
            stays = _LATELY ** same[c]
            repeats[c] = stays * repeats[c] + (1.0 - stays) * (same[c] - 1) / same[c]
        if np.isnan(value):
            features[:, c] = np.nan
            counts[c] = 0
            same[c] = 0
            pending[c] = np.nan
            continue
        features[0, c] = value
        same[c] = same[c] + 1 if again else 1
        if value < limits[0, c] or value > limits[1, c]:
            if np.isnan(pending[c]):
                pending[c] = value  # one odd value must not trouble the means of the next readings
                continue
            if pending[c] != np.inf:
                rings[c, counts[c] % window] = pending[c]
                counts[c] += 1
                pending[c] = np.inf  # the odd values have lasted: all that follow count
        else:
            pending[c] = np.nan
        rings[c, counts[c] % window] = value
        counts[c] += 1
        if counts[c] < window:
            features[1, c] = np.nan
            features[2, c] = np.nan
            continue
        total = 0.0
        for k in range(window):
            total += rings[c, k]
        mean = total / window
        squares = 0.0
        for k in range(window):
            squares += (rings[c, k] - mean) ** 2
        features[1, c] = mean
        features[2, c] = sqrt(squares / window)


def batch(rows: Floats, positions: Ints) -> tuple[Floats, Ints]:
    """Compute the features of stored rows (n, C), seen at `positions` (n,); NaN is "not measured then".

    Returns:
        features (m, 3 C), and which of the rows (m,) they belong to: those whose run of neighbours is long enough.
    """
    window = FeatureWindow(rows.shape[1])
    features = np.empty((len(rows), PER_METRIC * rows.shape[1]))
    usable = _batch(
        rows,
        positions,
        window.rings,
        window.counts,
        window.same,
        window.repeats,
        window.limits,
        window.pending,
        window.features,
        features,
    )
    kept = np.flatnonzero(usable)
    return features[kept], kept


@njit(cache=True)
def _batch(  # noqa: PLR0913, PLR0917 - compiled code takes flat arrays
    rows: Floats,
    positions: Ints,
    rings: Floats,
    counts: Ints,
    same: Ints,
    repeats: Floats,
    limits: Floats,
    pending: Floats,
    features: Floats,
    out: Floats,
) -> Bools:  # pragma: no cover - compiled
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
        _push(columns[:n], values[:n], rings, counts, same, repeats, limits, pending, features)
        usable[i] = run >= rings.shape[1]
        out[i] = features.reshape(-1)
    return usable
