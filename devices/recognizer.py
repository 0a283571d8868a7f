"""The port: any message in, a telegram out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from devices.bounded import Bounded
from devices.foreign_message import MAX_PAYLOAD_BYTES, ForeignMessage
from devices.formats import FORMATS
from devices.formats.json_objects import Json
from devices.formats.plain import Plain
from devices.formats.port import Knowledge
from devices.profiles.language import ProfileLanguage
from devices.telegram import Telegram, ignored, unreadable
from devices.values import is_known_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from devices.formats.port import Format
    from devices.profiles.profile import Profile, ProfileFile

OWN = "own"  # the format of messages of ours
_MOST_ROUTES = 50_000
_LONGEST_TOPIC = 1024
_SHAPES = frozenset({b"{", b"["})
_NO_MEMBERS: frozenset[str] = frozenset()


class _Languages:
    """Formats that share what messages have taught; they remember in which one a topic was read."""

    def __init__(self, profiles: Sequence[Profile], *, autodetect: bool) -> None:
        self._profiles = profiles
        self.knowledge = Knowledge()
        self._built_in: list[Format] = [format_(self.knowledge) for format_ in FORMATS] if autodetect else []
        self._formats = self._in_order()
        self._routes: Bounded[tuple[str, bytes], tuple[int, frozenset[str] | None]] = Bounded(_MOST_ROUTES)
        self._changes = 0

    def inherit(self, before: _Languages) -> None:
        """Go on with what was taught to another one, under profiles of its own."""
        self.knowledge, self._built_in = before.knowledge, before._built_in
        self._formats = self._in_order()

    def _in_order(self) -> list[Format]:
        return [*(ProfileLanguage(self.knowledge, one) for one in self._profiles), *self._built_in]

    def read(self, message: ForeignMessage) -> Telegram:
        if self._changes != self.knowledge.changes:
            self._changes = self.knowledge.changes
            self._routes.clear()
        first = message.payload[:1]
        key = message.topic, first if first in _SHAPES else b""
        known = self._routes.get(key)
        if known is not None and first and (known[1] is None or known[1] == _members(message)):
            telegram = self._formats[known[0]].read(message)
            if telegram is not None:
                return telegram
        for index, language in enumerate(self._formats):
            telegram = language.read(message)
            if telegram is not None:
                self._remember(key, index, message, telegram)
                return telegram
        return unreadable("none", "no profile reads this, and autodetect is off")

    def _remember(self, key: tuple[str, bytes], index: int, message: ForeignMessage, telegram: Telegram) -> None:
        """Note in which language a topic was read; of one that takes whatever others leave, only for the like."""
        if not message.payload:
            return
        takes_all = isinstance(self._formats[index], (Json, Plain))
        if self._changes == self.knowledge.changes and not (takes_all and telegram.kind != "telemetry"):
            self._routes[key] = index, _members(message) if takes_all else None


def _members(message: ForeignMessage) -> frozenset[str]:
    """Return the keys of a JSON object, or of the first in a list; none of anything else."""
    if message.payload[:1] not in _SHAPES:
        return _NO_MEMBERS
    value = message.json
    first = value[0] if isinstance(value, list) and value else value
    return frozenset(first) if isinstance(first, dict) else _NO_MEMBERS


class Recognizer:
    """Reads messages in whatever language they are; remembers, in bounds, what messages say about others.

    Profiles are asked first, then the built-in formats in their order. A topic that was recognised once is first read
    in the language it had.

    Args:
        profiles: languages of the user's own, asked in order.
        strip_prefixes: texts taken off the front of a topic, at most one, the longest that fits.
        name_sites: each prefix is a site of its own: what its messages teach is for them alone, and it stands before
            the names of its devices.
        own_prefix: messages below it are ours and are ignored.
        autodetect: whether the built-in formats are asked.
    """

    def __init__(
        self,
        profiles: Iterable[Profile] = (),
        *,
        strip_prefixes: Sequence[str] = (),
        name_sites: bool = False,
        own_prefix: str = "tocsin",
        autodetect: bool = True,
    ) -> None:
        profiles = tuple(profiles)
        self._basis = (tuple(strip_prefixes), name_sites, autodetect)
        self._languages = _Languages(profiles, autodetect=autodetect)
        sites = strip_prefixes if name_sites else ()
        self._sites = {prefix: _Languages(profiles, autodetect=autodetect) for prefix in sites}
        self._prefixes = sorted(strip_prefixes, key=len, reverse=True)
        self._own = own_prefix + "/"

    @classmethod
    def of(cls, file: ProfileFile, own_prefix: str) -> Recognizer:
        """Make one as a profile file says."""
        return cls(
            file.profiles,
            strip_prefixes=file.mqtt.strip_prefix,
            name_sites=file.mqtt.name_sites,
            own_prefix=own_prefix,
            autodetect=file.autodetect,
        )

    def inherit(self, before: Recognizer) -> bool:
        """Go on with what messages have taught another one; False when topics meant something else to it."""
        if self._basis != before._basis:
            return False
        self._languages.inherit(before._languages)
        for prefix, languages in self._sites.items():
            languages.inherit(before._sites[prefix])
        return True

    @property
    def knowledge(self) -> Knowledge:
        """What messages have taught that belong to no site."""
        return self._languages.knowledge

    def read(self, topic: str, payload: bytes, received_at: datetime, *, retained: bool = False) -> Telegram:
        """Say what a message is; never raises.

        Args:
            topic: as received.
            payload: as received.
            received_at: aware UTC; stands in where times are relative.
            retained: the broker kept the message.
        """
        if topic.startswith(self._own):
            return ignored(OWN, "a topic of ours")
        if len(payload) > MAX_PAYLOAD_BYTES or len(topic) > _LONGEST_TOPIC or not topic:
            return unreadable("none", f"longer than {MAX_PAYLOAD_BYTES} bytes, or its topic than {_LONGEST_TOPIC}")
        prefix = next((one for one in self._prefixes if topic.startswith(one) and len(topic) > len(one)), "")
        message = ForeignMessage(topic[len(prefix) :], payload, received_at, retained=retained)
        site = self._sites.get(prefix)
        if site is None:
            return _checked(self._languages.read(message))
        return _checked(_at_site(site.read(message), prefix))


def _at_site(telegram: Telegram, site: str) -> Telegram:
    """Put a site before the names of its devices."""
    covers = telegram.covers
    return replace(
        telegram,
        device=None if telegram.device is None else site + telegram.device,
        readings=tuple(replace(one, device=site + one.device) for one in telegram.readings),
        covers=covers if covers is None or covers == "*" else site + covers,
    )


def _checked(telegram: Telegram) -> Telegram:
    """Refuse names that no device can have."""
    readings = telegram.readings
    names = [reading.device for reading in readings] if len(readings) > 1 else [telegram.device]
    for device in names:
        if device is not None and not is_known_name(device):
            return unreadable(telegram.format, "a device name of more than 128 characters, or with unprintable ones")
    return telegram
