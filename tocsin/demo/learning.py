"""How far the devices are with learning, and what they are doing, from the states that the broker keeps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from contracts.codec import decode
from contracts.errors import DecodeError
from contracts.service import DeviceStatus
from tocsin.terminal import listed, printable

if TYPE_CHECKING:
    from contracts.service import DeviceState

_SHOWN = 6


@dataclass(slots=True)
class Learning:
    """The newest state of each device."""

    devices: dict[str, DeviceStatus] = field(default_factory=dict)

    def take(self, payload: bytes) -> DeviceStatus | None:
        """Note a device's state; return it when the device has just learned its normal course."""
        try:
            status = decode(payload, DeviceStatus)
        except DecodeError:
            return None  # an empty payload deletes a state; anything else is not ours
        before = self.devices.get(status.device)
        self.devices[status.device] = status
        was_learning = before is None or before.state == "learning"
        return status if was_learning and status.state != "learning" and status.model is not None else None

    def in_state(self, state: DeviceState) -> list[str]:
        """Name the devices in a state."""
        return sorted(name for name, status in self.devices.items() if status.state == state)

    def words(self) -> str:
        """Say how far they are in one line."""
        if not self.devices:
            return "waiting for the first readings"
        parts = [self._learned()]
        for state in ("anomalous", "silent"):
            names = self.in_state(state)
            parts += [f"{state}: {printable(listed(names, _SHOWN))}"] if names else []
        return " · ".join(parts)

    def _learned(self) -> str:
        learning = self.in_state("learning")
        if not learning:
            return f"{len(self.devices)} devices are watched"
        known = len(self.devices) - len(learning)
        counts = [f"{name} {self.devices[name].learned}/{self.devices[name].needed}" for name in learning]
        still = printable(listed(counts, _SHOWN))
        return f"{known} of {len(self.devices)} devices have learned their normal; learning: {still}"


def learned_words(status: DeviceStatus) -> str:
    """Say that a device has learned, or that it was given a model before it could."""
    device = printable(status.device)
    if status.readings < status.needed:
        return f"{device} starts from a trained model"
    return f"{device} has learned its normal course from {status.needed} readings"
