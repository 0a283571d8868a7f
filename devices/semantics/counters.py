"""Counters: what only rises is watched as its rate; a fall is a reset."""

from __future__ import annotations

import re

from msgspec import Struct

from contracts.rates import hourly_rate

_NAMES = re.compile(
    r"(?:^|[._\-\s/:])(?:total|energy|uptime|uptimesec|consumption|kwh|wh|pulses?|odometer|runtime|on_time)[_\-\s\d]*$",
    re.ASCII | re.IGNORECASE,
)
_TRIAL = 8


class Counter(Struct):
    """One metric that may be a counter.

    Attributes:
        last: newest value; at: its time, epoch s.
        rises: how often it rose without a fall while nobody knew; -1 once it is known.
        level: it fell too often to be a counter.
    """

    last: float
    at: float
    rises: int = 0
    falls: int = 0
    level: bool = False


def may_count(name: str) -> bool:
    """Tell whether a metric's name is one that counters have."""
    return _NAMES.search(name) is not None


def step(counter: Counter, value: float, at: float, *, known: bool) -> tuple[float | None, bool]:
    """Take a counter's next value.

    While it is on trial (by its name alone) nothing is given, so that what it means never changes under a model.

    Args:
        counter: changed in place.
        value: newest value.
        at: its time, epoch s.
        known: it is declared to be a counter.

    Returns:
        Its rate an hour, None when there is none yet or after a reset; and whether it is a level after all.
    """
    if at < counter.at:  # history: what is newer was counted
        return None, counter.level
    risen, seconds = value - counter.last, at - counter.at
    counter.last, counter.at = value, at
    if not known and counter.rises >= 0 and not counter.level:
        counter.falls += risen < 0
        counter.rises += risen >= 0
        if counter.falls > 1:
            counter.level = True
        elif counter.rises >= _TRIAL:
            counter.rises = -1
        return None, counter.level
    if counter.level:
        return None, True
    return hourly_rate(risen, seconds), False
