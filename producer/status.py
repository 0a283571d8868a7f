"""What the producer says of itself, and what detectors say to it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from contracts.codec import decode, encode
from contracts.errors import DecodeError
from contracts.service import DeadLetter, ServiceStatus
from runtime.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from contracts.topics import Topics
    from producer.pacing import Pacer
    from runtime.bus import Bus, Message

SERVICE = "producer"
_ANSWERS = "/commands"  # of a detector to an operator
_REFUSALS = "/deadletters/detector"
_log = get_logger("producer.status")


class Announcer:
    """Publishes the producer's state, retained.

    Args:
        bus: to publish on.
        topics: names.
        instance: which copy of the producer this is.
        version: of Tocsin.
    """

    def __init__(self, bus: Bus, topics: Topics, instance: str, version: str) -> None:
        self._bus = bus
        self._topic = topics.service(SERVICE, instance)
        self._instance = instance
        self._version = version
        self._since = datetime.now(UTC)

    def online(self, position: Mapping[str, int], counters: Mapping[str, float]) -> None:
        """Say that the producer is here and what it has done."""
        status = ServiceStatus(
            service=SERVICE,
            instance=self._instance,
            state="online",
            version=self._version,
            since=self._since,
            at=datetime.now(UTC),
            position=dict(position),
            counters=dict(counters),
        )
        self._bus.publish(self._topic, encode(status), retain=True)

    def offline(self) -> None:
        """Say that the producer goes."""
        self._bus.publish(self._topic, offline_status(self._instance), retain=True)


def offline_status(instance: str) -> bytes:
    """Write the producer's will."""
    return encode(ServiceStatus(service=SERVICE, instance=instance, state="offline"))


def hear(messages: Iterable[Message], pacer: Pacer, now: float) -> None:
    """Give statuses and dead letters to the pacer; a message that does not decode is logged and left."""
    for message in messages:
        if message.topic.endswith(_ANSWERS):
            continue
        try:
            if message.topic.endswith(_REFUSALS):
                # Not by the codec of contracts: a dead letter is longer than other messages may be.
                _hear_refusal(msgspec.json.decode(message.payload, type=DeadLetter), pacer, now)
            else:
                pacer.observe(decode(message.payload, ServiceStatus), now)
        except (DecodeError, msgspec.DecodeError, UnicodeDecodeError) as error:
            _log.warning("a message that cannot be read", topic=message.topic, error=str(error))


def _hear_refusal(letter: DeadLetter, pacer: Pacer, now: float) -> None:
    """Count a refused reading if it is one of the pacer's run, as our own encoding names the run."""
    if "/readings/" in letter.topic and b'"run":' + msgspec.json.encode(pacer.key) in letter.payload:
        pacer.refuse(letter.reason, now)
