"""Devices' clocks: trusted when they are about right, corrected when they are steadily wrong, else left aside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec import Struct

TRUSTED_S = 300.0
_STEADY_S = 60.0
_STEADY_COUNT = 3
_QUARTER_S = 900.0
_ZONE_SLACK_S = 120.0
_MOST_ZONE_S = 14 * 3600.0


class Clock(Struct):
    """What is known of a device's clock: the newest offset (device minus arrival, s), how often it was the same."""

    offset: float = 0.0
    same: int = 0
    said: bool = False


def corrected(clock: Clock, at: datetime | None, arrived: datetime) -> tuple[datetime, str | None]:
    """Decide when a live reading was measured.

    Args:
        clock: of the device; changed in place.
        at: the device's own time, naive when it names no zone.
        arrived: aware UTC.

    Returns:
        An aware time, and once a remark about a clock that is wrong.
    """
    if at is None:
        return arrived, None
    naive = at.tzinfo is None
    at = at.replace(tzinfo=UTC) if naive else at
    offset = (at - arrived).total_seconds()
    if abs(offset) <= TRUSTED_S:
        clock.same = 0
        return at, None
    steady = abs(offset - clock.offset) <= _STEADY_S
    clock.offset, clock.same = offset, clock.same + 1 if steady else 0
    quarters = round(offset / _QUARTER_S)
    by_zone = abs(offset - quarters * _QUARTER_S) <= _ZONE_SLACK_S and abs(offset) <= _MOST_ZONE_S
    if naive and by_zone:
        return at - timedelta(seconds=quarters * _QUARTER_S), _once(clock, _zone_words(quarters))
    if clock.same < _STEADY_COUNT:
        return arrived, None
    words = f"its clock is {abs(offset):.0f} s {'ahead' if offset > 0 else 'behind'}; corrected"
    return at - timedelta(seconds=clock.offset), _once(clock, _zone_words(quarters) if by_zone else words)


def _once(clock: Clock, words: str) -> str | None:
    if clock.said:
        return None
    clock.said = True
    return words


def _zone_words(quarters: int) -> str:
    hours = quarters / 4
    return f"its times are {hours:+g} h from UTC; a profile with `time: {{zone: …}}` names the zone"
