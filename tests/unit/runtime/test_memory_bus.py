"""The bus in memory behaves as a broker with sessions does."""

from __future__ import annotations

from runtime.bus import Will
from runtime.memory_bus import MemoryBroker


def test_unacknowledged_messages_come_again() -> None:
    """What was not acknowledged comes again after a reconnection, marked as a duplicate, before what is newer."""
    broker = MemoryBroker()
    bus = broker.client("a", ["t/#"])
    bus.start()
    for number in b"123":
        broker.publish("t/x", bytes([number]))
    first, *_ = bus.receive(2, 0)
    bus.ack([first])
    bus.kill()
    bus.start()
    again = bus.receive(10, 0)
    assert [(message.payload, message.duplicate) for message in again] == [(b"2", True), (b"3", False)]


def test_a_late_acknowledgement_settles_nothing() -> None:
    """An acknowledgement of an earlier connection is skipped."""
    broker = MemoryBroker()
    bus = broker.client("a", ["t"])
    bus.start()
    broker.publish("t", b"1")
    old = bus.receive(1, 0)
    bus.kill()
    bus.start()
    bus.receive(1, 0)
    bus.ack(old)
    bus.kill()
    bus.start()
    assert [message.payload for message in bus.receive(1, 0)] == [b"1"]


def test_will_and_retained() -> None:
    """A killed client speaks its will, and a late subscriber hears the retained word."""
    broker = MemoryBroker()
    dying = broker.client("a", will=Will("state", b"offline"))
    dying.start()
    dying.publish("state", b"online", retain=True)
    late = broker.client("b", ["state"])
    late.start()
    assert [(one.payload, one.retained) for one in late.receive(5, 0)] == [(b"online", True)]
    dying.kill()
    assert [one.payload for one in late.receive(5, 0)] == [b"offline"]
