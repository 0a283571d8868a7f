"""All devices that the detector watches: found, recovered, snapshotted, and woken when a timer is due."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from contracts.decode_reading import decode_reading
from detector.device.device import DeviceDetector
from detector.device.tracked import Tracked
from detector.fleet.journal import Journal
from detector.fleet.models_in_use import ModelsInUse
from detector.fleet.recovery import Recovery
from detector.fleet.timers import Timers
from detector.store.reading_log import HELD, LoggedReading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from contracts.reading import Reading
    from detector.configuration.device_configs import DeviceConfigs
    from detector.device.device import Outcome
    from detector.fleet.journal import Bounds
    from detector.stock.model_stock import ModelStock
    from detector.store.state import StateFile

_MUTED_LOOK_S = 5.0


def _nobody(_: str) -> bool:
    return False


class TooManyDevicesError(Exception):
    """One device more than the settings allow."""


class Fleet:
    """Holds one DeviceDetector a device; every change goes through the caller's transaction of the state file.

    Args:
        state: an open state file.
        configs: of detection, by device.
        stock: the fitted models.
        bounds: of what is held and kept.

    Attributes:
        held: readings that wait for a model, of all devices.
        journal: what this transaction has to keep.
        models: gives devices other models.
    """

    def __init__(self, state: StateFile, configs: DeviceConfigs, stock: ModelStock, bounds: Bounds) -> None:
        self._state = state
        self._configs = configs
        self._stock = stock
        self._bounds = bounds
        self._devices: dict[str, Tracked] = {}
        self._holding: dict[str, Tracked] = {}
        self._timers = Timers()
        self.held = 0
        self.journal = Journal(state, bounds)
        self.models = ModelsInUse(stock, self.journal)

    def __len__(self) -> int:
        return len(self._devices)

    def __iter__(self) -> Iterator[Tracked]:
        return iter(self._devices.values())

    def __getitem__(self, name: str) -> Tracked:
        return self._devices[name]

    def __contains__(self, name: str) -> bool:
        return name in self._devices

    def recover(self) -> int:
        """Restore all devices, show them again what came after their snapshots; return how many readings that were.

        Those that waited for a model wait on.
        """
        self._stock.shelf.sweep()
        restored = Recovery(self._state, self._configs, self._stock).devices()
        by_number = {tracked.number: tracked for tracked in restored}
        self._devices.update({tracked.name: tracked for tracked in by_number.values()})
        self._share_budget()
        count = 0
        for logged in self._state.readings.unseen():
            tracked = by_number[logged.device]
            reading = decode_reading(logged.payload, tracked.name, logged.received_at)
            if logged.verdict == HELD:
                self._hold(tracked, reading, logged)
                continue
            tracked.see(reading, logged)
            count += 1
        for tracked in self:
            self._timers.set(tracked.name, tracked.detector.next_deadline)
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
            tracked = Tracked(self._state.add_device(name), name, DeviceDetector(name, self._configs.of(name)))
            self._devices[name] = tracked
            self._share_budget()
            self.models.begin_with_training(tracked)
        return tracked

    def process(
        self, tracked: Tracked, reading: Reading, reading_id: str, received_at: datetime, payload: bytes
    ) -> Outcome:
        """Score a reading and keep it for the log of this transaction."""
        logged = LoggedReading(self._state.next_position(), tracked.number, reading_id, received_at, payload)
        outcome, found = self._see(tracked, reading, logged)
        self.journal.add(found)
        return outcome

    def hold(self, tracked: Tracked, reading: Reading, reading_id: str, received_at: datetime, payload: bytes) -> None:
        """Keep a reading that has to wait for its device's model: it may be acknowledged, and is scored later."""
        position = self._state.next_position()
        logged = LoggedReading(position, tracked.number, reading_id, received_at, payload, verdict=HELD)
        self.journal.add(logged)
        self._hold(tracked, reading, logged)

    def holding(self) -> list[Tracked]:
        """List the devices with readings that wait."""
        return list(self._holding.values())

    def process_held(self, tracked: Tracked) -> tuple[Reading, datetime, Outcome]:
        """Score the oldest reading of a device that waits; return it, and when it came."""
        reading, logged = tracked.held.popleft()
        self.held -= 1
        if not tracked.held:
            del self._holding[tracked.name]
        outcome, found = self._see(tracked, reading, logged)
        self.journal.scored(found)
        return reading, logged.received_at, outcome

    def fall_silent(self, name: str, now: float) -> tuple[Tracked, Outcome | None]:
        """Announce that a device is gone.

        Raises:
            TooManyDevicesError: nothing was known of it, and it would be one too many.
        """
        tracked = self.device(name)
        outcome = tracked.detector.fall_silent(datetime.fromtimestamp(now, UTC))
        self.journal.save(tracked)
        return tracked, outcome

    def come_back(self, name: str, now: float) -> tuple[Tracked, Outcome | None]:
        """End the silence of a device that sends no readings."""
        tracked = self._devices[name]
        self.journal.save(tracked)
        return tracked, tracked.detector.come_back(datetime.fromtimestamp(now, UTC))

    def suspect_clock(self, name: str) -> None:
        """Let a device tell that its clock is wrong; of one that is not learned, nothing is known to have changed."""
        tracked = self._devices.get(name)
        if tracked is not None and tracked.detector.model is not None:
            tracked.detector.suspect_clock()
            self.journal.save(tracked)

    def due(self, now: float, muted: Callable[[str], bool] = _nobody) -> Iterator[tuple[Tracked, Outcome]]:
        """Let the devices whose timer is due look at the clock; yield what came of it.

        The silence of those that are `muted` is explained already, and measured anew when they are not any more.
        """
        for name in self._timers.due(now):
            tracked = self._devices[name]
            if muted(name):
                tracked.detector.listen_anew()
                self._timers.set(name, now + _MUTED_LOOK_S)
                continue
            outcome = tracked.detector.tick(datetime.fromtimestamp(now, UTC))
            self._timers.set(name, tracked.detector.next_deadline, after=now)
            if outcome is not None:
                if outcome.changed:
                    self.journal.save(tracked)
                yield tracked, outcome

    def save_all(self) -> None:
        """Snapshot every device, before a clean stop."""
        for tracked in self:
            if tracked.since_snapshot:
                self.journal.save(tracked)

    def _see(self, tracked: Tracked, reading: Reading, logged: LoggedReading) -> tuple[Outcome, LoggedReading]:
        outcome = tracked.see(reading, logged)
        if outcome.changed or tracked.since_snapshot >= tracked.snapshot_every:
            self.journal.save(tracked)
        if tracked.name not in self._timers:
            self._timers.set(tracked.name, tracked.detector.next_deadline)
        return outcome, tracked.annotated(logged, reading, outcome)

    def _hold(self, tracked: Tracked, reading: Reading, logged: LoggedReading) -> None:
        tracked.held.append((reading, logged))
        self._holding[tracked.name] = tracked
        self.held += 1

    def _share_budget(self) -> None:
        if self._configs.share_among(len(self._devices)):
            for tracked in self:
                tracked.detector.reconfigure(self._configs.of(tracked.name))
