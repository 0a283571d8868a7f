"""When the weekly digest is due."""

from __future__ import annotations

from datetime import datetime, timedelta

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEK = timedelta(days=7)


def newest_due(now: datetime, weekday: int, hour: int) -> datetime:
    """Return the newest moment, not after now, at which a weekly digest was due.

    Args:
        now: aware; its zone is the one that day and hour speak of.
        weekday: Monday is 0.
        hour: 0 to 23.
    """
    due = (now - timedelta(days=(now.weekday() - weekday) % 7)).replace(hour=hour, minute=0, second=0, microsecond=0)
    return due if due <= now else due - _WEEK


def week_of(words: str | None, now: datetime) -> tuple[datetime, datetime]:
    """Return the beginning and the end of a week: "2026-W47", or the seven days before now.

    Raises:
        ValueError: the words are no week.
    """
    if words is None:
        return now - _WEEK, now
    try:
        year, _, week = words.strip().upper().partition("-W")
        start = datetime.fromisocalendar(int(year), int(week), 1).replace(tzinfo=now.tzinfo)
    except ValueError:
        raise ValueError(f"{words!r}: expected a week such as 2026-W47") from None
    return start, start + _WEEK
