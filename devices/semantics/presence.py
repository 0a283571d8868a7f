"""Who is there: what availability messages say, whose fate is shared, and when an absence counts."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

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
        self._gone: dict[tuple[str, str], Station] = {}  # by name and root: gateways share names
        self._whole: dict[tuple[str, str], Station] = {}  # those among them that cover "*"
        self._prefixes: dict[str, tuple[str, str]] = {}  # of the others that cover something, by what they cover
        self.returned: set[str] = set()

    def inherit(self, before: Presence) -> None:
        """Go on with who was gone for another one, under another profile file."""
        self._gone, self._whole, self._prefixes = before._gone, before._whole, before._prefixes
        self.returned = before.returned

    def note(self, telegram: Telegram, now: float, topic: str = "") -> None:
        """Take what a message on a topic says of a device; a birth certificate says it too."""
        device = telegram.device
        if device is None or telegram.online is None:
            return
        root = topic.removesuffix(telegram.below) + "/" if telegram.below and topic else ""
        if telegram.online:
            self._forget((device, root))
        elif (device, root) not in self._gone and len(self._gone) < _MOST:
            station = self._gone[device, root] = Station(now, telegram.covers, telegram.format, root)
            if station.covers == "*":
                self._whole[device, root] = station
            elif station.covers is not None:
                self._prefixes[station.covers] = (device, root)

    def heard(self, device: str, language: str = "", topic: str = "") -> None:
        """A device that measures is there, whatever was said; so is the gateway it came through."""
        if not self._gone:
            return
        if (device, "") in self._gone:
            self._forget((device, ""))
        for key in list(self._above(device, language, topic)):
            self._forget(key)

    def muted_by(self, device: str, language: str, topic: str = "") -> str | None:
        """Name the gateway whose absence explains a device's, heard on `topic`; None when there is none."""
        for name, _ in self._above(device, language, topic):
            if name != device:
                return name
        named = next((via for pattern, via in self._via if fnmatchcase(device, pattern)), None)
        return named if named is not None and self._is_gone(named) else None

    def due(self, now: float, known: Iterable[tuple[str, str, str]]) -> list[Absence]:
        """Return whom to call silent: one a gateway, and devices that no absent gateway explains.

        Args:
            now: epoch s.
            known: (device, language, topic) of those that have measured.
        """
        late = [(key, one) for key, one in self._gone.items() if not one.said and now - one.since >= self._grace]
        if not late:
            return []
        heard = {device: (language, topic) for device, language, topic in known}
        found = []
        for (name, _), station in late:
            station.said = True
            children = self._children(name, station, heard)
            if len(children) == 1 and name not in heard and station.covers != "*":
                found.append(Absence(children[0], gateway=False))  # one device, named by its topic and by its parent's
            elif children or (name in heard and self.muted_by(name, *heard[name]) is None):
                found.append(Absence(name, gateway=bool(children)))
        return found

    def _forget(self, key: tuple[str, str]) -> None:
        station = self._gone.pop(key, None)
        self._whole.pop(key, None)
        if station is not None and station.covers is not None:
            self._prefixes.pop(station.covers, None)
        if len(self.returned) < _MOST and not self._is_gone(key[0]):
            self.returned.add(key[0])

    def _is_gone(self, device: str) -> bool:
        return (device, "") in self._gone or any(name == device for name, _ in self._whole)

    def _above(self, device: str, language: str, topic: str) -> Iterator[tuple[str, str]]:
        """Walk over what is gone and takes a device along."""
        for key, station in self._whole.items():
            if _covers(station, device, language, topic):
                yield key
        if self._prefixes:
            for end, character in enumerate(device, start=1):
                if character == "/" and (key_ := self._prefixes.get(device[:end])) is not None:
                    yield key_

    def _children(self, name: str, station: Station, heard: dict[str, tuple[str, str]]) -> list[str]:
        found = [device for device, how in heard.items() if device != name and _covers(station, device, *how)]
        named = [pattern for pattern, via in self._via if via == name]
        return found + named * 2  # whom a pattern names are never one


def _covers(station: Station, device: str, language: str, topic: str) -> bool:
    if station.covers is None:
        return False
    if station.covers != "*":
        return device.startswith(station.covers)
    return language == station.format and (not topic or topic.startswith(station.root))
