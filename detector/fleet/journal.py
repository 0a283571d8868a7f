"""What the devices have to keep, collected during a transaction and written at its end: readings and snapshots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from detector.device.tracked import Tracked
    from detector.store.reading_log import LoggedReading
    from detector.store.state import StateFile

_PRUNE_EVERY = 1000
_SWEEP_EVERY_S = 60.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is kept.

    Attributes:
        max_devices: devices at most.
        keep_readings: recent readings of each device ...
        keep_seconds: ... no longer than this.
    """

    max_devices: int
    keep_readings: int
    keep_seconds: float


class Journal:
    """Works inside the caller's transaction of the state file.

    Args:
        state: an open state file.
        bounds: of what is kept.
    """

    def __init__(self, state: StateFile, bounds: Bounds) -> None:
        self._state = state
        self._bounds = bounds
        self._sweep_at = 0.0
        self._unsaved: dict[str, Tracked] = {}
        self._log: list[LoggedReading] = []
        self._scored: list[LoggedReading] = []

    def add(self, logged: LoggedReading) -> None:
        """Keep a reading that came."""
        self._log.append(logged)

    def scored(self, logged: LoggedReading) -> None:
        """Keep what was found in a reading that was kept before."""
        self._scored.append(logged)

    def save(self, tracked: Tracked) -> None:
        """Snapshot a device."""
        self._unsaved[tracked.name] = tracked

    def flush(self) -> None:
        """Write what this transaction has to keep."""
        self._state.readings.add(self._log)
        self._log.clear()
        if self._scored:
            self._state.readings.scored(self._scored)
            self._scored.clear()
        self._state.save([tracked.saved() for tracked in self._unsaved.values()])
        for tracked in self._unsaved.values():
            if tracked.since_prune >= _PRUNE_EVERY:
                tracked.since_prune = 0
                self._state.readings.prune(tracked.number, self._bounds.keep_readings)
        self._unsaved.clear()

    def sweep(self, now: float) -> None:
        """Forget some readings that are too old; to be called every turn."""
        if now >= self._sweep_at and self._state.readings.sweep(now - self._bounds.keep_seconds) == 0:
            self._sweep_at = now + _SWEEP_EVERY_S
