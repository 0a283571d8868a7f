"""How far apart the values of a device come that sends each on a topic of its own: the join window, learned.

A cycle is over when a metric comes again. Its longest pause lies between two bursts; what is left of the cycle is the
length of a burst, wherever within one the listening began.
"""

from __future__ import annotations

from msgspec import Struct, field

FIRST_S = 2.0
_LEAST_S, _MOST_S = 0.25, 10.0
_CYCLES, _ENOUGH = 16, 4
_SLACK = 1.5
_MOST_NAMES = 512


class Bursts(Struct):
    """Bursts of one device.

    Attributes:
        names: metrics of this cycle so far.
        began, newest: arrival of its first and of its newest value, epoch s.
        pause: the longest time between two values of it, s.
        lengths: of the newest bursts, s; cycles without a clear pause do not count.
    """

    names: list[str] = field(default_factory=list)
    began: float = 0.0
    newest: float = 0.0
    pause: float = 0.0
    lengths: list[float] = field(default_factory=list)

    def note(self, names: dict[str, float | None], arrived: float) -> None:
        """Take the metrics of one message that arrived at (epoch s)."""
        if self.names:
            self.pause = max(self.pause, arrived - self.newest)
            if not names.keys().isdisjoint(self.names) or len(self.names) > _MOST_NAMES:
                self._end(arrived)
        if not self.names:
            self.began, self.pause = arrived, 0.0
        self.names += names
        self.newest = arrived

    def window(self) -> float:
        """Return the seconds to wait for the values of a row: the longest of the newest bursts, and half as much."""
        if len(self.lengths) < _ENOUGH:
            return FIRST_S
        return min(max(_SLACK * max(self.lengths), _LEAST_S), _MOST_S)

    def _end(self, arrived: float) -> None:
        length = (arrived - self.began) - self.pause
        if len(self.names) > 1 and length <= self.pause:
            self.lengths = [*self.lengths, length][-_CYCLES:]
        self.names = []
