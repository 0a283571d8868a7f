"""Whether a metric is stuck: it keeps one value for far longer than chance and its own habit would have it.

A metric that hardly ever repeats a value is stuck after a few readings; one that is read coarsely, or rests while the
machine is off, after many. How often it repeats one depends on how fast it moves: a coarse sensor under steady control,
or at night, stands still for longer than a reference of busier hours shows. So it is also asked how often it has
repeated values just before: a metric that came to rest slowly must rest for far longer than one that stops at once.
"""

from __future__ import annotations

from math import ceil, log
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from detector.rows.reference import RUN
from detector.verdicts.findings import ruled

if TYPE_CHECKING:
    from detector.models.scorer import Scorer
    from detector.rows.features import Floats, Ints
    from detector.rows.stream import Stream
    from detector.verdicts.findings import Finding

_RARE = 1e-9  # of a run by chance
_LEAST = 6  # readings
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

    def __init__(self, scorer: Scorer) -> None:
        self.columns = scorer.columns
        self.inside: Floats = scorer.ranges.seen
        # A thinned reference holds pieces: a metric that rested through one of them may have rested for much longer.
        longest_whole = RUN / 2 if np.any(np.diff(scorer.model.positions) > 1) else np.inf
        runs = [_runs(column) for column in np.ascontiguousarray(scorer.ranges.rows().T)]
        self.longest: Ints = np.array(
            [_FOREVER if run >= longest_whole else _longest(count, same, run) for count, same, run in runs],
            dtype=np.int64,
        )

    def find(self, stream: Stream) -> Finding | None:
        """Find a metric that has kept its value for too long."""
        window = stream.features
        column = _stuck(window.same, window.repeats, window.features[0], self.columns, self.longest, self.inside)
        return ruled("stuck", column) if column >= 0 else None


def _longest(count: int, same: int, run: int) -> int:
    if count < _LEAST or run >= _IMMOBILE * count:
        return _FOREVER
    often = (same + 1.0) / (count + 1.0)
    by_chance = 1.0 + ceil(log(_RARE) / log(often))
    return int(max(by_chance, _LONGER * run, _LEAST))


@njit(cache=True)
def _runs(column: Floats) -> tuple[int, int, int]:  # pragma: no cover - compiled
    """Return how many values there are, how many of them equal the one before, and the longest run of equal ones."""
    count, same, longest, run = 0, 0, 0, 0
    last = np.nan
    for value in column:
        if np.isnan(value):
            continue
        count += 1
        if value == last:
            same += 1
            run += 1
        else:
            run = 1
        last = value
        longest = max(longest, run)
    return count, same, longest


@njit(cache=True)
def _stuck(  # noqa: PLR0913, PLR0917 - compiled code takes flat arrays
    same: Ints, repeats: Floats, values: Floats, columns: Ints, longest: Ints, inside: Floats
) -> int:  # pragma: no cover - compiled
    for m in range(len(columns)):
        c = columns[m]
        if same[c] > longest[m] and inside[0, m] < values[c] < inside[1, m] and repeats[c] ** same[c] < _RARE:
            return int(c)
    return -1
