"""The newest rows of a device, and the coarse check that works from the first readings on.

A value is gross when it lies far outside of what the newest rows show: many robust deviations and a multiple of the
range seen so far. This needs no model; it guards a device while it learns, and metrics that its model does not know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from detector.rows.deviation import MAD_TO_SIGMA

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from detector.rows.features import Floats, Ints

ROWS = 64
_ENOUGH = 20  # values of a metric, before one of them is gross
DEVIATIONS = 10.0  # that a value may lie from the median ...
_RANGES = 2.0  # ... or so many times the range seen, if that is more
_LEAST_RELATIVE = 0.02  # of the median: no deviation counts as smaller
_SWITCHED = 0.7  # of the larger one: two values that differ by more are of two states


class RecentRows:
    """A ring of rows as they came, without carrying anything forward.

    Attributes:
        rows: (ROWS, C) values, NaN where not measured.
        times: (ROWS,) epoch s.
        count: rows ever taken.
    """

    __slots__ = ("count", "rows", "times")

    def __init__(self, rows: Floats, times: Floats, count: int) -> None:
        self.rows = rows
        self.times = times
        self.count = count

    @classmethod
    def empty(cls, metrics: int = 0) -> RecentRows:
        """Start without rows."""
        return cls(np.full((ROWS, metrics), np.nan), np.zeros(ROWS), 0)

    def widen(self, metrics: int) -> None:
        """Make room for metrics that were not known before."""
        grown = np.full((ROWS, metrics), np.nan)
        grown[:, : self.rows.shape[1]] = self.rows
        self.rows = grown

    def push(self, columns: Ints, values: Floats, at: float) -> None:
        """Take a row."""
        slot = self.count % ROWS
        row = self.rows[slot]
        row.fill(np.nan)
        row[columns] = values
        self.times[slot] = at
        self.count += 1

    def grossness(self, columns: Ints, values: Floats, skip: NDArray[np.bool_]) -> tuple[float, int]:
        """Compare values (n,) with the rows taken so far, leaving out the columns that `skip` (C,) names.

        Returns:
            the largest distance from the median in units of what is allowed (above 1: gross), and its column; (0, -1)
            when there is nothing to compare with.
        """
        ratio, column = _grossness(self.rows, columns, values, skip)
        return float(ratio), int(column)

    def switched(self, columns: Ints, values: Floats) -> bool:
        """Tell whether most metrics fall towards zero, or rise from it, at once: a machine switched off or on."""
        moved = 0
        for column, value in zip(columns.tolist(), values.tolist(), strict=True):
            centre, _ = self.allowed(column)
            small, large = sorted((abs(centre), abs(value)))
            moved += small < _SWITCHED * large
        return moved >= max(2, len(columns) / 2)

    def allowed(self, column: int) -> tuple[float, float]:
        """Return the median of a column and how far from it a value may lie; (nan, nan) without values."""
        return allowed(self.rows[:, column])

    def newest(self, count: int = ROWS) -> tuple[Floats, Floats]:
        """Return times (n,) and rows (n, C), oldest first."""
        have = min(self.count, ROWS, count)
        order = np.arange(self.count - have, self.count) % ROWS
        return self.times[order], self.rows[order]

    def clear(self) -> None:
        """Forget all rows, for a stream that begins again."""
        self.rows.fill(np.nan)
        self.count = 0

    def state(self) -> dict[str, object]:
        """Return what `restored` needs."""
        return {"rows": self.rows, "times": self.times, "count": self.count}

    @classmethod
    def restored(cls, state: Mapping[str, NDArray[np.float64]]) -> RecentRows:
        """Rebuild from `state`."""
        return cls(state["rows"], state["times"], int(state["count"]))


def allowed(values: Floats) -> tuple[float, float]:
    """Return the median of values (n,) and how far from it another may lie; (nan, nan) where all of them are NaN."""
    centre, reach, seen = _allowed(np.ascontiguousarray(values))
    return (float(centre), float(reach)) if seen else (float("nan"), float("nan"))


@njit(cache=True)
def _allowed(column: Floats) -> tuple[float, float, int]:  # pragma: no cover - compiled
    values = np.sort(column[~np.isnan(column)])
    seen = len(values)
    if seen == 0:
        return 0.0, 0.0, 0
    centre = values[seen // 2]
    # The outermost tenth is left out: one bad value must not excuse the next.
    trimmed = seen // 10
    width = values[seen - 1 - trimmed] - values[trimmed]
    deviation = np.median(np.abs(values - centre)) * MAD_TO_SIGMA
    reach = max(DEVIATIONS * deviation, _RANGES * width, DEVIATIONS * _LEAST_RELATIVE * abs(centre))
    if deviation == 0.0:
        # Mostly one value: the size of its steps is not known.
        reach = max(reach, DEVIATIONS * max(values[seen - 1] - values[0], abs(centre)))
        if reach == 0.0:
            reach = np.inf
    return centre, reach, seen


@njit(cache=True)
def _grossness(
    rows: Floats, columns: Ints, values: Floats, skip: NDArray[np.bool_]
) -> tuple[float, int]:  # pragma: no cover - compiled
    worst = 0.0
    where = -1
    for i in range(len(columns)):
        c = columns[i]
        if skip[c] or np.isnan(values[i]):
            continue
        centre, reach, seen = _allowed(rows[:, c])
        if seen < _ENOUGH:
            continue
        ratio = abs(values[i] - centre) / max(reach, 1e-30)
        if ratio > worst:
            worst = ratio
            where = c
    return worst, where
