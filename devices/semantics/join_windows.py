"""How long the values of a device that sends each on a topic of its own are waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from devices.profiles.profile import seconds

if TYPE_CHECKING:
    from devices.profiles.profile import ProfileFile
    from devices.semantics.memory import DeviceMemory

_MOST = 100_000


class JoinWindows:
    """What the profile file says of a device; where it says `auto`, what its bursts have taught."""

    def __init__(self, file: ProfileFile) -> None:
        self._file = file
        self._set: dict[str, float | None] = {}

    def of(self, device: str, memory: DeviceMemory) -> float:
        """Return a device's window, s."""
        if len(self._set) > _MOST:  # names come from outside
            self._set.clear()
        if device not in self._set:
            self._set[device] = self._said(device)
        set_ = self._set[device]
        return memory.bursts.window() if set_ is None else set_

    def _said(self, device: str) -> float | None:
        override = self._file.override(device)
        said = override.join if override is not None and override.join else self._file.join
        return None if said == "auto" else seconds(said)
