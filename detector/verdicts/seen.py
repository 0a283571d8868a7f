"""What the reference has shown of each metric: how low and how high it went, and how often it came and went.

A reference of few loads does not know how high the next one is: of n that came and went, about one in n lies outside
of them all. So what goes a little beyond is no news while the other metrics explain it; how much that may be shrinks
with the number of swings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from detector.models.off_state import running
from detector.rows.features import WINDOW
from detector.rows.stream import EVENT
from detector.rows.time_units import DAY_S
from detector.verdicts.course import carried
from detector.verdicts.remains import remains_of, remains_within
from detector.verdicts.trail import knows_a_day

if TYPE_CHECKING:
    from detector.models.scorer import Scorer
    from detector.rows.features import Bools, Floats
    from detector.rows.stream import Stream

_MARGIN = 0.1  # of what a metric's values span
_UNSEEN = 5.0  # the same for want of loads, divided by their number: one normal load in a thousand is so far beyond
_LOW, _HIGH = 0.25, 0.75  # quantiles: a swing goes from one to the other
_FAR = 0.5  # of what a metric's values span: no slow wander goes so far in one go
_ALONE = 1.0  # the same for one value, which may be a lone one: as far as all that was seen is wide
_ENOUGH = 1000  # rows learned: fewer do not show what a metric spans, unless they have seen a whole day
_FOLLOWS_S = DAY_S
_MEAN = 1  # feature
_LEVELS = 2  # features: the value, and the mean of the newest ones


class Seen:
    """What one model has seen.

    Attributes:
        limits: (2, C) lowest and highest value of each metric; inf and -inf where there is none.
        reached: (2, C) the same, following within a day what the normal course has reached since; -inf and inf where
            there is none.
    """

    __slots__ = ("_explained", "_rooms", "_unseen", "limits", "reached")

    def __init__(self, metrics: int, scorer: Scorer | None = None) -> None:
        self.limits: Floats = np.array([[np.inf], [-np.inf]]) * np.ones(metrics)
        self._unseen: dict[int, float] = {}
        self._rooms: Floats | None = None
        self._explained: dict[int, tuple[float, float]] = {}
        if scorer is not None:
            self.limits[:, scorer.columns] = scorer.ranges.seen
        self.reached = np.where(np.isfinite(self.limits), self.limits, -self.limits)

    def outside(self, values: Floats) -> Bools:
        """Tell which of values (..., C) are clearly out of what was seen."""
        low, high = self.limits
        return _beyond(values, low, high, _MARGIN)

    def exceeded(self, stream: Stream, scorer: Scorer, metric: str) -> bool:
        """Tell whether a modelled metric, or its mean, is further out now than the next load may take it."""
        m = scorer.model.metrics.index(metric)
        column = int(scorer.columns[m])
        newest = stream.features.features[:_LEVELS]
        if not self.outside(newest)[:, column].any():
            return False
        low, high = self.limits[:, column]
        far = _beyond(newest[:, column], low, high, _MARGIN + self._room(scorer, m))
        return bool(far.any()) or not self._explains(newest, scorer, m)

    def wide(self, stream: Stream, scorer: Scorer) -> bool:
        """Tell whether the reference is long enough to show what its metrics span."""
        return scorer.model.learned >= _ENOUGH or knows_a_day(stream, scorer)

    def strayed(self, stream: Stream, scorer: Scorer) -> int:
        """Return a column whose newest values are, on average, far outside of all that was ever seen; -1 for none.

        A scale that grows with the time since the reference may find such a value usual, when it comes slowly: a room
        that cools down, a freezer that thaws. Half of what was spanned, and more where few swings were seen, is too
        far.
        """
        outside = self._outside_reached(stream)
        for m, column in enumerate(scorer.columns.tolist()):
            span = self.limits[1, column] - self.limits[0, column]
            if outside[column] > _FAR * span > 0.0 and outside[column] > (_MARGIN + self._room(scorer, m)) * span:
                return int(column)
        return -1

    def grow(self, stream: Stream) -> None:
        """Take the newest means of a reading in which nothing is wrong: a season takes limits along, a day does not."""
        outside = self._outside_reached(stream)
        weight = min(stream.interval(EVENT) / _FOLLOWS_S, 1.0)
        step = weight * np.nan_to_num(np.maximum(outside, 0.0))
        below = stream.features.features[_MEAN] < self.reached[0]
        self.reached[0] -= np.where(below, step, 0.0)
        self.reached[1] += np.where(below, 0.0, step)

    def left(self, stream: Stream) -> bool:
        """Tell whether any metric, or its mean, is outside of what was reached: rarely so."""
        return bool(_any_outside(stream.features.features[:_LEVELS], self.reached))

    def _outside_reached(self, stream: Stream) -> Floats:
        """Return how far the newest means (C,) are outside of what was reached; below 0 for inside."""
        means = stream.features.features[_MEAN]
        outside: Floats = np.maximum(means - self.reached[1], self.reached[0] - means)
        return outside

    def room(self, scorer: Scorer) -> Floats:
        """Return how far outside of what was seen one value (C,) may be, in what that spans."""
        if self._rooms is None:
            self._rooms = np.full(self.limits.shape[1], np.inf)
            self._rooms[scorer.columns] = [
                max(_ALONE, _MARGIN + self._room(scorer, m)) for m in range(len(scorer.columns))
            ]
        return self._rooms

    def _room(self, scorer: Scorer, m: int) -> float:
        """Return how far beyond what was seen of a metric its next load may be, as a share of what it spans."""
        if m not in self._unseen:
            self._unseen[m] = _UNSEEN / (1.0 + swings(scorer.ranges.column(m)))
        return self._unseen[m]

    def _explains(self, newest: Floats, scorer: Scorer, m: int) -> bool:
        """Tell whether the other metrics explain one in newest (n, C) as well as they did in the reference."""
        if m not in self._explained:
            rows = carried(running(scorer.ranges.rows(), scorer.model.positions))
            remains = remains_within(rows, scorer.model, m)
            self._explained[m] = float(np.fmin.reduce(remains)), float(np.fmax.reduce(remains))
        return not _beyond(remains_of(newest, scorer, m), *self._explained[m], _MARGIN).any()


def swings(values: Floats) -> int:
    """Count how often a metric (n,) went from its lower quarter to its upper one, or back; noise hardly counts."""
    there = values[np.isfinite(values)]
    whole = len(there) // WINDOW * WINDOW
    if not whole:
        return 0
    means = there[:whole].reshape(-1, WINDOW).mean(axis=1)
    low, high = np.quantile(means, (_LOW, _HIGH))
    side = (means >= high).astype(int) - (means <= low).astype(int)
    return int(np.count_nonzero(np.diff(side[side != 0])))


def _beyond(values: Floats, low: Floats | float, high: Floats | float, share: float) -> Bools:
    """Tell which values lie outside of a range by more than a share of it; what is not measured does not."""
    room = share * (np.asarray(high) - low)
    beyond: Bools = (values < low - room) | (values > high + room)
    return beyond


@njit(cache=True)
def _any_outside(features: Floats, reached: Floats) -> bool:  # pragma: no cover - compiled
    for level in features:
        for column in range(len(level)):
            if level[column] < reached[0, column] or level[column] > reached[1, column]:
                return True
    return False
