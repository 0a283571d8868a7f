"""Spans of time in which people work on a machine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Dated:
    """Once: from `since` until before `until`, epoch s."""

    since: float
    until: float

    def covers(self, at: float) -> bool:
        """Tell whether it holds the moment `at` (epoch s)."""
        return self.since <= at < self.until


@dataclass(frozen=True, slots=True)
class Weekly:
    """Every week: on these days (0 is Monday) between two times of day, by the wall clock of a zone.

    Attributes:
        days: on which a window begins.
        begin, until: seconds of the day; an `until` that is not after `begin` is that of the next day.
        zone: whose clock; where it is put forward or back, the window goes with it.
    """

    days: frozenset[int]
    begin: float
    until: float
    zone: ZoneInfo

    def covers(self, at: float) -> bool:
        """Tell whether one of the windows holds the moment `at` (epoch s)."""
        there = datetime.fromtimestamp(at, UTC).astimezone(self.zone)
        second = there.hour * 3600.0 + there.minute * 60.0 + there.second
        today = there.weekday()
        if self.begin < self.until:
            return today in self.days and self.begin <= second < self.until
        return (today in self.days and second >= self.begin) or ((today - 1) % 7 in self.days and second < self.until)
