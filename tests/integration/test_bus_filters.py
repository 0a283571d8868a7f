"""A client that changes what it listens to while it is connected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from runtime.mqtt.bus import MqttBus
from tests.mqtt_speaker import Speaker
from tests.plant import wait_for

if TYPE_CHECKING:
    from runtime.mqtt.connection import BrokerConnection

pytestmark = pytest.mark.broker


def test_other_filters_take_the_place_of_the_old_ones(broker: BrokerConnection, prefix: str) -> None:
    """What is named new is heard, kept messages too; what is no longer named is not."""
    bus = MqttBus(broker, client_id=f"{prefix}-bus", subscriptions=[f"{prefix}/old/#"], lasting=False)
    speaker = Speaker(broker.port, None, None)
    heard: list[str] = []

    def take() -> list[str]:
        messages = bus.receive(100, 0.1)
        heard.extend(message.topic for message in messages)
        bus.ack(messages)
        return heard

    bus.start()
    try:
        assert bus.wait_connected(30)
        speaker.publish(f"{prefix}/old/a", "1")
        wait_for(lambda: f"{prefix}/old/a" in take(), 30, "the old filter is heard")
        bus.listen([f"{prefix}/new/#"])

        def heard_new() -> bool:
            speaker.publish(f"{prefix}/old/b", "1")
            speaker.publish(f"{prefix}/new/a", "1")
            return f"{prefix}/new/a" in take()

        wait_for(heard_new, 30, "the new filter is heard")
        take()
        heard.clear()
        speaker.publish(f"{prefix}/old/c", "1")
        speaker.publish(f"{prefix}/new/b", "1")
        wait_for(lambda: f"{prefix}/new/b" in take(), 30, "the new filter is heard still")
        assert f"{prefix}/old/c" not in heard
        assert bus.refusals == {}
    finally:
        speaker.close()
        bus.stop()
