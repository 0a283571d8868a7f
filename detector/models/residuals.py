"""One metric alone: five residuals, each judged against its own history, the two rarest together are the score.

A single metric has no other to disagree with, so its past must tell: its level, its step, its deviation from a slow
mean, the shift of that mean, and its deviation from the same hour of the day. Each is turned into decades (minus
log10) of its tail probability, and so is the mean of the two rarest.
"""

from __future__ import annotations

from math import isnan, log10
from typing import TYPE_CHECKING, Any

import numpy as np

from detector.models.tail import Tail

if TYPE_CHECKING:
    from collections.abc import Mapping

_HOURS = 24
_SECONDS_PER_HOUR = 3600
_START = 100  # residuals that a tail starts from
_FAST, _SLOW = 0.1, 0.01
_HOUR_MEMORY = 60.0
_LEVEL_MEMORY = 5000.0
_KINDS = 5
_BOTH = _KINDS  # the mean of the two rarest has a history of its own


class Residuals:
    """Residuals of one metric.

    Attributes:
        count: values taken.
        last: the newest value; NaN at the start.
        level, slow, fast: means over a long, a medium and a short past.
        hours, visits: (24,) mean and number of values by hour of the day, UTC.
    """

    __slots__ = ("_starts", "_tails", "count", "fast", "hours", "last", "level", "slow", "visits")

    def __init__(self) -> None:
        self.count = 0
        self.last = float("nan")
        self.level = self.slow = self.fast = 0.0
        self.hours = [0.0] * _HOURS
        self.visits = [0.0] * _HOURS
        self._starts: list[list[float]] = [[] for _ in range(_KINDS + 1)]
        self._tails: list[Tail | None] = [None] * (_KINDS + 1)

    def add(self, value: float, at: float) -> float:
        """Take a value measured at `at` (epoch s); return its tail probability, 1 while too little is known."""
        if isnan(value):
            return 1.0
        hour = int(at // _SECONDS_PER_HOUR) % _HOURS
        first = self.count == 0
        residuals = (0.0,) * _KINDS if first else self._residuals(value, hour)
        self._follow(value, hour, first=first)
        if first:
            return 1.0
        decades = sorted(-log10(self._probability(kind, abs(residual))) for kind, residual in enumerate(residuals))
        both = 0.5 * (decades[-1] + decades[-2])
        return self._probability(_BOTH, both) if self._tails[0] is not None else 1.0

    def restart(self) -> None:
        """Forget the newest value, for a stream that begins again."""
        self.last = float("nan")

    def state(self) -> dict[str, Any]:
        """Return what `restored` needs."""
        tails = [None if tail is None else tail.state() for tail in self._tails]
        names = ("count", "last", "level", "slow", "fast", "hours", "visits")
        return {name: getattr(self, name) for name in names} | {"starts": self._starts, "tails": tails}

    @classmethod
    def restored(cls, state: Mapping[str, Any]) -> Residuals:
        """Rebuild from `state`."""
        residuals = cls()
        for name in ("count", "last", "level", "slow", "fast", "hours", "visits"):
            setattr(residuals, name, state[name])
        residuals._starts = state["starts"]
        residuals._tails = [None if tail is None else Tail.restored(tail) for tail in state["tails"]]
        return residuals

    def _residuals(self, value: float, hour: int) -> tuple[float, float, float, float, float]:
        step = 0.0 if isnan(self.last) else value - self.last
        fast = self.fast + _FAST * (value - self.fast)
        by_hour = value - self.hours[hour] if self.visits[hour] else 0.0
        return value - self.level, step, value - self.slow, fast - self.slow, by_hour

    def _follow(self, value: float, hour: int, *, first: bool) -> None:
        self.count += 1
        self.last = value
        self.level += (value - self.level) / min(self.count, _LEVEL_MEMORY)
        self.slow = value if first else self.slow + max(_SLOW, 1.0 / self.count) * (value - self.slow)
        self.fast = value if first else self.fast + _FAST * (value - self.fast)
        self.visits[hour] = min(self.visits[hour] + 1.0, _HOUR_MEMORY)
        self.hours[hour] += (value - self.hours[hour]) / self.visits[hour]

    def _probability(self, kind: int, number: float) -> float:
        """Return the tail probability of a number of a kind, and take it into its history; 1 at the start."""
        tail = self._tails[kind]
        if tail is not None:
            probability = tail.probability(number)
            tail.add(number)
            return probability
        start = self._starts[kind]
        start.append(number)
        if len(start) >= _START:
            self._tails[kind] = Tail.of(np.array(start), heavy=kind == _BOTH)
            start.clear()
        return 1.0
