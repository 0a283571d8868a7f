"""Messages that a service could not use, told as they come: a device that sends nonsense must not stay unnoticed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec

from contracts.errors import TopicError
from contracts.service import DeadLetter
from tocsin.terminal import printable
from tocsin.time_words import clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from contracts.topics import Topics
    from runtime.bus import Message

INTERNAL_ERROR = "internal_error"
_EVERY_S = 60.0
_MAX_SOURCES = 1_000
_MAX_DETAIL = 200


class Refusals:
    """Turns dead letters into lines: at most one a minute of each device, with the number of those left out.

    Args:
        topics: names.
        now: seconds of a steady clock.
    """

    def __init__(self, topics: Topics, now: Callable[[], float] = time.monotonic) -> None:
        self._topics = topics
        self._now = now
        self._said_at: dict[str, float] = {}
        self._unsaid: dict[str, int] = {}

    def line(self, message: Message) -> str | None:
        """Say what could not be used and why; None for what was just said, and for what is no dead letter."""
        try:
            # Not by the codec of contracts: a dead letter is longer than other messages may be.
            letter = msgspec.json.decode(message.payload, type=DeadLetter)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        source = refused_source(letter.device, letter.topic, self._topics)
        if not self._is_time(source):
            if source in self._said_at:
                self._unsaid[source] = self._unsaid.get(source, 0) + 1
            return None
        more = self._unsaid.pop(source, 0)
        why = "an error in Tocsin itself: " if letter.reason == INTERNAL_ERROR else ""
        words = f"{source}: a message could not be used: {why}{letter.detail[:_MAX_DETAIL]}".replace("\n", " ")
        return printable(f"{clock(message.received_at)} {words}" + (f" ({more:,} more before)" if more else ""))

    def _is_time(self, source: str) -> bool:
        now = self._now()
        if now - self._said_at.get(source, -_EVERY_S) < _EVERY_S:
            return False
        if len(self._said_at) >= _MAX_SOURCES:
            self._forget(now)
        if len(self._said_at) >= _MAX_SOURCES and source not in self._said_at:  # somebody invents names
            return False
        self._said_at[source] = now
        return True

    def _forget(self, now: float) -> None:
        self._said_at = {name: at for name, at in self._said_at.items() if now - at < _EVERY_S}
        self._unsaid = {name: count for name, count in self._unsaid.items() if name in self._said_at}


def refused_source(device: str | None, topic: str, topics: Topics) -> str:
    """Name who sent a refused message: its device, or the topic of what came from no device."""
    if device is not None:
        return device
    try:
        return topics.device_of(topic) if topic.startswith(topics.prefix + "/readings/") else topic
    except TopicError:
        return topic
