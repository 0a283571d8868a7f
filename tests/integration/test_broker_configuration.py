"""What the shipped broker configuration promises to a service that is away."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from runtime.mqtt.bus import MqttBus
from runtime.mqtt.connection import BrokerConnection
from tests.shipped_broker import Site, started_site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.broker


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Start the shipped broker."""
    with started_site(tmp_path) as running:
        yield running


def bus_of(site: Site, account: str, subscriptions: tuple[str, ...] = ()) -> MqttBus:
    """Connect as a service does."""
    connection = BrokerConnection("127.0.0.1", site.broker.port, account, site.accounts.password(account))
    bus = MqttBus(connection, client_id=f"tocsin-{account}-1", subscriptions=subscriptions)
    bus.start()
    assert bus.wait_connected(10)
    return bus


def wait_until_saved(site: Site) -> None:
    """Wait for the broker's next two snapshots: the second was begun after this call."""
    file = site.directory / "broker" / "mosquitto.db"
    for _ in range(2):
        before = file.stat().st_mtime_ns if file.exists() else 0
        give_up = time.monotonic() + 10
        while (file.stat().st_mtime_ns if file.exists() else 0) == before:
            assert time.monotonic() < give_up, "the broker does not save"
            time.sleep(0.05)


def test_what_waits_for_an_absent_service_survives_a_killed_broker(site: Site) -> None:
    """Readings for a detector that is away are there after a SIGKILL of the broker, in order and complete."""
    bus_of(site, "detector", ("tocsin/readings/#",)).stop()
    producer = bus_of(site, "producer")
    sent = [producer.publish("tocsin/readings/pump", str(number).encode()) for number in range(2000)]
    assert all(publication.wait(10) and publication.accepted for publication in sent)
    wait_until_saved(site)
    site.broker.kill()
    site.broker.start()
    detector = bus_of(site, "detector", ("tocsin/readings/#",))
    assert producer.wait_connected(30)
    last = producer.publish("tocsin/readings/pump", b"2000")
    assert last.wait(10)
    heard: list[int] = []
    give_up = time.monotonic() + 20
    while len(heard) < 2001 and time.monotonic() < give_up:
        messages = detector.receive(1000, 0.2)
        heard += [int(message.payload) for message in messages]
        detector.ack(messages)
    assert heard == list(range(2001))
    producer.stop()
    detector.stop()


def test_a_wrong_password_makes_a_service_say_so(site: Site) -> None:
    """A service that the broker refuses names the reason instead of waiting in silence."""
    bus = MqttBus(BrokerConnection("127.0.0.1", site.broker.port, "detector", "guess"), client_id="tocsin-detector-1")
    bus.start()
    give_up = time.monotonic() + 10
    while "connect" not in bus.refusals and time.monotonic() < give_up:
        time.sleep(0.02)
    assert bus.refusals["connect"] == "Not authorized"
    bus.stop()


def test_what_was_refused_is_forgotten_on_a_new_connection(site: Site) -> None:
    """A gateway that gets its rights after all is not held to be refused until somebody starts the service anew."""
    site.accounts.add_device("gateway")
    site.reload()
    bus = bus_of(site, "device-gateway")
    publication = bus.publish("zigbee2mqtt/lamp/set", b"{}")
    assert publication.wait(10)
    assert bus.refusals == {"publish": "Not authorized"}
    site.accounts.use_topics("gateway", ["zigbee2mqtt/#"])
    before = bus.generation
    site.broker.stop()
    site.broker.start()
    give_up = time.monotonic() + 30
    while not (bus.connected and bus.generation > before) and time.monotonic() < give_up:
        time.sleep(0.02)
    assert bus.refusals == {}
    publication = bus.publish("zigbee2mqtt/lamp/set", b"{}")
    assert publication.wait(10)
    assert publication.accepted
    bus.stop()
