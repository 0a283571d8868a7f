"""Readings put into order of time, for devices that are seen to send them out of order.

Nothing is held of a device whose times only rise. Once one comes a little too late, its readings wait until they are
`hold` seconds older than the newest, or have waited that long. What is older still is history: it goes on at once, and
is kept without being judged.
"""

from __future__ import annotations

from bisect import insort

from msgspec import Struct, field

from contracts.reading import Reading

_CALM = 1000  # readings in order after which nothing is held any more
_MOST = 64


class Ready(Struct, frozen=True):
    """A reading for the detector; `identity` names its content, None when only its arrival tells it from another."""

    reading: Reading
    identity: bytes | None = None


class Held(Struct):
    """A reading that waits: measured and arrived at (epoch s)."""

    at: float
    arrived: float
    ready: Ready


class Sorter(Struct):
    """Puts the readings of one device into order.

    Attributes:
        held: readings that wait, the oldest first.
        newest: measured time (epoch s) of the newest reading that came.
        given: the same of the newest that was given on.
        watch: readings for which to go on holding.
    """

    held: list[Held] = field(default_factory=list)
    newest: float = 0.0
    given: float = 0.0
    watch: int = 0

    def add(self, ready: Ready, arrived: float, hold: float) -> list[Ready]:
        """Take a reading; return those whose turn it is, oldest first.

        Args:
            ready: with the device's own time.
            arrived: epoch s.
            hold: seconds that a reading may wait.
        """
        at = ready.reading.measured_at.timestamp()
        behind = self.newest - at
        self.watch = _CALM if 0.0 < behind <= hold else max(self.watch - 1, 0)
        self.newest = max(self.newest, at)
        if at < self.given or behind > hold:
            return [ready]
        insort(self.held, Held(at, arrived, ready), key=_measured)
        return self.due(arrived, hold)

    def due(self, now: float, hold: float) -> list[Ready]:
        """Return the readings whose turn it is at `now` (epoch s), oldest first."""
        held = self.held
        count = len(held) if not self.watch else max(len(held) - _MOST, 0)
        for index in range(count, len(held)):
            one = held[index]
            if one.at <= self.newest - hold or now - one.arrived >= hold:
                count = index + 1
        if not count:
            return []
        self.given = max(self.given, held[count - 1].at)
        self.held = held[count:]
        return [one.ready for one in held[:count]]


def _measured(one: Held) -> float:
    return one.at
