"""The Bus port: how a service hears and speaks, whatever the broker and its client library."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MAX_PACKET_BYTES = 131_072  # mosquitto.conf says the same; a longer message would loop disconnect and resend for ever


class BusError(Exception):
    """Base of the bus's errors."""


class MessageTooLargeError(BusError):
    """A message is longer than the broker takes."""


class Message(msgspec.Struct, frozen=True, gc=False):
    """One delivery; `received_at` is aware UTC, `delivery` is for `Bus.ack` alone."""

    topic: str
    payload: bytes
    retained: bool
    duplicate: bool
    received_at: datetime
    delivery: object


@dataclass(frozen=True, slots=True)
class Will:
    """What the broker says, retained, when the connection breaks."""

    topic: str
    payload: bytes


class Publication:
    """Handle of one publish; may be asked from any thread.

    Attributes:
        refused: the broker's reason, None while pending or when it was taken.
    """

    __slots__ = ("_done", "refused")

    def __init__(self) -> None:
        self.refused: str | None = None
        self._done = threading.Event()

    @property
    def done(self) -> bool:
        """Tell whether the broker has answered."""
        return self._done.is_set()

    @property
    def accepted(self) -> bool:
        """Tell whether the broker has taken the message."""
        return self._done.is_set() and self.refused is None

    def settle(self, refused: str | None = None) -> None:
        """Record the broker's answer; for adapters."""
        self.refused = refused
        self._done.set()

    def wait(self, timeout: float) -> bool:
        """Wait for the answer at most `timeout` seconds; tell whether it came."""
        return self._done.wait(timeout)


class Bus(ABC):
    """A client of the broker with a lasting session: at least once, in order where nothing breaks."""

    @abstractmethod
    def start(self) -> None:
        """Connect in the background and return at once; reconnects by itself, with jitter."""

    @abstractmethod
    def stop(self, timeout: float = 5.0) -> None:
        """Send what waits, at most `timeout` seconds, and disconnect; may be called twice."""

    @abstractmethod
    def receive(self, limit: int, timeout: float) -> list[Message]:
        """Return up to `limit` messages; wait at most `timeout` seconds for the first, for no other."""

    @abstractmethod
    def ack(self, messages: Iterable[Message]) -> None:
        """Settle messages for good; those of an earlier connection are skipped, the broker sends them again."""

    @abstractmethod
    def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> Publication:
        """Send a message; at QoS 1 it is kept in memory until the broker answers, over reconnects too.

        Raises:
            MessageTooLargeError: it is longer than `MAX_PACKET_BYTES` with its topic.
        """

    def listen(self, subscriptions: Sequence[str]) -> None:
        """Listen to these topic filters from now on, and to no others.

        Raises:
            NotImplementedError: this adapter's filters are fixed.
        """
        raise NotImplementedError(f"{type(self).__name__} cannot listen to {len(subscriptions)} other filters")

    @abstractmethod
    def wait_connected(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds for a connection; tell whether there is one."""

    @property
    @abstractmethod
    def connected(self) -> bool:
        """Tell whether the broker is connected now."""

    @property
    @abstractmethod
    def generation(self) -> int:
        """Number of the connection; a later one has a higher number."""

    @property
    def refusals(self) -> Mapping[str, str]:
        """What the broker has refused on this connection (`connect`, `publish`, `subscribe <filter>`), and why."""
        return {}


def checked_packet(topic: str, payload: bytes) -> None:
    """Refuse what the broker would refuse by closing the connection.

    Raises:
        MessageTooLargeError: topic and payload are longer than a packet may be.
        ValueError: the topic is empty or holds a wildcard.
    """
    size = len(topic.encode()) + len(payload) + 64
    if size > MAX_PACKET_BYTES:
        raise MessageTooLargeError(f"message of {size} bytes on {topic!r}: expected at most {MAX_PACKET_BYTES}")
    if not topic or "+" in topic or "#" in topic:
        raise ValueError(f"topic {topic!r}: expected a topic without wildcards")
