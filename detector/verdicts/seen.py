"""What the reference has shown of each metric: how low and how high it went, and how often it came and went.

A reference of few loads does not know how high the next one is: of n that came and went, about one in n lies outside
of them all. So what goes a little beyond is no news while the other metrics explain it; how much that may be shrinks
with the number of swings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detector.models.off_state import running
from detector.rows.features import WINDOW
from detector.verdicts.course import carried
from detector.verdicts.remains import remains_of, remains_within

if TYPE_CHECKING:
    from detector.models.off_state import Bools
    from detector.models.scorer import Scorer
    from detector.rows.features import Floats
    from detector.rows.stream import Stream

_MARGIN = 0.1  # of what a metric's values span
_UNSEEN = 5.0  # the same for want of loads, divided by their number: one normal load in a thousand is so far beyond
_LOW, _HIGH = 0.25, 0.75  # quantiles: a swing goes from one to the other
_LEVELS = 2  # features: the value, and the mean of the newest ones


class Seen:
    """What one model has seen.

    Attributes:
        limits: (2, C) lowest and highest value of each metric; inf and -inf where there is none.
    """

    __slots__ = ("_explained", "_unseen", "limits")

    def __init__(self, metrics: int, scorer: Scorer | None = None) -> None:
        self.limits: Floats = np.array([[np.inf], [-np.inf]]) * np.ones(metrics)
        self._unseen: dict[int, float] = {}
        self._explained: dict[int, tuple[float, float]] = {}
        if scorer is not None:
            rows = scorer.rows()
            self.limits[:, scorer.columns] = np.fmin.reduce(rows), np.fmax.reduce(rows)

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

    def _room(self, scorer: Scorer, m: int) -> float:
        """Return how far beyond what was seen of a metric its next load may be, as a share of what it spans."""
        if m not in self._unseen:
            self._unseen[m] = _UNSEEN / (1.0 + swings(scorer.rows()[:, m]))
        return self._unseen[m]

    def _explains(self, newest: Floats, scorer: Scorer, m: int) -> bool:
        """Tell whether the other metrics explain one in newest (n, C) as well as they did in the reference."""
        if m not in self._explained:
            rows = carried(running(scorer.rows(), scorer.model.positions))
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
