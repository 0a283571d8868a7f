"""A broker in memory with sessions, retained messages, wills and redelivery; for tests and trials."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, NamedTuple, cast

from msgspec.structs import replace
from paho.mqtt.matcher import MQTTMatcher

from runtime.bus import Bus, Message, Publication, Will, checked_packet

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(slots=True)
class _Session:
    filters: Sequence[str]
    will: Will | None = None
    waiting: deque[Message] = field(default_factory=deque)
    unacked: dict[int, Message] = field(default_factory=dict)
    generation: int = 0
    connected: bool = False


class _Delivery(NamedTuple):
    generation: int
    number: int


class MemoryBroker:
    """Holds sessions by client id; `crash` and `restart` drop connections as a killed broker would."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.sessions: dict[str, _Session] = {}
        self.retained: dict[str, bytes] = {}
        self.published: list[tuple[str, bytes]] = []
        self._deliveries = count(1)

    def client(self, client_id: str, subscriptions: Sequence[str] = (), will: Will | None = None) -> MemoryBus:
        """Make a client; a client id that is known goes on with its session."""
        with self.changed:
            session = self.sessions.setdefault(client_id, _Session(tuple(subscriptions)))
            session.filters = tuple(subscriptions)
            session.will = will
        return MemoryBus(self, session)

    def connect(self, session: _Session) -> None:
        """Begin a connection: unacked messages come again, retained ones are sent."""
        with self.changed:
            again = [replace(message, duplicate=True) for message in session.unacked.values()]
            session.waiting.extendleft(reversed(again))
            session.unacked.clear()
            session.generation += 1
            session.connected = True
            for topic, payload in self.retained.items():
                if _matches(session.filters, topic):
                    self._deliver(session, topic, payload, retained=True)
            self.changed.notify_all()

    def disconnect(self, session: _Session, *, clean: bool) -> None:
        """End a connection; an unclean end publishes the will."""
        with self.changed:
            was_connected, session.connected = session.connected, False
            self.changed.notify_all()
        if was_connected and not clean and session.will:
            self.publish(session.will.topic, session.will.payload, retain=True)

    def refilter(self, session: _Session, subscriptions: Sequence[str]) -> None:
        """Give a session other filters."""
        with self.changed:
            new = [one for one in subscriptions if one not in session.filters]
            session.filters = tuple(subscriptions)
            for topic, payload in self.retained.items():
                if _matches(new, topic):
                    self._deliver(session, topic, payload, retained=True)
            self.changed.notify_all()

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Route one message to every session whose filters match."""
        checked_packet(topic, payload)
        with self.changed:
            self.published.append((topic, payload))
            if retain and payload:
                self.retained[topic] = payload
            elif retain:
                self.retained.pop(topic, None)
            for session in self.sessions.values():
                if _matches(session.filters, topic):
                    self._deliver(session, topic, payload, retained=False)
            self.changed.notify_all()

    def _deliver(self, session: _Session, topic: str, payload: bytes, *, retained: bool) -> None:
        delivery = _Delivery(0, next(self._deliveries))
        session.waiting.append(Message(topic, payload, retained, False, datetime.now(UTC), delivery))  # noqa: FBT003 - a fresh one


class MemoryBus(Bus):
    """One client of a MemoryBroker."""

    def __init__(self, broker: MemoryBroker, session: _Session) -> None:
        self._broker = broker
        self._session = session

    def start(self) -> None:
        """Connect."""
        self._broker.connect(self._session)

    def stop(self, timeout: float = 5.0) -> None:  # noqa: ARG002 - nothing waits in memory
        """Disconnect cleanly."""
        self._broker.disconnect(self._session, clean=True)

    def listen(self, subscriptions: Sequence[str]) -> None:
        """Listen to other filters; retained messages of new ones come at once."""
        self._broker.refilter(self._session, subscriptions)

    def kill(self) -> None:
        """Break the connection as a SIGKILL would."""
        self._broker.disconnect(self._session, clean=False)

    def receive(self, limit: int, timeout: float) -> list[Message]:
        """Return what waits, up to `limit`."""
        session = self._session
        with self._broker.changed:
            self._broker.changed.wait_for(lambda: session.connected and session.waiting, timeout)
            if not session.connected:
                return []
            taken = [session.waiting.popleft() for _ in range(min(limit, len(session.waiting)))]
            taken = [replace(message, delivery=self._delivery(message)) for message in taken]
            session.unacked.update({cast("_Delivery", message.delivery).number: message for message in taken})
            return taken

    def _delivery(self, message: Message) -> _Delivery:
        number = cast("_Delivery", message.delivery).number
        return _Delivery(self._session.generation, number)

    def ack(self, messages: Iterable[Message]) -> None:
        """Settle messages of this connection."""
        with self._broker.changed:
            for message in messages:
                delivery = cast("_Delivery", message.delivery)
                if delivery.generation == self._session.generation:
                    self._session.unacked.pop(delivery.number, None)

    def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> Publication:  # noqa: ARG002 - memory keeps all
        """Route at once."""
        publication = Publication()
        self._broker.publish(topic, payload, retain=retain)
        publication.settle()
        return publication

    def wait_connected(self, timeout: float) -> bool:  # noqa: ARG002 - known at once
        """Tell whether it is connected."""
        return self._session.connected

    @property
    def connected(self) -> bool:
        """Tell whether it is connected."""
        return self._session.connected

    @property
    def generation(self) -> int:
        """Number of the connection."""
        return self._session.generation


def _matches(filters: Iterable[str], topic: str) -> bool:
    matcher = MQTTMatcher()  # type: ignore[no-untyped-call]
    for topic_filter in filters:
        matcher[topic_filter] = True
    return any(matcher.iter_match(topic))  # type: ignore[no-untyped-call]
