"""Which metrics a device may have when it has too many: those that keep coming, not those that were there first.

A device that puts numbers or addresses into its keys makes new names without end. Beyond the limit a name is let in
only after it has come several times, and only in the place of one that was not heard for a day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Iterable

STALE_S = 86_400.0
_PROOF = 10
_MOST_SAID = 5


class Crowd(Struct):
    """What is kept of a device that has reached its limit; each mapping is as long as the limit at most.

    Attributes:
        heard: when (epoch s) each metric came last, since the limit was reached.
        asking: by name that was left out, how often it came; who came longest ago stands first.
        replaced: places given to others; as many as the limit, then no more, so that the detector's columns stay few.
        said: names of which the user was told.
    """

    heard: dict[str, float] = field(default_factory=dict)
    asking: dict[str, int] = field(default_factory=dict)
    replaced: int = 0
    said: int = 0


def crowded(metrics: Iterable[str], now: float) -> Crowd:
    """Begin to watch the metrics of a device that has reached its limit."""
    return Crowd(heard=dict.fromkeys(metrics, now))


def place_for(crowd: Crowd, name: str, now: float, most: int) -> str | None:
    """Count a name beyond the limit.

    Returns:
        The metric that gives way to it, the one heard longest ago; None when the name is left out.
    """
    count = crowd.asking.pop(name, 0) + 1
    crowd.asking[name] = count
    if len(crowd.asking) > most:
        del crowd.asking[next(iter(crowd.asking))]
    if count % _PROOF or crowd.replaced >= most:
        return None
    stalest = min(crowd.heard, key=crowd.heard.__getitem__)
    if now - crowd.heard[stalest] < STALE_S:
        return None
    del crowd.heard[stalest], crowd.asking[name]
    crowd.heard[name] = now
    crowd.replaced += 1
    return stalest


def to_be_said(crowd: Crowd) -> bool:
    """Tell whether the user is to be told of another name that was left out: of the first few."""
    crowd.said += 1
    return crowd.said <= _MOST_SAID
