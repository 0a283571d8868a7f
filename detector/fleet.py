"""All devices that the detector watches: found, recovered, snapshotted, and woken when a timer is due."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import ceil
from typing import TYPE_CHECKING

import msgspec

from contracts.decode_reading import decode_reading
from detector.bands import packed
from detector.device import DeviceDetector, SnapshotError
from detector.models.model_files import ModelFileError
from detector.reading_log import ALARM, LATE, NORMAL, LoggedReading
from detector.state import SavedDevice
from runtime.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.reading import Reading
    from detector.config import DetectionConfig
    from detector.device import Outcome
    from detector.model_shelf import ModelShelf
    from detector.models.fit import FittedModel
    from detector.state import StateFile

_SNAPSHOT_EVERY = 100
_PRUNE_EVERY = 1000
_SWEEP_EVERY_S = 60.0
_ROOM_FOR_MORE = 1.1
_BAND_EVERY = 20  # readings, or seconds of slower ones: drawing needs no more
_BAND_EVERY_S = 30.0
_log = get_logger("detector.fleet")


@dataclass(slots=True)
class Tracked:
    """A device with what the service knows of it beside its detector."""

    number: int
    name: str
    detector: DeviceDetector
    position: int = 0
    readings: int = 0
    since_snapshot: int = 0
    since_prune: int = 0
    since_band: int = 0
    band_at: float = 0.0
    newest_at: datetime | None = None


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


class TooManyDevicesError(Exception):
    """One device more than the settings allow."""


class Fleet:
    """Holds one DeviceDetector a device; every change goes through the caller's transaction of the state file.

    Args:
        state: an open state file.
        config: detection for all devices, its budget of false incidents that of the whole site.
        shelf: where fitted models lie.
        bounds: of what is held and kept.
    """

    def __init__(self, state: StateFile, config: DetectionConfig, shelf: ModelShelf, bounds: Bounds) -> None:
        self._state = state
        self._config = config
        self._shelf = shelf
        self._bounds = bounds
        self._sweep_at = 0.0
        self._devices: dict[str, Tracked] = {}
        self._unsaved: dict[str, Tracked] = {}
        self._log: list[LoggedReading] = []
        self._shared_among = 0
        self._shared_config = config
        self._timers: list[tuple[float, str]] = []
        self._timed: set[str] = set()

    def __len__(self) -> int:
        return len(self._devices)

    def __iter__(self) -> Iterator[Tracked]:
        return iter(self._devices.values())

    def __getitem__(self, name: str) -> Tracked:
        return self._devices[name]

    def recover(self) -> int:
        """Restore all devices, show them again what came after their snapshots; return how many readings that were."""
        by_number: dict[int, Tracked] = {}
        for saved in self._state.devices():
            by_number[saved.number] = self._devices[saved.name] = self._restored(saved)
        self._share_budget()
        count = 0
        for logged in self._state.readings.unseen():
            tracked = by_number[logged.device]
            reading = decode_reading(logged.payload, tracked.name, logged.received_at)
            self._see(tracked, reading, logged)
            count += 1
        for tracked in self:
            self._set_timer(tracked)
        return count

    def device(self, name: str) -> Tracked:
        """Find a device, or begin to watch it.

        Raises:
            TooManyDevicesError: it would be one too many.
        """
        tracked = self._devices.get(name)
        if tracked is None:
            if len(self._devices) >= self._bounds.max_devices:
                watched = len(self._devices)
                raise TooManyDevicesError(f"one of the {watched} devices watched; TOCSIN_MAX_DEVICES allows more")
            tracked = Tracked(self._state.add_device(name), name, DeviceDetector(name, self._shared_config))
            self._devices[name] = tracked
            self._share_budget()
            self._begin_with_training(tracked)
        return tracked

    def process(
        self, tracked: Tracked, reading: Reading, reading_id: str, received_at: datetime, payload: bytes
    ) -> Outcome:
        """Score a reading and keep it for the log of this transaction."""
        logged = LoggedReading(self._state.next_position(), tracked.number, reading_id, received_at, payload)
        outcome = self._see(tracked, reading, logged)
        self._log.append(_with_outcome(logged, tracked, reading, outcome))
        if outcome.changed or tracked.since_snapshot >= _SNAPSHOT_EVERY:
            self._unsaved[tracked.name] = tracked
        if tracked.name not in self._timed:
            self._set_timer(tracked)
        return outcome

    def due(self, now: float) -> Iterator[tuple[Tracked, Outcome]]:
        """Let the devices whose timer is due look at the clock; yield what came of it."""
        while self._timers and self._timers[0][0] <= now:
            _, name = heapq.heappop(self._timers)
            self._timed.discard(name)
            tracked = self._devices[name]
            outcome = tracked.detector.tick(datetime.fromtimestamp(now, UTC))
            self._set_timer(tracked, after=now)
            if outcome is not None:
                if outcome.changed:
                    self._unsaved[name] = tracked
                yield tracked, outcome

    def adopt(self, name: str, fitted: FittedModel) -> None:
        """Give a device its model: the file first, then the snapshot that names it."""
        tracked = self._devices[name]
        tracked.detector.adopt(fitted)
        self._shelf.keep(name, _version(tracked), fitted)
        self._unsaved[name] = tracked

    def flush(self) -> None:
        """Write what this transaction has to keep."""
        self._state.readings.add(self._log)
        self._log.clear()
        self._state.save([self._saved(tracked) for tracked in self._unsaved.values()])
        for tracked in self._unsaved.values():
            if tracked.since_prune >= _PRUNE_EVERY:
                tracked.since_prune = 0
                self._state.readings.prune(tracked.number, self._bounds.keep_readings)
        self._unsaved.clear()

    def sweep(self, now: float) -> None:
        """Forget some readings that are too old; to be called every turn."""
        if now >= self._sweep_at and self._state.readings.sweep(now - self._bounds.keep_seconds) == 0:
            self._sweep_at = now + _SWEEP_EVERY_S

    def save_all(self) -> None:
        """Snapshot every device, before a clean stop."""
        self._unsaved.update({tracked.name: tracked for tracked in self if tracked.since_snapshot})

    def _share_budget(self) -> None:
        """Divide the site's budget of false incidents among its devices, with room for some more of them.

        A share only ever shrinks: what opened no incident at a larger one opens none at a smaller one, so readings that
        are seen again after a kill open nothing that was not opened before.
        """
        if len(self._devices) > self._shared_among:
            self._shared_among = ceil(len(self._devices) * _ROOM_FOR_MORE)
            share = self._config.false_incidents_per_day / self._shared_among
            config = replace(self._config, false_incidents_per_day=share)
            for tracked in self:
                tracked.detector.reconfigure(config)
            self._shared_config = config

    def _begin_with_training(self, tracked: Tracked) -> None:
        try:
            model = self._shelf.trained(tracked.name)
        except ModelFileError as error:
            _log.error("trained model refused; the device is learned anew", device=tracked.name, reason=str(error))
            return
        if model is not None:
            tracked.detector.begin_with(model)
            self._shelf.keep(tracked.name, model.version, model)
            self._unsaved[tracked.name] = tracked
            _log.info("starts from a trained model", device=tracked.name, rows=len(model.rows))

    def _see(self, tracked: Tracked, reading: Reading, logged: LoggedReading) -> Outcome:
        outcome = tracked.detector.process(reading, logged.reading_id, logged.received_at)
        tracked.position = logged.position
        tracked.readings += 1
        tracked.since_snapshot += 1
        tracked.since_prune += 1
        if not outcome.late:
            tracked.newest_at = reading.measured_at
        return outcome

    def _restored(self, saved: SavedDevice) -> Tracked:
        return Tracked(saved.number, saved.name, self._detector_of(saved), position=saved.position)

    def _detector_of(self, saved: SavedDevice) -> DeviceDetector:
        if saved.snapshot is None:
            return DeviceDetector(saved.name, self._config)
        try:
            model = self._shelf.load(saved.name, saved.model_version) if saved.model_version else None
            return DeviceDetector.restore(saved.name, self._config, saved.snapshot, model)
        except (ModelFileError, SnapshotError) as error:
            _log.error("saved state refused; the device is learned anew", device=saved.name, reason=str(error))
            return DeviceDetector(saved.name, self._config)

    def _saved(self, tracked: Tracked) -> SavedDevice:
        tracked.since_snapshot = 0
        snapshot = tracked.detector.snapshot()
        return SavedDevice(tracked.number, tracked.name, snapshot, tracked.position, _version(tracked))

    def _set_timer(self, tracked: Tracked, after: float = 0.0) -> None:
        deadline = tracked.detector.next_deadline
        if deadline is not None:
            heapq.heappush(self._timers, (max(deadline, after + 0.05) if after else deadline, tracked.name))
            self._timed.add(tracked.name)


def _with_outcome(logged: LoggedReading, tracked: Tracked, reading: Reading, outcome: Outcome) -> LoggedReading:
    """Keep beside a reading what was found in it, and now and then what was expected."""
    arrived, measured = logged.received_at.timestamp(), reading.measured_at.timestamp()
    if reading.clock == "device":
        measured = min(measured, arrived + tracked.detector.config.clock_tolerance)
    tracked.since_band += 1
    due = tracked.since_band >= _BAND_EVERY or arrived - tracked.band_at >= _BAND_EVERY_S
    band = None
    if (due or outcome.anomaly is not None) and not outcome.late:
        expectation = tracked.detector.expectation()
        band = None if expectation is None else packed(expectation)
        tracked.since_band, tracked.band_at = 0, arrived
    verdict = LATE if outcome.late else ALARM if outcome.alarm else NORMAL
    return msgspec.structs.replace(
        logged, measured_at=measured, score=outcome.score, decision=outcome.decision, verdict=verdict, band=band
    )


def _version(tracked: Tracked) -> int:
    model = tracked.detector.model
    return model.version if model is not None else 0
