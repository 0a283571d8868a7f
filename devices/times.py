"""Times as devices write them: epochs of any unit, ISO text with and without zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from math import isfinite

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OLDEST = 946_684_800.0  # 2000: what lies before is a clock that was never set
_NEWEST = 4_102_444_800.0  # 2100
_UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3), (0.0, 1.0))
UNITS = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}
_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,9}))?\s*(Z|UTC|[+-]\d\d:?\d\d|[+-]\d\d)?",
    re.ASCII | re.IGNORECASE,
)
_DIGITS = re.compile(r"\d{9,19}(?:\.\d+)?", re.ASCII)
_SHORTEST = 16


def from_epoch(value: float, unit: str = "auto") -> datetime | None:
    """Read an epoch as aware UTC; `auto` finds the unit by size.

    Returns:
        None when the time is not between 2000 and 2100: then it is none, or of a clock that was never set.
    """
    if not isfinite(value):
        return None
    factor = UNITS[unit] if unit in UNITS else next(factor for least, factor in _UNITS if abs(value) >= least)
    seconds = value / factor
    if not _OLDEST <= seconds <= _NEWEST:
        return None
    if isinstance(value, int):  # exact to the microsecond, cut and not rounded
        return _EPOCH + timedelta(microseconds=value * 1_000_000 // int(factor))
    return _EPOCH + timedelta(microseconds=round(seconds * 1e6))


def from_text(text: str) -> datetime | None:
    """Read ISO 8601 text: aware UTC when it names a zone, naive when it does not; None when it is none.

    Digits beyond microseconds are cut.
    """
    text = text.strip()
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    day, clock, fraction, zone = match.groups()
    try:
        at = datetime.fromisoformat(
            f"{day}T{clock}.{(fraction or '0')[:6]:0<6}{_zone(zone)}"
            if clock.count(":") == 2  # noqa: PLR2004
            else f"{day}T{clock}:00{_zone(zone)}"
        )
        at = at if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if _OLDEST <= at.replace(tzinfo=UTC).timestamp() <= _NEWEST else None


def _zone(zone: str | None) -> str:
    if zone is None:
        return ""
    return "+00:00" if zone.upper() in {"Z", "UTC"} else zone


def moment(value: object, unit: str = "auto") -> datetime | None:
    """Read a time of either form: a number, digits as text, or ISO text."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        return from_epoch(value, unit)
    if not isinstance(value, str):
        return None
    text = value.strip()
    if _DIGITS.fullmatch(text):
        return from_epoch(float(text) if "." in text else int(text), unit)
    return from_text(text)


def is_time_text(text: str) -> bool:
    """Tell whether a text is a time in ISO form."""
    return len(text) >= _SHORTEST and text[0] in "12" and text[:4].isdigit() and from_text(text) is not None


def written(at: datetime) -> str:
    """Write a time: UTC with Z, naive as it came; no more digits than it has."""
    digits = "seconds" if not at.microsecond else "microseconds" if at.microsecond % 1000 else "milliseconds"
    return at.isoformat(timespec=digits).replace("+00:00", "Z")
