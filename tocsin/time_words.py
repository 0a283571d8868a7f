"""Times as people write and read them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_UNITS = {"s": "seconds", "m": "minutes", "min": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|min|h|d|w)")
_TENTHS_S = 9.95
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86_400


def moment(words: str, now: datetime) -> datetime:
    """Read "2h", "30m", "7d" (ago), or an ISO time; one without a zone is on this machine's clock.

    Raises:
        ValueError: it is neither; the text says what was expected.
    """
    try:
        if (span := span_in(words)) is not None:
            return now - span
        return datetime.fromisoformat(words.strip()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(
            f"{words!r}: expected a span such as 30m, 2h or 7d, or a time such as 2026-11-22T06:30"
        ) from None


def span_in(words: str) -> timedelta | None:
    """Read "2h", "30m", "7d"; None for anything else.

    Raises:
        OverflowError: nobody lives that long.
    """
    span = _SPAN.fullmatch(words.strip().lower())
    return None if span is None else timedelta(**{_UNITS[span[2]]: float(span[1])})


def clock(time: datetime) -> str:
    """Write a time of today on this machine's clock."""
    return f"{time.astimezone():%H:%M:%S}"


def day_and_clock(time: datetime) -> str:
    """Write a time on this machine's clock."""
    return f"{time.astimezone():%Y-%m-%d %H:%M:%S}"


def moment_with_zone(time: datetime) -> str:
    """Write a time on this machine's clock with its zone, for where words in UTC stand beside it."""
    return f"{day_and_clock(time)} {time.astimezone():%Z}"


def shortly(time: datetime, now: datetime) -> str:
    """Write a time on this machine's clock, without what is the same as now: the day, or the year."""
    there, here = time.astimezone(), now.astimezone()
    if there.date() == here.date():
        return f"{there:%H:%M:%S}"
    return f"{there:%m-%d %H:%M}" if there.year == here.year else f"{there:%Y-%m-%d}"


def span_words(span: timedelta) -> str:
    """Write a duration shortly: "42 s", "5 min 3 s", "2 h 10 min", "3 d 4 h"."""
    return span_words_s(span.total_seconds())


def span_words_s(duration_s: float) -> str:
    """Write a duration in seconds shortly; below ten with one decimal."""
    if 0 < duration_s < _TENTHS_S:
        return f"{duration_s:.1f} s"
    seconds = max(0, round(duration_s))
    if seconds < _MINUTE_S:
        return f"{seconds} s"
    if seconds < _HOUR_S:
        return _pair(seconds, _MINUTE_S, "min", 1, "s")
    if seconds < _DAY_S:
        return _pair(seconds, _HOUR_S, "h", _MINUTE_S, "min")
    return _pair(seconds, _DAY_S, "d", _HOUR_S, "h")


def _pair(seconds: int, large: int, large_name: str, small: int, small_name: str) -> str:
    rest = seconds % large // small
    return f"{seconds // large} {large_name}" + (f" {rest} {small_name}" if rest else "")
