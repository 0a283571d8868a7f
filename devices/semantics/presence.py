"""Who is there: what availability messages say, whose fate is shared, and when an absence counts."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from devices.bounded import Bounded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from devices.profiles.profile import Override
    from devices.telegram import Telegram

_MOST = 20_000


@dataclass(slots=True)
class Station:
    """A device or gateway that is gone: since when (epoch s), what it takes along, whether it was said.

    Of one that covers "*", topics of its devices begin with `root`.
    """

    since: float
    covers: str | None = None
    format: str = ""
    root: str = ""
    said: bool = False


@dataclass(frozen=True, slots=True)
class Absence:
    """A device that is to be called silent now."""

    device: str
    gateway: bool


class Presence:
    """Keeps who is offline.

    Args:
        grace: seconds that an absence must last.
        overrides: by device pattern, `via` names the gateway.

    Attributes:
        returned: who has said to be there; taken and cleared by the owner.
    """

    def __init__(self, grace: float, overrides: Mapping[str, Override]) -> None:
        self._grace = grace
        self._via = [(pattern, one.via) for pattern, one in overrides.items() if one.via]
        self._gone: Bounded[tuple[str, str], Station] = Bounded(_MOST)  # by name and root: gateways share names
        self.returned: set[str] = set()

    def note(self, telegram: Telegram, now: float, topic: str = "") -> None:
        """Take what a message on a topic says of a device; a birth certificate says it too."""
        device = telegram.device
        if device is None or telegram.online is None:
            return
        root = topic.removesuffix(telegram.below) + "/" if telegram.below and topic else ""
        if telegram.online:
            self._gone.pop((device, root))
            if len(self.returned) < _MOST and not self._is_gone(device):
                self.returned.add(device)
        elif (device, root) not in self._gone:
            self._gone[device, root] = Station(now, telegram.covers, telegram.format, root)

    def _is_gone(self, device: str) -> bool:
        return any(name == device for name, _ in self._gone.keys())  # noqa: SIM118 - no mapping of the language's own

    def heard(self, device: str) -> None:
        """A device that measures is there, whatever was said; so is the gateway it came through."""
        if len(self._gone):
            self._gone.pop((device, ""))

    def muted_by(self, device: str, language: str, topic: str = "") -> str | None:
        """Name the gateway whose absence explains a device's, heard on `topic`; None when there is none."""
        for (name, _), station in self._gone.items():
            if name != device and _covers(station, device, language, topic):
                return name
        named = next((via for pattern, via in self._via if fnmatchcase(device, pattern)), None)
        return named if named is not None and self._is_gone(named) else None

    def due(self, now: float, known: Iterable[tuple[str, str, str]]) -> list[Absence]:
        """Return whom to call silent: one a gateway, and devices that no absent gateway explains.

        Args:
            now: epoch s.
            known: (device, language, topic) of those that have measured.
        """
        if not len(self._gone):
            return []
        heard = {device: (language, topic) for device, language, topic in known}
        found = []
        for (name, _), station in self._gone.items():
            if station.said or now - station.since < self._grace:
                continue
            station.said = True
            gateway = self._has_children(name, station, heard)
            if gateway or (name in heard and self.muted_by(name, *heard[name]) is None):
                found.append(Absence(name, gateway=gateway))
        return found

    def _has_children(self, name: str, station: Station, heard: dict[str, tuple[str, str]]) -> bool:
        if any(_covers(station, device, *how) for device, how in heard.items() if device != name):
            return True
        return any(via == name for _, via in self._via)


def _covers(station: Station, device: str, language: str, topic: str) -> bool:
    if station.covers is None:
        return False
    if station.covers != "*":
        return device.startswith(station.covers)
    return language == station.format and (not topic or topic.startswith(station.root))
