"""One metric alone: five residuals, each judged against its own history; the two rarest together tell how odd it is.

A single metric has no other to disagree with, so its past must tell: its level, its step, its deviation from a slow
mean, the shift of that mean, and its deviation from the same hour of the week (none where that was never seen: the same
hour of another day misleads more than it tells). Each is turned into decades (minus log10) of its tail
probability. The mean of the two largest is again as rare as it says, on recorded streams, so it needs no calibration.
"""

from __future__ import annotations

from math import isnan, nan
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from detector.rows.history import BINS, rarity, remember
from detector.rows.time_units import HOUR_S

if TYPE_CHECKING:
    from collections.abc import Mapping

    from detector.rows.features import Floats

_HOURS = 168  # of a week
_START = 100  # values before anything is odd
_FAST, _SLOW = 0.1, 0.01  # weight of the newest value in a short and in a medium past
_HOUR_MEMORY = 60.0  # values of one hour of the week that its mean remembers
_LEVEL_MEMORY = 5000.0  # the same of the level
_KINDS = 5  # of residuals
_LAST, _LEVEL, _MEDIUM, _SHORT = 0, 1, 2, 3  # of the course


class Residuals:
    """Residuals of one metric.

    Attributes:
        count: values taken.
        course: (4,) the newest value (NaN at the start), and the means over a long, a medium and a short past.
        week: (2, 168) mean and number of values by hour of the week, UTC, from Thursday on.
        histories: (5, BINS) of each residual, see `detector.rows.history`.
        units: (5,) what the histories are measured in.
    """

    __slots__ = ("count", "course", "histories", "units", "week")

    def __init__(self) -> None:
        self.count = 0
        self.course: Floats = np.array([nan, 0.0, 0.0, 0.0])
        self.week: Floats = np.zeros((2, _HOURS))
        self.histories: Floats = np.zeros((_KINDS, BINS))
        self.units: Floats = np.zeros(_KINDS)

    def add(self, value: float, at: float) -> float:
        """Take a value measured at `at` (epoch s); return its tail probability, 1 while too little is known."""
        if isnan(value):
            return 1.0
        self.count += 1
        hour = int(at // HOUR_S) % _HOURS
        decades = _take(value, hour, self.count, self.course, self.week, self.histories, self.units)
        return float(10.0**-decades) if self.count > _START else 1.0

    def restart(self) -> None:
        """Forget the newest value, for a stream that begins again."""
        self.course[_LAST] = nan

    def state(self) -> dict[str, Any]:
        """Return what `restored` needs."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def restored(cls, state: Mapping[str, Any]) -> Residuals:
        """Rebuild from `state`."""
        residuals = cls()
        for name in cls.__slots__:
            setattr(residuals, name, state[name])
        return residuals


@njit(cache=True)
def _take(  # noqa: PLR0913, PLR0917 - compiled code takes flat arrays
    value: float, hour: int, count: int, course: Floats, week: Floats, histories: Floats, units: Floats
) -> float:  # pragma: no cover - compiled
    """Take the `count`-th value into everything; return the mean of its two rarest residuals, in decades."""
    largest = second = 0.0
    if count > 1:
        short = course[_SHORT] + _FAST * (value - course[_SHORT])
        known = week[1, hour] > 0.0
        residuals = (
            value - course[_LEVEL],
            0.0 if np.isnan(course[_LAST]) else value - course[_LAST],
            value - course[_MEDIUM],
            short - course[_MEDIUM],
            value - week[0, hour] if known else 0.0,
        )
        for kind in range(_KINDS if known else _KINDS - 1):
            away = abs(residuals[kind])
            decades = rarity(away, histories[kind], units[kind])
            units[kind] = remember(away, histories[kind], units[kind])
            second = max(second, min(decades, largest))
            largest = max(largest, decades)
    _follow(value, hour, count, course, week)
    return 0.5 * (largest + second)


@njit(cache=True)
def _follow(value: float, hour: int, count: int, course: Floats, week: Floats) -> None:  # pragma: no cover - compiled
    """Let the means follow the `count`-th value."""
    first = count == 1
    course[_LAST] = value
    course[_LEVEL] += (value - course[_LEVEL]) / min(count, _LEVEL_MEMORY)
    course[_MEDIUM] = value if first else course[_MEDIUM] + max(_SLOW, 1.0 / count) * (value - course[_MEDIUM])
    course[_SHORT] = value if first else course[_SHORT] + _FAST * (value - course[_SHORT])
    week[1, hour] = min(week[1, hour] + 1.0, _HOUR_MEMORY)
    week[0, hour] += (value - week[0, hour]) / week[1, hour]
