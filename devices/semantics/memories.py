"""What is kept of every foreign device, within the limit that the profile file sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from devices.semantics.admission import STALE_S
from devices.semantics.memory import DeviceMemory, Notice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from devices.profiles.profile import ProfileFile


class Memories:
    """The memory of each device, made when it is first heard.

    Args:
        file: says whom to ignore, and how many may be known.
        say: takes notices for the user.

    Attributes:
        by_device: of all that are known.
        changed: devices whose memory is to be stored, or forgotten when they are not known any more.
    """

    def __init__(self, file: ProfileFile, say: Callable[[Notice], None]) -> None:
        self.by_device: dict[str, DeviceMemory] = {}
        self.changed: set[str] = set()
        self._file = file
        self._say = say
        self._refused: set[str] = set()

    def restore(self, device: str, state: bytes) -> DeviceMemory | None:
        """Take a device's memory from an earlier run; None for one that another version wrote."""
        try:
            memory = msgspec.msgpack.decode(state, type=DeviceMemory)
        except (msgspec.DecodeError, msgspec.ValidationError):
            return None
        self.by_device[device] = memory
        return memory

    def inherit(self, before: Memories) -> None:
        """Go on with what was known under another profile file."""
        self.by_device.update(before.by_device)
        self.changed |= before.changed

    def state(self, device: str) -> bytes:
        """Write a device's memory."""
        return msgspec.msgpack.encode(self.by_device[device])

    def topics(self) -> Iterator[tuple[str, str, str]]:
        """Yield (device, language, topic) of all."""
        return ((name, memory.language, memory.topic) for name, memory in self.by_device.items())

    def heard(self, device: str, language: str, now: float) -> DeviceMemory | None:
        """Return the memory of a device that is heard now; None when it is ignored, or one too many."""
        memory = self.by_device.get(device)
        if memory is None:
            override = self._file.override(device)
            if override is not None and override.ignore:
                return None
            if len(self.by_device) >= self._file.limits.devices and not self._make_room(device, now):
                return None
            memory = self.by_device[device] = DeviceMemory(language, now)
        memory.language, memory.heard_at = language, now
        return memory

    def _make_room(self, device: str, now: float) -> bool:
        """Forget who was silent for longest, if that is a day; else refuse the new one. Either is said."""
        allows = f"limits.devices allows {self._file.limits.devices}"
        stalest = min(self.by_device, key=lambda name: self.by_device[name].heard_at)
        if now - self.by_device[stalest].heard_at >= STALE_S:
            del self.by_device[stalest]
            self.changed.add(stalest)
            self._say(Notice(stalest, "too_many_devices", f"not heard for a day, gives way to {device!r}: {allows}"))
            return True
        if device not in self._refused and len(self._refused) < self._file.limits.devices:
            self._refused.add(device)
            self._say(Notice(device, "too_many_devices", f"left out: {allows}"))
        return False
