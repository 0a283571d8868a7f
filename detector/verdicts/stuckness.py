"""Whether a metric is stuck: it keeps one value for far longer than chance and its own habit would have it.

A metric that hardly ever repeats a value is stuck after a few readings; one that is read coarsely, or rests while the
machine is off, after many.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from detector.rows.reference import RUN
from detector.verdicts.findings import Finding

if TYPE_CHECKING:
    from detector.models.fit import FittedModel
    from detector.rows.features import Floats, Ints
    from detector.rows.stream import Stream

_RARE = 1e-9  # of a run by chance
_LEAST = 6
_LONGER = 2  # times the longest run of the reference
_IMMOBILE = 0.2  # of the reference in one run: a metric that hardly ever moves may stay as it is for ever
_FOREVER = np.iinfo(np.int32).max


class Stuckness:
    """How long the metrics of a model may keep one value.

    Attributes:
        columns: (M,) where they stand.
        longest: (M,) readings.
        inside: (2, M) between which a value may be stuck; one beyond has moved there, or rests at its limit.
    """

    __slots__ = ("columns", "inside", "longest")

    def __init__(self, model: FittedModel, columns: Ints) -> None:
        self.columns = columns
        rows = [model.rows[:, model.columns.index(name)] for name in model.metrics]
        self.inside: Floats = np.array([[np.nanmin(column), np.nanmax(column)] for column in rows]).T.copy()
        longest: Ints = np.array([longest_run(column) for column in rows], dtype=np.int64)
        # A thinned reference holds pieces: a metric that rested through one of them may have rested for much longer.
        cut = np.any(np.diff(model.positions) > 1) & np.array([_rested(column) for column in rows], dtype=np.bool_)
        self.longest: Ints = np.where(cut, _FOREVER, longest)

    def find(self, stream: Stream) -> Finding | None:
        """Find a metric that has kept its value for too long."""
        column = _stuck(stream.features.same, stream.features.features[0], self.columns, self.longest, self.inside)
        return Finding(_RARE, opens=True, keeps=True, kind="stuck", metric=column) if column >= 0 else None


def _rested(column: Floats) -> bool:
    values = column[~np.isnan(column)]
    moves = np.flatnonzero(np.diff(values) != 0.0)
    return bool(np.max(np.diff(np.concatenate(([-1], moves, [len(values) - 1])))) >= RUN / 2)


def longest_run(column: Floats) -> int:
    """Return how many readings in a row of a metric may be equal, given those of its reference (n,); NaN is none."""
    values = column[~np.isnan(column)]
    if len(values) < _LEAST:
        return _FOREVER
    same = np.diff(values) == 0.0
    moves = np.flatnonzero(~same)
    run = int(np.max(np.diff(np.concatenate(([-1], moves, [len(values) - 1])))))
    if run >= _IMMOBILE * len(values):
        return _FOREVER
    often = (np.count_nonzero(same) + 1.0) / (len(same) + 2.0)
    by_chance = 1.0 + np.ceil(np.log(_RARE) / np.log(often))
    return int(max(by_chance, _LONGER * run, _LEAST))


@njit(cache=True)
def _stuck(
    same: Ints, values: Floats, columns: Ints, longest: Ints, inside: Floats
) -> int:  # pragma: no cover - compiled
    for m in range(len(columns)):
        c = columns[m]
        if same[c] > longest[m] and inside[0, m] < values[c] < inside[1, m]:
            return int(c)
    return -1
