"""The machine's off state, seen in the reference: most metrics near zero, again and again, and nothing in between.

What a machine does while it is off says nothing of how it runs, and a reference of both is too wide for either: a small
fault of the running machine does not show beside steps from nought to full. So the model is fitted on the running rows
alone, and live rows of the off state, and those around a switch, are not judged by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from detector.rows.deviation import MAD_TO_SIGMA
from detector.rows.features import WINDOW

if TYPE_CHECKING:
    from detector.rows.features import Bools, Floats, Ints

_OFF = 0.3  # of its usual size: a value below is near zero ...
_ON = 0.7  # ... and one above is of the running machine
_USUAL = 0.9  # quantile
_LEAST_SHARE = 0.03  # of the rows
_LEAST_RUNNING = 0.3  # of the rows
_LEAST_ROWS = 10
_LEAST_METRICS = 2  # one near zero alone may be at fault
_VISITS = 3  # "again and again"
_GLANCE = 1000  # rows ...
_GLANCED = 0.02  # ... of which so many must be low to look closer
_LEAST_CLEAR = 150  # rows of the running machine: with fewer, a model of both states is surer
_CLEAR = 5  # rows: values nearer to a switch do not tell how low a running machine may get
_LOWEST = 0.005  # quantile of running values ...
_LOWEST_DEVIATIONS = 3.5  # ... or so many of their deviations below the median, where that is more
_LONGEST = 12  # rows: what takes longer is no switch


@dataclass(frozen=True, slots=True)
class OffState:
    """How to tell the machine's off state.

    Attributes:
        columns: (D,) which of the model's metrics tell.
        usual: (D,) size of their values while it runs.
        lowest: (D,) size that hardly any running value is below.
        longest: rows that a switch takes until it is off, at most.
    """

    columns: Ints
    usual: Floats
    lowest: Floats
    longest: int

    def holds(self, values: Floats) -> bool:
        """Tell whether the machine is off, by the values (M,) of a row; what is not measured does not say so."""
        return bool(np.all(np.abs(values[self.columns]) < _OFF * self.usual))

    def level(self, values: Floats) -> float:
        """Return the smallest value in units of what hardly any running value is below; inf where none is measured."""
        level = float(np.fmin.reduce(np.abs(values[self.columns]) / self.lowest))
        return level if level == level else float("inf")  # noqa: PLR0124 - NaN

    def runs(self, values: Floats) -> bool:
        """Tell whether no metric is far below what it is while the machine runs."""
        return not np.any(np.abs(values[self.columns]) < _ON * self.usual)

    def around(self, rows: Floats, positions: Ints) -> Bools:
        """Tell which of the rows (n, M), seen at `positions` (n,), are off, in a switch or right after one."""
        size = np.abs(rows[:, self.columns])
        off = np.all(size < _OFF * self.usual, axis=1)
        running = np.all(size >= _ON * self.usual, axis=1)
        after = _since(~running, positions) <= WINDOW
        before = (_until(off, positions) <= self.longest) & np.any(size < self.lowest, axis=1)
        around: Bools = off | ~running | after | before
        return around


def running(rows: Floats, positions: Ints) -> Floats:
    """Return the rows (n, M) of a reference at `positions` (n,) in which the machine runs; all if it always does."""
    off = off_state_of(rows, positions) if rows.shape[1] > 1 else None
    if off is None:
        return rows
    runs = rows[~off.around(rows, positions)]
    return runs if len(runs) else rows


def off_state_of(rows: Floats, positions: Ints) -> OffState | None:
    """Find the off state in rows (n, M) of a reference, seen at `positions` (n,); None where there is none."""
    least = max(_LEAST_METRICS, rows.shape[1] / 2)
    if not len(rows) or np.count_nonzero(_may_tell(rows[:: len(rows) // _GLANCE + 1])) < least:
        return None
    size = np.abs(rows)
    usual = np.nan_to_num(np.nanquantile(size, _USUAL, axis=0))
    low, middle = size < _OFF * usual, (size >= _OFF * usual) & (size < _ON * usual)
    often = np.count_nonzero(low, axis=0)
    tells = (often >= _LEAST_SHARE * len(rows)) & (np.count_nonzero(middle, axis=0) <= often) & (usual > 0.0)
    columns = np.flatnonzero(tells)
    if len(columns) < least:
        return None
    off, running = np.all(low[:, columns], axis=1), np.all(size[:, columns] >= _ON * usual[columns], axis=1)
    if not _plain(off, np.any(low[:, columns], axis=1), running, positions):
        return None
    clear = running & (_since(~running, positions) > WINDOW) & (_until(~running, positions) > _CLEAR)
    if np.count_nonzero(clear) < _LEAST_CLEAR:
        return None
    lowest = _lowest(size[clear][:, columns])
    at_ease = np.all(size[:, columns] >= lowest, axis=1)
    takes = _since(at_ease, positions)[_began(off, positions)]
    longest = int(np.quantile(takes, 0.9)) + 1
    return OffState(columns, usual[columns], lowest, longest) if longest <= _LONGEST else None


def _lowest(size: Floats) -> Floats:
    """Return the size (D,) that hardly any of the running values (n, D) is below; a few odd ones do not count."""
    usual = np.median(size, axis=0)
    reach = _LOWEST_DEVIATIONS * MAD_TO_SIGMA * np.median(np.abs(size - usual), axis=0)
    lowest: Floats = np.maximum(np.quantile(size, _LOWEST, axis=0), usual - reach)
    return lowest


def _may_tell(rows: Floats) -> Bools:
    """Tell at a glance which metrics (M,) are often far below the most that they reach; most machines have none."""
    size = np.abs(rows)
    far_below: Bools = np.count_nonzero(size < _OFF * np.fmax.reduce(size), axis=0) >= _GLANCED * len(size)
    return far_below


def _plain(off: Bools, some: Bools, running: Bools, positions: Ints) -> bool:
    """Tell whether the metrics are near zero together, often enough, and not most of the time."""
    rows = np.count_nonzero(off)
    return bool(
        rows >= max(_LEAST_ROWS, np.count_nonzero(some) / 2)
        and np.count_nonzero(running) >= _LEAST_RUNNING * len(off)
        and np.count_nonzero(_began(off, positions)) >= _VISITS
    )


def _began(off: Bools, positions: Ints) -> Bools:
    """Tell at which rows the machine has just been switched off, with the row before at hand."""
    began = np.zeros(len(off), dtype=np.bool_)
    began[1:] = off[1:] & ~off[:-1] & (np.diff(positions) == 1)
    return began


def _since(marked: Bools, positions: Ints) -> Ints:
    """Return how many rows ago (n,) a marked one was; 0 for itself, many where there was none."""
    far = np.iinfo(np.int64).max // 2
    last: Ints = np.maximum.accumulate(np.where(marked, positions, -far))
    return positions - last


def _until(marked: Bools, positions: Ints) -> Ints:
    """Return how many rows later (n,) a marked one comes."""
    return _since(marked[::-1], -positions[::-1])[::-1]
