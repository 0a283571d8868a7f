"""What a device has buffered: kept until something newer is known of it, so that it is never taken for live."""

from __future__ import annotations

from bisect import bisect_left, insort

from msgspec import Struct, field

from devices.semantics.ordering import Held, Ready

_MOST, _MOST_VALUES = 200, 4000  # readings, and values of all of them: they are stored with every change


class Backlog(Struct):
    """History of one device that is newer than what is known of it: it waits for the next live reading.

    Attributes:
        held: readings, the oldest first; of more than there is room for, the oldest go.
    """

    held: list[Held] = field(default_factory=list)

    def keep(self, ready: Ready, arrived: float) -> bool:
        """Keep a reading that arrived at (epoch s); tell whether there was room for all."""
        insort(self.held, Held(ready.reading.measured_at.timestamp(), arrived, ready), key=_measured)
        most = min(_MOST, _MOST_VALUES // max(len(ready.reading.values), 1))
        full = len(self.held) > most
        if full:
            del self.held[: len(self.held) - most]
        return not full

    def older_than(self, newest: float) -> list[Ready]:
        """Take out what was measured before `newest` (epoch s), oldest first."""
        count = bisect_left(self.held, newest, key=_measured)
        taken, self.held = self.held[:count], self.held[count:]
        return [one.ready for one in taken]


def _measured(one: Held) -> float:
    return one.at
