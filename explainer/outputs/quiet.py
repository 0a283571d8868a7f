"""Hours in which only what is loud enough is told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_HOURS = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` to `end` on the clock of a place, every day; over midnight when the end is the earlier."""

    start: time
    end: time
    zone: ZoneInfo

    def over_at(self, now: datetime) -> datetime | None:
        """Return when the quiet that holds now ends, in UTC; None when none holds."""
        local = now.astimezone(self.zone)
        for begun in (local.date() - timedelta(days=1), local.date()):
            start = datetime.combine(begun, self.start, self.zone)
            ends = begun if self.start < self.end else begun + timedelta(days=1)
            end = datetime.combine(ends, self.end, self.zone)
            # Compared in UTC: two times of one zone would be compared by the clock on the wall.
            if start.astimezone(UTC) <= now.astimezone(UTC) < end.astimezone(UTC):
                return end.astimezone(UTC)
        return None


def read_hours(words: str) -> tuple[time, time]:
    """Read "22:00-06:00".

    Raises:
        ValueError: these are no two times, or twice the same.
    """
    found = _HOURS.fullmatch(words.strip())
    expected = f"{words!r}: expected two times such as 22:00-06:00"
    if found is None:
        raise ValueError(expected)
    try:
        start, end = (time(int(found[i]), int(found[i + 1])) for i in (1, 3))
    except ValueError:
        raise ValueError(expected) from None
    if start == end:
        raise ValueError(f"{words!r}: expected two different times")
    return start, end
