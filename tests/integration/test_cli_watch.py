"""`tocsin watch` at a real broker."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from contracts.codec import encode
from contracts.service import DeadLetter
from runtime.mqtt.connection import BrokerConnection
from tests.integration.command_process import CommandProcess
from tests.unit.storage.alert_records import record
from tocsin.broker.listening import visiting
from tocsin.broker.local_broker import BrokerError, LocalBroker

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.broker


def watching(broker: BrokerConnection, prefix: str, directory: Path, *options: str) -> CommandProcess:
    """Start watching, and wait until it listens."""
    place = ("--host", broker.host, "--port", broker.port, "--prefix", prefix)
    command = CommandProcess("watch", *place, *options, directory=directory, TOCSIN_BROKER_PROTOCOL=broker.protocol)
    command.wait_for("Listening", 30)
    return command


@pytest.mark.parametrize(
    ("options", "kind", "payload", "shown"),
    [
        ((), "bell", "🚨 boiler: too hot\nWhy: it is".encode(), "🚨 boiler: too hot"),
        (("--alerts",), "alerts", encode(record().alert), "open         major    boiler: temperature has shifted up"),
        (("--json",), "alerts", encode(record().alert), encode(record().alert).decode()),
    ],
)
def test_what_rings_is_shown_until_ctrl_c(  # noqa: PLR0913, PLR0917 - two fixtures, a place and three forms
    broker: BrokerConnection,
    prefix: str,
    tmp_path: Path,
    options: tuple[str, ...],
    kind: str,
    payload: bytes,
    shown: str,
) -> None:
    """Each form shows its message as it comes; Ctrl-C ends it cleanly, and a pipe gets no colour code."""
    with watching(broker, prefix, tmp_path, *options) as command, visiting(broker) as bus:
        publication = bus.publish(f"{prefix}/{kind}/boiler", payload, retain=True)
        assert publication.wait(10)
        command.wait_for(shown, 10)
        command.interrupt()
        assert command.ended() == 0
        assert "\x1b" not in command.said
        bus.publish(f"{prefix}/{kind}/boiler", b"", retain=True).wait(10)


@pytest.mark.parametrize("options", [(), ("--alerts",), ("--json",)])
def test_a_message_that_could_not_be_used_is_told(
    broker: BrokerConnection, prefix: str, tmp_path: Path, options: tuple[str, ...]
) -> None:
    """Whoever waits for a device's alerts hears that its messages cannot be used, and why, once a minute."""
    letter = DeadLetter(
        reason="invalid",
        detail="field 'temperature' is 'hot', expected a number",
        topic=f"{prefix}/readings/boiler",
        payload=b"{}",
        size=2,
        service="detector",
        received_at=datetime(2026, 11, 22, tzinfo=UTC),
    )
    with watching(broker, prefix, tmp_path, *options) as command, visiting(broker) as bus:
        for device in ("boiler", "boiler", "pump"):
            topic = f"{prefix}/readings/{device}"
            assert bus.publish(f"{prefix}/deadletters/detector", encode(replace(letter, topic=topic))).wait(10)
        command.wait_for("boiler: a message could not be used: field 'temperature' is 'hot'", 10)
        command.wait_for("pump: a message could not be used", 10)
        command.interrupt()
        assert command.ended() == 0
    assert command.said.count("boiler") == 1


def test_a_broker_that_goes_and_comes_back_is_told(tmp_path: Path) -> None:
    """While the broker is away a watcher knows that silence means nothing; what rings afterwards is shown."""
    try:
        own = LocalBroker(tmp_path)
    except BrokerError as error:
        pytest.skip(str(error))
    own.start()
    connection = BrokerConnection("127.0.0.1", own.port, protocol=own.program.protocol)
    try:
        with watching(connection, "tocsin", tmp_path) as command:
            own.kill()
            command.wait_for("The broker is gone", 10)
            own.start()
            command.wait_for("The broker is back", 30)
            with visiting(connection) as bus:
                bus.publish("tocsin/bell/boiler", b"rings again", retain=True).wait(10)
                command.wait_for("rings again", 10)
    finally:
        own.stop()
