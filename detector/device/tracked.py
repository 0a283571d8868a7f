"""A device with what the service knows of it beside its detector."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from detector.store.bands import packed
from detector.store.reading_log import ALARM, LATE, NORMAL, LoggedReading
from detector.store.state import SavedDevice

if TYPE_CHECKING:
    from datetime import datetime

    from contracts.reading import Reading
    from detector.device.device import DeviceDetector
    from detector.device.outcome import Outcome

_SNAPSHOT_EVERY = 100
_SNAPSHOT_BYTES = 256  # that a reading may cost: a device of many metrics is saved less often
_BAND_EVERY = 20  # readings, or seconds of slower ones: drawing needs no more
_BAND_EVERY_S = 30.0


@dataclass(slots=True)
class Tracked:
    """One device.

    Attributes:
        number, name: in the state file, on the bus.
        detector: judges its readings.
        position: of its newest reading in the log.
        readings: since the service started; the other counts since the last snapshot, prune and band.
        snapshot_every: readings until the next snapshot: more for one that is large.
        band_at: when the newest band was kept, epoch s.
        newest_at: event time of its newest reading.
        fitted_at: when the model in use was adopted, epoch s; 0 while there is none.
        pinned: the model was chosen by a person: no other is fitted until somebody asks for it.
        fitting: a fit is on its way.
        held: readings that wait for a model, oldest first, as decoded and as kept.
    """

    number: int
    name: str
    detector: DeviceDetector
    position: int = 0
    readings: int = 0
    since_snapshot: int = 0
    snapshot_every: int = _SNAPSHOT_EVERY
    since_prune: int = 0
    since_band: int = 0
    band_at: float = 0.0
    newest_at: datetime | None = None
    fitted_at: float = 0.0
    pinned: bool = False
    fitting: bool = False
    held: deque[tuple[Reading, LoggedReading]] = field(default_factory=deque)

    @property
    def version(self) -> int:
        """Version of the model in use; 0 while there is none."""
        model = self.detector.model
        return 0 if model is None else model.version

    def saved(self) -> SavedDevice:
        """Snapshot the device."""
        snapshot = self.detector.snapshot()
        self.since_snapshot = 0
        self.snapshot_every = max(_SNAPSHOT_EVERY, len(snapshot) // _SNAPSHOT_BYTES)
        return SavedDevice(self.number, self.name, snapshot, self.position, self.version, self.pinned)

    def see(self, reading: Reading, logged: LoggedReading) -> Outcome:
        """Judge a reading."""
        outcome = self.detector.process(reading, logged.reading_id, logged.received_at)
        self.position = logged.position
        self.readings += 1
        self.since_snapshot += 1
        self.since_prune += 1
        if not outcome.late:
            self.newest_at = reading.measured_at
        return outcome

    def annotated(self, logged: LoggedReading, reading: Reading, outcome: Outcome) -> LoggedReading:
        """Keep beside a reading what was found in it, and now and then what was expected."""
        arrived, measured = logged.received_at.timestamp(), reading.measured_at.timestamp()
        if reading.clock == "device":
            measured = min(measured, arrived + self.detector.config.clock_tolerance)
        verdict = LATE if outcome.late else ALARM if outcome.alarm else NORMAL
        band = None if outcome.late else self._band(arrived, wanted=outcome.anomaly is not None)
        return msgspec.structs.replace(
            logged, measured_at=measured, score=outcome.score, decision=outcome.decision, verdict=verdict, band=band
        )

    def _band(self, arrived: float, *, wanted: bool) -> bytes | None:
        self.since_band += 1
        if not wanted and self.since_band < _BAND_EVERY and arrived - self.band_at < _BAND_EVERY_S:
            return None
        self.since_band, self.band_at = 0, arrived
        expectation = self.detector.expectation()
        return None if expectation is None else packed(expectation)
