"""Which incident is asked about next: the most severe first, while others rest after a failure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from storage import explaining

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from storage.explaining import Connection
    from storage.records import AlertRecord

LONGEST_REST_S = 3600.0
_FIRST_REST_S = 15.0


@dataclass(slots=True)
class Waiting:
    """Remembers until when incidents rest; each failure doubles an incident's rest, up to an hour.

    Attributes:
        clock: monotonic seconds.
    """

    clock: Callable[[], float]
    _rests: dict[str, tuple[float, float]] = field(default_factory=dict)  # incident: until when, and how long it was
    _everything_rests_until: float = 0.0

    @property
    def everything_rests(self) -> bool:
        """Tell whether the provider asked to be left alone."""
        return self.clock() < self._everything_rests_until

    def next(self, connection: Connection, count: int, before: datetime) -> list[AlertRecord]:
        """Return so many incidents at most that were owed before a moment and do not rest."""
        now = self.clock()
        self._rests = {incident: rest for incident, rest in self._rests.items() if rest[0] + LONGEST_REST_S > now}
        resting = {incident for incident, (until, _length) in self._rests.items() if until > now}
        owed = explaining.owed(connection, count + len(resting), before)
        return [record for record in owed if record.alert.incident not in resting][:count]

    def rest_all(self, seconds: float) -> None:
        """Ask nobody for so many seconds, an hour at most."""
        self._everything_rests_until = self.clock() + min(seconds, LONGEST_REST_S)

    def rest(self, incident: str) -> float:
        """Let an incident rest after a failure; return for how many seconds."""
        _until, length = self._rests.get(incident, (0.0, _FIRST_REST_S / 2))
        length = min(length * 2, LONGEST_REST_S)
        self._rests[incident] = (self.clock() + length, length)
        return length

    def forget(self, incident: str) -> None:
        """End an incident's rest."""
        self._rests.pop(incident, None)
