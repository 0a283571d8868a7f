"""Telegrams in, readings out: what belongs together joined, times put right, counters as rates, within limits."""

from __future__ import annotations

from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import msgspec

from contracts.reading import Reading
from contracts.topics import is_name
from devices.profiles.profile import seconds
from devices.semantics.admission import STALE_S, crowded, place_for, to_be_said
from devices.semantics.clocks import corrected
from devices.semantics.counters import PER_HOUR, Counter, may_count, step
from devices.semantics.memory import DeviceMemory, Notice, Ready
from devices.semantics.units import in_unit, spelt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devices.profiles.profile import Override, ProfileFile
    from devices.semantics.joining import Row
    from devices.telegram import DeviceReading, Telegram

_MOST_LABELS, _MOST_VALUES = 20, 50
_LEARNED = 100  # readings after which a new metric or word is worth a notice


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
        self._windows: dict[str, float] = {}
        self._hold = seconds(file.hold)

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
                memory.topic = topic
        return ready

    def due(self, now: float) -> list[Ready]:
        """Close the rows whose window is over, and give on what has waited for its order."""
        ready: list[Ready] = []
        for device in list(self._open):
            memory = self.devices[device]
            row = memory.joiner.due(now, self._window(device))
            if row is not None:
                ready += self._joined(device, memory, row, now)
            sorted_ = memory.sorter.due(now, self._hold)
            if sorted_:
                self.changed.add(device)
                ready += sorted_
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
        measured = self._measured(memory, one, arrived, batch=batch)
        if measured is None:
            self._count("historical")
            return []
        self._watch_labels(one, memory)
        values, units = self._values(one, memory, measured.timestamp())
        if not values:
            return []
        memory.readings += 1
        self.changed.add(one.device)
        if one.narrow:
            own = measured.timestamp() if one.timestamp is not None else None
            rows = memory.joiner.add(values, units, arrived.timestamp(), own, self._window(one.device))
            given = [given for row in rows for given in self._joined(one.device, memory, row, arrived.timestamp())]
            self._wait(one.device, memory)
            return given
        reading = Reading(device=one.device, values=values, measured_at=measured, units=units or None)
        ready = Ready(reading, _identity(one))
        if one.timestamp is None:
            return [ready]
        sorted_ = memory.sorter.add(ready, arrived.timestamp(), self._hold)
        self._wait(one.device, memory)
        return sorted_

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
        """Forget who was silent for longest, if that is a day; else refuse the new one, and say so once."""
        stalest = min(self.devices, key=lambda name: self.devices[name].heard_at)
        if now - self.devices[stalest].heard_at >= STALE_S:
            del self.devices[stalest]
            self._open.discard(stalest)
            self.changed.add(stalest)
            return True
        if device not in self._full_said and len(self._full_said) < self.file.limits.devices:
            self._full_said.add(device)
            most = self.file.limits.devices
            self.notices.append(Notice(device, "too_many_devices", f"left out: limits.devices allows {most}"))
        return False

    def _measured(self, memory: DeviceMemory, one: DeviceReading, arrived: datetime, *, batch: bool) -> datetime | None:
        """Return when a reading was measured; None for one that is history and older than what is known."""
        own = one.timestamp
        if (one.historical or batch) and own is not None:
            at = own.replace(tzinfo=UTC) if own.tzinfo is None else own
            live = (arrived - at).total_seconds() < 300.0 and not one.historical  # noqa: PLR2004 - as a clock is trusted
            return at if live or at.timestamp() < memory.newest_at else None
        at, remark = corrected(memory.clock, own, arrived)
        if remark:
            reason = "zone" if own is not None and own.tzinfo is None else "clock"
            self.notices.append(Notice(one.device, reason, remark))
        memory.newest_at = max(memory.newest_at, at.timestamp())
        return at

    def _values(
        self, one: DeviceReading, memory: DeviceMemory, at: float
    ) -> tuple[dict[str, float | None], dict[str, str]]:
        values: dict[str, float | None] = {}
        units: dict[str, str] = {}
        for name, value in one.metrics.items():
            unit = self._admitted(one, memory, name)
            if unit is None:
                continue
            kept, unit = in_unit(value, spelt(one.units.get(name, "")), unit)
            if name in one.counters or (may_count(name) and not unit.startswith("°")):
                self._counted(memory, name, kept, at, values, known=name in one.counters)
                if unit and name + PER_HOUR in values:
                    units[name + PER_HOUR] = f"{unit}{PER_HOUR}"[:32]
            else:
                values[name] = kept
            if unit and name in values:
                units[name] = unit
        values |= dict.fromkeys((name for name in (*one.nulls, *one.bad_quality) if name in memory.metrics), None)
        return values, units

    def _admitted(self, one: DeviceReading, memory: DeviceMemory, name: str) -> str | None:
        """Return the unit that a metric keeps, "" for none; None when it is one too many."""
        unit = memory.metrics.get(name)
        if unit is not None:
            if memory.crowd is not None:
                memory.crowd.heard[name] = memory.heard_at
            return unit
        if len(memory.metrics) >= self.file.limits.metrics_per_device and not self._contested(one, memory, name):
            return None
        if memory.readings >= _LEARNED:
            self.notices.append(Notice(one.device, "schema", f"a new metric: {name!r}"))
        unit = memory.metrics[name] = spelt(one.units.get(name, ""))
        return unit

    def _contested(self, one: DeviceReading, memory: DeviceMemory, name: str) -> bool:
        """Make room for a metric that keeps coming, if another has stopped; else leave it out, and say so."""
        most = self.file.limits.metrics_per_device
        if memory.crowd is None:
            memory.crowd = crowded(memory.metrics, memory.heard_at)
        fresh = name not in memory.crowd.asking
        gone = place_for(memory.crowd, name, memory.heard_at, most)
        if gone is not None:
            memory.metrics.pop(gone, None)
            memory.counters.pop(gone, None)
            self._notice_crowd(one, f"{gone!r}, not heard for a day, gives way to {name!r}: at most {most}")
        elif fresh and to_be_said(memory.crowd):
            self._notice_crowd(one, f"{name!r} left out: at most {most}")
        return gone is not None

    def _notice_crowd(self, one: DeviceReading, words: str) -> None:
        self.notices.append(Notice(one.device, "too_many_metrics", words))

    def _counted(  # noqa: PLR0913 - of one counter
        self,
        memory: DeviceMemory,
        name: str,
        value: float,
        at: float,
        values: dict[str, float | None],
        *,
        known: bool,
    ) -> None:
        counter = memory.counters.get(name)
        if counter is None:
            memory.counters[name] = Counter(value, at, rises=-1 if known else 0)
            return
        rate, level = step(counter, value, at, known=known)
        if level:
            values[name] = value
        elif rate is not None and is_name(name + PER_HOUR):
            values[name + PER_HOUR] = rate

    def _watch_labels(self, one: DeviceReading, memory: DeviceMemory) -> None:
        """An unseen word is a notice, once enough has been seen."""
        for name, word in one.labels.items():
            seen = memory.labels.get(name)
            if seen is None:
                if len(memory.labels) < _MOST_LABELS:
                    memory.labels[name] = [word]
            elif word not in seen and len(seen) < _MOST_VALUES:
                seen.append(word)
                if memory.readings >= _LEARNED:
                    self.notices.append(Notice(one.device, "label", f"{name!r} says {word!r} for the first time"))

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

    def _window(self, device: str) -> float:
        window = self._windows.get(device)
        if window is None:
            override = self.override(device)
            window = seconds(override.join if override is not None and override.join else self.file.join)
            self._windows[device] = window
            if len(self._windows) > 100_000:  # noqa: PLR2004 - names come from outside
                self._windows.clear()
        return window

    def _count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1


def _identity(one: DeviceReading) -> bytes | None:
    """Name what a device sent: with its own time or count, an equal message is the same message."""
    if one.timestamp is None and one.seq is None:
        return None
    return msgspec.msgpack.encode((one.device, str(one.timestamp), one.seq, one.metrics))
