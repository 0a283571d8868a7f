"""The Bus port over a real broker."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from runtime.bus import MessageTooLargeError, Will
from runtime.mqtt.bus import MqttBus
from runtime.mqtt.connection import BrokerConnection
from tocsin.broker.local_broker import LocalBroker, find_broker

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from runtime.bus import Message

pytestmark = pytest.mark.broker


def wait_for(condition: Callable[[], object], timeout: float = 15.0) -> bool:
    """Poll until a condition holds."""
    give_up = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > give_up:
            return False
        time.sleep(0.02)
    return True


def take(bus: MqttBus, count: int, timeout: float = 10.0) -> list[Message]:
    """Receive so many messages."""
    messages: list[Message] = []
    give_up = time.monotonic() + timeout
    while len(messages) < count and time.monotonic() < give_up:
        messages += bus.receive(count - len(messages), 0.1)
    return messages


def connected(bus: MqttBus) -> MqttBus:
    """Start a client and wait for it."""
    bus.start()
    assert bus.wait_connected(10)
    return bus


def test_messages_arrive_in_order(broker: BrokerConnection, prefix: str) -> None:
    """What one client publishes at QoS 1 arrives complete and in order."""
    hearing = connected(MqttBus(broker, client_id=f"{prefix}-h", subscriptions=[f"{prefix}/#"], lasting=False))
    speaking = connected(MqttBus(broker, client_id=f"{prefix}-s", lasting=False))
    assert wait_for(lambda: not hearing.refusals)
    publications = [speaking.publish(f"{prefix}/a", str(number).encode()) for number in range(500)]
    messages = take(hearing, 500)
    assert [int(message.payload) for message in messages] == list(range(500))
    assert all(publication.wait(5) and publication.accepted for publication in publications)
    hearing.ack(messages)
    hearing.stop()
    speaking.stop()


def test_unacknowledged_messages_come_again(broker: BrokerConnection, prefix: str) -> None:
    """A message that was not acknowledged comes to the next connection of the session, an acknowledged one does not."""
    first = connected(MqttBus(broker, client_id=f"{prefix}-h", subscriptions=[f"{prefix}/#"]))
    speaking = connected(MqttBus(broker, client_id=f"{prefix}-s", lasting=False))
    for number in range(10):
        assert speaking.publish(f"{prefix}/a", str(number).encode()).wait(5)
    messages = take(first, 10)
    first.ack(messages[:4])
    assert speaking.publish(f"{prefix}/a", b"10").wait(5)
    assert first.publish(f"{prefix}-elsewhere", b"").wait(5)  # once answered, the acks were read
    first.stop()
    second = connected(MqttBus(broker, client_id=f"{prefix}-h", subscriptions=[f"{prefix}/#"]))
    again = sorted(int(message.payload) for message in take(second, 7, timeout=20))
    assert again == list(range(4, 11))
    second.stop()
    speaking.stop()


def test_retained_messages_and_will(broker: BrokerConnection, prefix: str) -> None:
    """A retained message is marked as such for a late subscriber, and a broken connection speaks its will."""
    will = Will(f"{prefix}/state", b"offline")
    dying = connected(MqttBus(broker, client_id=f"{prefix}-d", will=will, lasting=False))
    assert dying.publish(f"{prefix}/state", b"online", retain=True).wait(5)
    late = connected(MqttBus(broker, client_id=f"{prefix}-l", subscriptions=[f"{prefix}/#"], lasting=False))
    (retained,) = take(late, 1)
    assert (retained.payload, retained.retained) == (b"online", True)
    assert dying._client is not None
    dying._client._sock_close()
    (spoken,) = take(late, 1)
    assert spoken.payload == b"offline"
    dying.stop(0.1)
    late.stop()


def test_a_message_too_large_is_refused_before_it_is_sent(broker: BrokerConnection, prefix: str) -> None:
    """A packet over the broker's limit would break the connection for ever, so it is never sent."""
    bus = connected(MqttBus(broker, client_id=f"{prefix}-s", lasting=False))
    with pytest.raises(MessageTooLargeError, match="expected at most"):
        bus.publish(f"{prefix}/a", b"x" * 140_000)
    bus.stop()


def test_a_killed_broker_is_survived(tmp_path: Path, prefix: str, broker: BrokerConnection) -> None:  # noqa: ARG001 - skips alike
    """After the broker was killed and started again, both clients are back and what waited is delivered."""
    running = LocalBroker(tmp_path / "broker", program=find_broker())
    running.start()
    where = BrokerConnection(host="127.0.0.1", port=running.port, protocol=running.program.protocol)
    hearing = connected(MqttBus(where, client_id="h", subscriptions=["t/#"]))
    speaking = connected(MqttBus(where, client_id="s"))
    try:
        assert speaking.publish("t/a", b"before").wait(5)
        (before,) = take(hearing, 1)
        time.sleep(2.5)  # brokers write their sessions down about once a second, and do not say when they have
        running.kill()
        assert wait_for(lambda: not hearing.connected and not speaking.connected)
        waiting = speaking.publish("t/a", b"during")
        running.start()
        assert waiting.wait(20)
        hearing.ack([before])  # of the earlier connection: must not settle anybody else's message
        assert b"during" in {message.payload for message in take(hearing, 2, timeout=5)}
        assert hearing.generation > 1
    finally:
        hearing.stop()
        speaking.stop()
        running.stop()
