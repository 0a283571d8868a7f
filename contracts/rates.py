"""What is said of a counter, which only rises: its rate an hour, under a name and a unit of its own."""

from __future__ import annotations

from typing import Final

PER_HOUR: Final = "/h"  # behind the counter's name: energy/h; and behind its unit: kWh/h
MAX_UNIT_CHARACTERS: Final = 32
_MOST_HOURS: Final = 24 * 7


def rate_unit(unit: str) -> str:
    """Return the unit of a counter's rate."""
    return f"{unit}{PER_HOUR}"[:MAX_UNIT_CHARACTERS]


def hourly_rate(risen: float, seconds: float) -> float | None:
    """Return what a counter rises by an hour; None after a fall, which is a reset, and over no time or a week and more.

    Args:
        risen: since its last value.
        seconds: since then.
    """
    hours = seconds / 3600.0
    return None if risen < 0 or not 0 < hours <= _MOST_HOURS else risen / hours
