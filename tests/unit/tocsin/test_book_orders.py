"""What the commands hear of an incident after somebody has said something of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
import pytest

from contracts.codec import encode
from contracts.service import Feedback
from contracts.topics import Topics
from runtime.memory_bus import MemoryBroker
from tests.unit.storage.alert_records import record
from tocsin.book.orders import BookOrders

if TYPE_CHECKING:
    from contracts.alert import Alert, Status

TOPICS = Topics("tocsin")
PATIENCE_S = 0.05


def hears(verdict: str, *statuses: Status) -> Alert:
    """Say something while alerts of the incident come with these states, in this order; return what is told of it."""
    broker = MemoryBroker()
    bus = broker.client("visitor", [TOPICS.every("alerts")])
    bus.start()
    alert = record().alert
    for status in statuses:
        broker.publish(TOPICS.alerts(alert.device), encode(msgspec.structs.replace(alert, status=status)))
    said = {"incident": alert.incident, "verdict": verdict, "at": datetime.now(UTC), "by": "shift"}
    return BookOrders(bus, TOPICS).say(msgspec.convert(said, Feedback), PATIENCE_S)


@pytest.mark.parametrize(
    ("verdict", "statuses"),
    [
        ("acknowledged", ("open", "acknowledged")),
        ("acknowledged", ("open", "closed")),
        ("undo", ("acknowledged", "open")),
        ("undo", ("snoozed", "closed")),
    ],
)
def test_an_alert_that_was_on_its_way_before_is_passed_over(verdict: str, statuses: tuple[Status, Status]) -> None:
    """A trouble that goes on is told of all the time: only what shows the word says what became of it."""
    assert hears(verdict, *statuses).status == statuses[1]


def test_where_no_other_alert_comes_the_newest_is_told() -> None:
    """A trouble that came back after the word is open again."""
    assert hears("acknowledged", "open", "open").status == "open"
