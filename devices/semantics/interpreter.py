"""Telegrams in, readings out: what belongs together joined, times put right, counters as rates, within limits."""

from __future__ import annotations

from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import msgspec

from contracts.reading import Reading
from devices.profiles.profile import seconds
from devices.semantics.admission import STALE_S
from devices.semantics.clocks import TRUSTED_S, corrected
from devices.semantics.joining import Row
from devices.semantics.measures import Measures
from devices.semantics.memory import DeviceMemory, Notice, Ready

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devices.profiles.profile import Override, ProfileFile
    from devices.telegram import DeviceReading, Telegram


_MOST_WINDOWS = 100_000
_MOST_SHARED = 20


class Interpreter:
    """Keeps what devices mean over time.

    Attributes:
        devices: memory of each, by name.
        changed: devices whose memory is to be stored.
        notices: for the user; taken and cleared by the owner.
        counts: what became of telegrams that gave no reading.
    """

    def __init__(self, file: ProfileFile) -> None:
        self.file = file
        self.devices: dict[str, DeviceMemory] = {}
        self.changed: set[str] = set()
        self.notices: list[Notice] = []
        self.counts: dict[str, int] = {}
        self._open: set[str] = set()
        self._full_said: set[str] = set()
        self._sites = () if file.mqtt.name_sites or len(file.mqtt.strip_prefix) < 2 else file.mqtt.strip_prefix  # noqa: PLR2004
        self._shared_said: set[str] = set()
        self._windows: dict[str, float | None] = {}
        self._hold = seconds(file.hold)
        self._measures = Measures(file.limits.metrics_per_device, self._say)

    def restore(self, device: str, state: bytes) -> None:
        """Take a device's memory from an earlier run; one that another version wrote is left aside."""
        try:
            memory = msgspec.msgpack.decode(state, type=DeviceMemory)
        except (msgspec.DecodeError, msgspec.ValidationError):
            return
        self.devices[device] = memory
        self._wait(device, memory)

    def inherit(self, before: Interpreter) -> None:
        """Go on with what another one knew, under another profile file."""
        self.devices.update(before.devices)
        self.changed |= before.changed
        for device, memory in self.devices.items():
            self._wait(device, memory)

    def state(self, device: str) -> bytes:
        """Write a device's memory."""
        return msgspec.msgpack.encode(self.devices[device])

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
            if (memory := self.devices.get(one.device)) is not None:
                if self._sites:
                    self._note_site(one.device, memory.topic, topic)
                memory.topic = topic
        return ready

    def due(self, now: float) -> list[Ready]:
        """Close the rows whose window is over, and give on what has waited for its order."""
        ready: list[Ready] = []
        for device in list(self._open):
            memory = self.devices[device]
            row = memory.joiner.due(now, self._window(device, memory))
            given = [] if row is None else self._joined(device, memory, row, now)
            given += memory.sorter.due(now, self._hold)
            if given:
                self.changed.add(device)
                ready += _with_history(memory, given)
            self._wait(device, memory)
        return ready

    def known(self) -> Iterator[tuple[str, str, str]]:
        """Yield (device, language, topic) of all."""
        return ((name, memory.language, memory.topic) for name, memory in self.devices.items())

    def override(self, device: str) -> Override | None:
        """Return what the profile file says of a device; the first pattern that fits wins."""
        return next((one for pattern, one in self.file.overrides.items() if fnmatchcase(device, pattern)), None)

    def _take(self, one: DeviceReading, language: str, arrived: datetime, *, batch: bool) -> list[Ready]:
        memory = self._memory(one.device, language, arrived.timestamp())
        if memory is None or one.diagnostic:
            self._count("diagnostic" if one.diagnostic else "refused_devices")
            return []
        measured, live = self._measured(memory, one, arrived, batch=batch)
        self._measures.watch_labels(one, memory)
        values, units = self._measures.values(one, memory, measured.timestamp())
        if not values:
            return []
        memory.readings += 1
        self.changed.add(one.device)
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
        rows = memory.joiner.add(new.values, new.units, new.opened_at, own, self._window(one.device, memory))
        return [given for row in rows for given in self._joined(one.device, memory, row, new.opened_at)]

    def _keep(self, memory: DeviceMemory, ready: Ready, now: float) -> None:
        """Let history wait that is newer than what is known; it must not be taken for live."""
        ahead = ready.reading.measured_at.timestamp() - now
        if ahead > TRUSTED_S or not memory.backlog.keep(ready, now):
            self._count("historical")

    def _memory(self, device: str, language: str, now: float) -> DeviceMemory | None:
        memory = self.devices.get(device)
        if memory is None:
            override = self.override(device)
            if override is not None and override.ignore:
                return None
            if len(self.devices) >= self.file.limits.devices and not self._make_room(device, now):
                return None
            memory = self.devices[device] = DeviceMemory(language, now)
        memory.language, memory.heard_at = language, now
        return memory

    def _make_room(self, device: str, now: float) -> bool:
        """Forget who was silent for longest, if that is a day; else refuse the new one. Either is said."""
        allows = f"limits.devices allows {self.file.limits.devices}"
        stalest = min(self.devices, key=lambda name: self.devices[name].heard_at)
        if now - self.devices[stalest].heard_at >= STALE_S:
            del self.devices[stalest]
            self._open.discard(stalest)
            self.changed.add(stalest)
            self._say(Notice(stalest, "too_many_devices", f"not heard for a day, gives way to {device!r}: {allows}"))
            return True
        if device not in self._full_said and len(self._full_said) < self.file.limits.devices:
            self._full_said.add(device)
            self._say(Notice(device, "too_many_devices", f"left out: {allows}"))
        return False

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
        self.changed.add(device)
        at = row.opened_at if row.measured_at is None else row.measured_at
        measured = datetime.fromtimestamp(at, UTC)
        ready = Ready(Reading(device=device, values=row.values, measured_at=measured, units=row.units or None))
        return [ready] if row.measured_at is None else memory.sorter.add(ready, now, self._hold)

    def _wait(self, device: str, memory: DeviceMemory) -> None:
        """Look at a device again when the clock has moved, if something of it waits."""
        waits = memory.joiner.row is not None or memory.sorter.held
        (self._open.add if waits else self._open.discard)(device)

    def _window(self, device: str, memory: DeviceMemory) -> float:
        if len(self._windows) > _MOST_WINDOWS:  # names come from outside
            self._windows.clear()
        if device not in self._windows:
            override = self.override(device)
            said = override.join if override is not None and override.join else self.file.join
            self._windows[device] = None if said == "auto" else seconds(said)
        set_ = self._windows[device]
        return memory.bursts.window() if set_ is None else set_

    def _note_site(self, device: str, before: str, now: str) -> None:
        """Say once of a device that two sites use its name."""
        was, is_ = (next((site for site in self._sites if topic.startswith(site)), "") for topic in (before, now))
        if was and is_ and was != is_ and device not in self._shared_said and len(self._shared_said) < _MOST_SHARED:
            self._shared_said.add(device)
            words = f"heard at {was} and at {is_} under one name; `mqtt: {{name_sites: true}}` tells the sites apart"
            self._say(Notice(device, "same_name", words))

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
