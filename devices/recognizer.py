"""The port: any message in, a telegram out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from devices.bounded import Bounded
from devices.foreign_message import MAX_PAYLOAD_BYTES, ForeignMessage
from devices.formats import FORMATS
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


class Recognizer:
    """Reads messages in whatever language they are; remembers, in bounds, what messages say about others.

    Profiles are asked first, then the built-in formats in their order. A topic that was recognised once is first read
    in the language it had.

    Args:
        profiles: languages of the user's own, asked in order.
        strip_prefixes: texts taken off the front of a topic, at most one, the longest that fits.
        own_prefix: messages below it are ours and are ignored.
        autodetect: whether the built-in formats are asked.
    """

    def __init__(
        self,
        profiles: Iterable[Profile] = (),
        *,
        strip_prefixes: Sequence[str] = (),
        own_prefix: str = "tocsin",
        autodetect: bool = True,
    ) -> None:
        self.knowledge = Knowledge()
        self._formats: list[Format] = [ProfileLanguage(self.knowledge, profile) for profile in profiles]
        if autodetect:
            self._formats += [format_(self.knowledge) for format_ in FORMATS]
        self._prefixes = sorted(strip_prefixes, key=len, reverse=True)
        self._own = own_prefix + "/"
        self._routes: Bounded[str, int] = Bounded(_MOST_ROUTES)
        self._changes = 0

    @classmethod
    def of(cls, file: ProfileFile, own_prefix: str) -> Recognizer:
        """Make one as a profile file says."""
        return cls(
            file.profiles,
            strip_prefixes=file.mqtt.strip_prefix,
            own_prefix=own_prefix,
            autodetect=file.autodetect,
        )

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
        message = ForeignMessage(self._stripped(topic), payload, received_at, retained=retained)
        return _checked(self._read(message))

    def _stripped(self, topic: str) -> str:
        for prefix in self._prefixes:
            if topic.startswith(prefix) and len(topic) > len(prefix):
                return topic[len(prefix) :]
        return topic

    def _read(self, message: ForeignMessage) -> Telegram:
        if self._changes != self.knowledge.changes:
            self._changes = self.knowledge.changes
            self._routes.clear()
        known = self._routes.get(message.topic)
        if known is not None:
            telegram = self._formats[known].read(message)
            if telegram is not None:
                return telegram
        for index, language in enumerate(self._formats):
            telegram = language.read(message)
            if telegram is not None:
                if self._changes == self.knowledge.changes:
                    self._routes[message.topic] = index
                return telegram
        return unreadable("none", "no profile reads this, and autodetect is off")


def _checked(telegram: Telegram) -> Telegram:
    """Refuse names that no device can have."""
    readings = telegram.readings
    names = [reading.device for reading in readings] if len(readings) > 1 else [telegram.device]
    for device in names:
        if device is not None and not is_known_name(device):
            return unreadable(telegram.format, "a device name of more than 128 characters, or with unprintable ones")
    return telegram
