"""How often something comes, and when its absence is silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from detector.rows.features import Floats, Ints

_ENOUGH = 20.0  # arrivals
_MEMORY = 0.02  # weight of the newest interval
_GAP_MEMORY = 0.999  # what is left of the longest interval after one more arrival
_GAPS = 3.0  # silence is longer than so many of the longest recent intervals
_INTERVALS = 10.0  # one silence teaches no more than that the next may be three times ...
_SECONDS = 10.0  # ... what was silence already, so that a second one is found too
SEEN, INTERVAL, GAP, COUNT = 0, 1, 2, 3  # rows of a table


class Cadence:
    """Arrival times of C things.

    Attributes:
        table: (4, C) last arrival (epoch s), mean interval (s), longest recent interval (s) and number of
            arrivals, in the rows SEEN, INTERVAL, GAP and COUNT.
    """

    __slots__ = ("table",)

    def __init__(self, table: Floats) -> None:
        self.table = table

    @classmethod
    def empty(cls, things: int = 0) -> Cadence:
        """Start without arrivals."""
        return cls(np.zeros((4, things)))

    def widen(self, things: int) -> None:
        """Make room for things that were not known before."""
        grown = np.zeros((4, things))
        grown[:, : self.table.shape[1]] = self.table
        self.table = grown

    def arrive(self, columns: Ints, values: Floats, at: float) -> None:
        """Note the arrival of the things at `columns` (n,); a NaN among `values` (n,) is no arrival."""
        _arrive(columns, values, at, self.table)

    def restart(self) -> None:
        """Forget when anything came last, for a stream that begins again; intervals are kept."""
        self.table[SEEN] = 0.0

    def forget(self, column: int) -> None:
        """Wait no longer for a thing, until it comes again."""
        self.table[SEEN, column] = 0.0

    def overdue(self, at: float, factor: float, least: float, together: float = 0.0) -> int:
        """Return the column that is silent for longest in its own measure at time `at`, or -1.

        `least` seconds do not count for what usually comes at intervals of at most `together` seconds.
        """
        return int(_overdue(self.table, at, factor, least, together))

    def deadline(self, column: int, factor: float, least: float) -> float | None:
        """Return when (epoch s) a thing counts as silent; None while its cadence is not known."""
        seen, interval, gap, count = self.table[:, column].tolist()
        if count < _ENOUGH or seen == 0.0:
            return None
        return float(seen + max(factor * interval, _GAPS * gap, least))

    def state(self) -> dict[str, object]:
        """Return what `restored` needs."""
        return {"table": self.table}

    @classmethod
    def restored(cls, state: Mapping[str, NDArray[np.float64]]) -> Cadence:
        """Rebuild from `state`."""
        return cls(state["table"])


@njit(cache=True)
def _arrive(columns: Ints, values: Floats, at: float, table: Floats) -> None:  # pragma: no cover - compiled
    for i in range(len(columns)):
        if np.isnan(values[i]):
            continue
        c = columns[i]
        if table[SEEN, c] != 0.0 and at >= table[SEEN, c]:
            gap = at - table[SEEN, c]
            count = table[COUNT, c]
            most = max(_INTERVALS * table[INTERVAL, c], _GAPS * table[GAP, c], _SECONDS) if count >= _ENOUGH else gap
            table[INTERVAL, c] += max(_MEMORY, 1.0 / max(count, 1.0)) * (min(gap, most) - table[INTERVAL, c])
            table[GAP, c] = max(table[GAP, c] * _GAP_MEMORY, min(gap, most))
        table[SEEN, c] = max(at, table[SEEN, c])
        table[COUNT, c] += 1.0


@njit(cache=True)
def _overdue(
    table: Floats, at: float, factor: float, least: float, together: float
) -> int:  # pragma: no cover - compiled
    worst = -1
    most = 1.0
    for c in range(table.shape[1]):
        if table[COUNT, c] < _ENOUGH or table[SEEN, c] == 0.0:
            continue
        floor = 0.0 if table[INTERVAL, c] <= together else least
        allowed = max(factor * table[INTERVAL, c], _GAPS * table[GAP, c], floor)
        ratio = (at - table[SEEN, c]) / allowed
        if ratio > most:
            most = ratio
            worst = c
    return worst
