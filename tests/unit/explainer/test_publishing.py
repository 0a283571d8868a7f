from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from explainer.messages.publishing import MAX_IN_FLIGHT, OutboxPublisher
from explainer.meters import Meters
from runtime.bus import Bus, MessageTooLargeError, Publication
from storage.book import AlertBook
from storage.database import open_engine
from storage.migrate import migrate
from tests.unit.explainer.anomalies import START

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from runtime.bus import Message


class SlowBus(Bus):
    """Answers a publish only when told to."""

    connected = True
    generation = 1

    def __init__(self) -> None:
        self.sent: list[tuple[str, Publication]] = []

    def start(self) -> None: ...

    def stop(self, timeout: float = 5.0) -> None: ...

    def receive(self, limit: int, timeout: float) -> list[Message]:  # noqa: ARG002 - nothing comes
        return []

    def ack(self, messages: Iterable[Message]) -> None: ...

    def wait_connected(self, timeout: float) -> bool:  # noqa: ARG002 - it is
        return True

    def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> Publication:  # noqa: ARG002 - only the topic matters
        if topic == "too large":
            raise MessageTooLargeError(topic)
        self.sent.append((topic, Publication()))
        return self.sent[-1][1]

    def topics(self) -> list[str]:
        """Return what was published so far."""
        return [topic for topic, _publication in self.sent]


@pytest.fixture
def book(tmp_path: Path) -> AlertBook:
    """An empty database."""
    engine = open_engine(f"sqlite:///{tmp_path}/alerts.db")
    migrate(engine)
    return AlertBook(engine)


def queue(book: AlertBook, *topics: str) -> None:
    """Owe a message on each topic."""
    with book.writing() as entry:
        entry.queue([(topic, b"x") for topic in topics], START)


def test_what_the_broker_took_is_owed_no_longer(book: AlertBook) -> None:
    """A message leaves the outbox only after the broker's answer, and a moment later at most."""
    bus, now = SlowBus(), [0.0]
    publisher = OutboxPublisher(book, bus, Meters(), lambda: now[0])
    queue(book, "a", "b")
    publisher.turn()
    bus.sent[0][1].settle()
    now[0] = 1.0
    publisher.turn()
    now[0] = 2.0
    publisher.turn()
    assert [owed.topic for owed in book.publications(10)] == ["b"]
    assert bus.topics() == ["a", "b"]


def test_a_refused_message_is_tried_again_later(book: AlertBook) -> None:
    """The others go on meanwhile; it is neither dropped nor repeated at once."""
    bus, now = SlowBus(), [0.0]
    publisher = OutboxPublisher(book, bus, Meters(), lambda: now[0])
    queue(book, "a", "b")
    publisher.turn()
    bus.sent[0][1].settle("Not authorized")
    bus.sent[1][1].settle()
    for moment in (1.0, 2.0, 29.0):
        now[0] = moment
        publisher.turn()
    assert bus.topics() == ["a", "b"]
    now[0] = 40.0
    publisher.turn()
    assert bus.topics() == ["a", "b", "a"]
    assert [owed.topic for owed in book.publications(10)] == ["a"]


def test_a_message_that_can_never_be_sent_holds_up_nobody(book: AlertBook) -> None:
    """One that is longer than a packet may be is dropped with an error; the next is sent."""
    bus = SlowBus()
    publisher = OutboxPublisher(book, bus, Meters(), lambda: 0.0)
    queue(book, "too large", "b")
    publisher.turn()
    publisher.finish()
    assert bus.topics() == ["b"]
    assert [owed.topic for owed in book.publications(10)] == ["b"]


def test_only_so_many_are_under_way(book: AlertBook) -> None:
    """The next are sent as answers come, in order."""
    bus = SlowBus()
    publisher = OutboxPublisher(book, bus, Meters(), lambda: 0.0)
    queue(book, *(str(number) for number in range(MAX_IN_FLIGHT + 5)))
    publisher.turn()
    publisher.turn()
    assert len(bus.sent) == MAX_IN_FLIGHT
    bus.sent[3][1].settle()
    publisher.turn()
    assert bus.topics()[-1] == str(MAX_IN_FLIGHT)


def test_a_restart_begins_with_what_is_still_owed(book: AlertBook) -> None:
    """What had no answer yet is published again by the next publisher."""
    queue(book, "a", "b")
    first = SlowBus()
    OutboxPublisher(book, first, Meters(), lambda: 0.0).turn()
    second = SlowBus()
    OutboxPublisher(book, second, Meters(), lambda: 0.0).turn()
    assert first.topics() == second.topics() == ["a", "b"]
