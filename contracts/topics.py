"""Topic names under one prefix, and device names as topic levels."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, unquote

from contracts.errors import TopicError

MAX_NAME_CHARACTERS = 128


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one installation.

    Raises:
        TopicError: the prefix is empty, starts with `$` or `/`, ends with `/`, or holds a wildcard.
    """

    prefix: str = "tocsin"

    def __post_init__(self) -> None:
        bad_edge = self.prefix != self.prefix.strip("/ ") or not self.prefix
        if bad_edge or self.prefix.startswith("$") or set(self.prefix) & set("+#\0") or "//" in self.prefix:
            raise TopicError(f"topic prefix {self.prefix!r}: expected levels such as 'tocsin' or 'plant/tocsin'")

    def readings(self, device: str) -> str:
        """Where a device's readings are published."""
        return f"{self.prefix}/readings/{encode_level(device)}"

    def truth(self, device: str) -> str:
        """Where the ground truth of a device's readings is published."""
        return f"{self.prefix}/truth/{encode_level(device)}"

    def anomalies(self, device: str) -> str:
        """Where a device's anomalies are published."""
        return f"{self.prefix}/anomalies/{encode_level(device)}"

    def alerts(self, device: str) -> str:
        """Where a device's alerts are published."""
        return f"{self.prefix}/alerts/{encode_level(device)}"

    def bell(self, device: str) -> str:
        """Where a device's alerts are published as lines a person reads."""
        return f"{self.prefix}/bell/{encode_level(device)}"

    def scores(self, device: str) -> str:
        """Where a device's newest score is published."""
        return f"{self.prefix}/scores/{encode_level(device)}"

    def device(self, device: str) -> str:
        """Where a device's state is kept."""
        return f"{self.prefix}/devices/{encode_level(device)}"

    def receipts(self, service: str) -> str:
        """Where receipts for a service are published."""
        return f"{self.prefix}/receipts/{service}"

    def service(self, service: str, instance: str) -> str:
        """Where a service's state is kept."""
        return f"{self.prefix}/services/{service}/{encode_level(instance)}"

    def deadletters(self, service: str) -> str:
        """Where a service publishes the messages it could not use."""
        return f"{self.prefix}/deadletters/{service}"

    def feedback(self, incident: str) -> str:
        """Where people say what they think of an incident."""
        return f"{self.prefix}/feedback/{incident}"

    def digest(self) -> str:
        """Where the weekly digest is published."""
        return f"{self.prefix}/digest"

    def commands(self, service: str) -> str:
        """Where an operator orders something of a service."""
        return f"{self.prefix}/commands/{service}"

    def answers(self, service: str, instance: str) -> str:
        """Where a service answers commands and feedback."""
        return self.service(service, instance) + "/commands"

    def every(self, kind: str) -> str:
        """Topic filter for all topics of a kind, such as `readings` or `services`."""
        return f"{self.prefix}/{kind}/#"

    def kind_of(self, topic: str) -> str:
        """Read the kind, such as `readings`, from a topic of ours."""
        return topic.removeprefix(self.prefix + "/").partition("/")[0]

    def device_of(self, topic: str) -> str:
        """Read the device's name from a topic of the form `<prefix>/<kind>/<device>`.

        Raises:
            TopicError: the topic has another form, or its last level is no device name.
        """
        levels = topic.removeprefix(self.prefix + "/").split("/")
        if not topic.startswith(self.prefix + "/") or len(levels) != 2:  # noqa: PLR2004 - kind and device
            raise TopicError(f"topic {topic!r}: expected '{self.prefix}/<kind>/<device>'")
        return checked_name(decode_level(levels[1]), "device")


def encode_level(name: str) -> str:
    """Write a name as one topic level: reversible percent-encoding, never holding `/`, `+`, `#` or a leading `$`.

    Letters and digits of any script stay readable; a space is encoded too, because some brokers refuse it.

    Raises:
        TopicError: the name is no name.
    """
    checked_name(name, "name")
    return "".join(c if c.isalnum() or c in "-_.~" else quote(c, safe="") for c in name)


def decode_level(level: str) -> str:
    """Read the name behind a topic level; a level that was never encoded stands for itself."""
    try:
        return unquote(level, errors="strict")
    except UnicodeDecodeError:
        return level


def checked_name(name: str, what: str) -> str:
    """Return the name of a device or metric, or refuse it.

    Raises:
        TopicError: the name is empty, blank, longer than 128 characters or holds unprintable characters.
    """
    if not is_name(name):
        raise TopicError(f"{what} {name[:MAX_NAME_CHARACTERS]!a}: expected 1 to 128 printable characters, not blank")
    return name


def is_name(name: str) -> bool:
    """Tell whether a text may name a device or a metric: printable (no control, bidi or tag characters), not blank."""
    return name.isprintable() and 0 < len(name) <= MAX_NAME_CHARACTERS and not name.isspace()
