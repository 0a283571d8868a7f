"""Telegrams in, readings out: what belongs together joined, times put right, counters as rates, within limits."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from contracts.reading import Reading
from devices.profiles.profile import seconds
from devices.semantics.clocks import TRUSTED_S, corrected
from devices.semantics.join_windows import JoinWindows
from devices.semantics.joining import Row
from devices.semantics.measures import Measures
from devices.semantics.memories import Memories
from devices.semantics.memory import Notice, Ready
from devices.semantics.sites import Sites

if TYPE_CHECKING:
    from devices.profiles.profile import ProfileFile
    from devices.semantics.memory import DeviceMemory
    from devices.telegram import DeviceReading, Telegram


class Interpreter:
    """Keeps what devices mean over time.

    Attributes:
        memories: of each device.
        notices: for the user; taken and cleared by the owner.
        counts: what became of telegrams that gave no reading.
    """

    def __init__(self, file: ProfileFile) -> None:
        self.memories = Memories(file, self._say)
        self.notices: list[Notice] = []
        self.counts: dict[str, int] = {}
        self._open: set[str] = set()
        self._sites = Sites(file.mqtt, self._say)
        self._windows = JoinWindows(file)
        self._hold = seconds(file.hold)
        self._measures = Measures(file.limits.metrics_per_device, self._say)

    def restore(self, device: str, state: bytes) -> None:
        """Take a device's memory from an earlier run; one that another version wrote is left aside."""
        memory = self.memories.restore(device, state)
        if memory is not None:
            self._wait(device, memory)

    def inherit(self, before: Interpreter) -> None:
        """Go on with what another one knew, under another profile file."""
        self.memories.inherit(before.memories)
        for device, memory in self.memories.by_device.items():
            self._wait(device, memory)

    def take(self, telegram: Telegram, arrived: datetime, *, retained: bool, topic: str = "") -> list[Ready]:
        """Turn telemetry into readings.

        Args:
            telegram: of any kind; only telemetry gives readings.
            arrived: aware UTC.
            retained: an old value that the broker kept: nobody measured it now.
            topic: on which it came.
        """
        if telegram.kind != "telemetry":
            return []
        if retained:
            self._count("retained")
            return []
        ready: list[Ready] = []
        for index, one in enumerate(telegram.readings):
            last = index == len(telegram.readings) - 1 or telegram.readings[index + 1].device != one.device
            ready += self._take(one, telegram.format, arrived, batch=len(telegram.readings) > 1 and not last)
            if (memory := self.memories.by_device.get(one.device)) is not None:
                self._sites.note(one.device, memory.topic, topic)
                memory.topic = topic
        return ready

    def due(self, now: float) -> list[Ready]:
        """Close the rows whose window is over, and give on what has waited for its order."""
        ready: list[Ready] = []
        for device in list(self._open):
            memory = self.memories.by_device.get(device)
            if memory is None:  # forgotten meanwhile
                self._open.discard(device)
                continue
            row = memory.joiner.due(now, self._windows.of(device, memory))
            given = [] if row is None else self._joined(device, memory, row, now)
            given += memory.sorter.due(now, self._hold)
            if given:
                self.memories.changed.add(device)
                ready += _with_history(memory, given)
            self._wait(device, memory)
        return ready

    def _take(self, one: DeviceReading, language: str, arrived: datetime, *, batch: bool) -> list[Ready]:
        memory = self.memories.heard(one.device, language, arrived.timestamp())
        if memory is None or one.diagnostic:
            self._count("diagnostic" if one.diagnostic else "refused_devices")
            return []
        measured, live = self._measured(memory, one, arrived, batch=batch)
        self._measures.watch_labels(one, memory)
        values, units = self._measures.values(one, memory, measured.timestamp())
        if not values:
            return []
        memory.readings += 1
        self.memories.changed.add(one.device)
        now = arrived.timestamp()
        if one.narrow and live:
            given = self._join(one, memory, Row(now, measured.timestamp(), values, units))
        else:
            reading = Reading(device=one.device, values=values, measured_at=measured, units=units or None)
            ready = Ready(reading, _identity(one))
            if not live and measured.timestamp() >= memory.newest_at:
                self._keep(memory, ready, now)
                return []
            given = [ready] if one.timestamp is None else memory.sorter.add(ready, now, self._hold)
        self._wait(one.device, memory)
        return _with_history(memory, given)

    def _join(self, one: DeviceReading, memory: DeviceMemory, new: Row) -> list[Ready]:
        memory.bursts.note(new.values, new.opened_at)
        own = new.measured_at if one.timestamp is not None else None
        rows = memory.joiner.add(new.values, new.units, new.opened_at, own, self._windows.of(one.device, memory))
        return [given for row in rows for given in self._joined(one.device, memory, row, new.opened_at)]

    def _keep(self, memory: DeviceMemory, ready: Ready, now: float) -> None:
        """Let history wait that is newer than what is known; it must not be taken for live."""
        ahead = ready.reading.measured_at.timestamp() - now
        if ahead > TRUSTED_S or not memory.backlog.keep(ready, now):
            self._count("historical")

    def _measured(
        self, memory: DeviceMemory, one: DeviceReading, arrived: datetime, *, batch: bool
    ) -> tuple[datetime, bool]:
        """Return when a reading was measured, and whether it is live and no history."""
        own = one.timestamp
        if (one.historical or batch) and own is not None:
            at = own.replace(tzinfo=UTC) if own.tzinfo is None else own
            return at, (arrived - at).total_seconds() < TRUSTED_S and not one.historical
        at, remark = corrected(memory.clock, own, arrived)
        if remark:
            reason = "zone" if own is not None and own.tzinfo is None else "clock"
            self._say(Notice(one.device, reason, remark))
        return at, True

    def _joined(self, device: str, memory: DeviceMemory, row: Row, now: float) -> list[Ready]:
        self.memories.changed.add(device)
        at = row.opened_at if row.measured_at is None else row.measured_at
        measured = datetime.fromtimestamp(at, UTC)
        ready = Ready(Reading(device=device, values=row.values, measured_at=measured, units=row.units or None))
        return [ready] if row.measured_at is None else memory.sorter.add(ready, now, self._hold)

    def _wait(self, device: str, memory: DeviceMemory) -> None:
        """Look at a device again when the clock has moved, if something of it waits."""
        waits = memory.joiner.row is not None or memory.sorter.held
        (self._open.add if waits else self._open.discard)(device)

    def _say(self, notice: Notice) -> None:
        self.notices.append(notice)

    def _count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1


def _with_history(memory: DeviceMemory, given: list[Ready]) -> list[Ready]:
    """Let what was buffered follow what is newer than it; then it is history for the detector, too."""
    if not given:
        return given
    memory.newest_at = max(memory.newest_at, *(one.reading.measured_at.timestamp() for one in given))
    return given + memory.backlog.older_than(memory.newest_at) if memory.backlog.held else given


def _identity(one: DeviceReading) -> bytes | None:
    """Name what a device sent: with its own time or count, an equal message is the same message."""
    if one.timestamp is None and one.seq is None:
        return None
    return msgspec.msgpack.encode((one.device, str(one.timestamp), one.seq, one.metrics))
