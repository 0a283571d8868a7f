"""A visitor on the bus: connects, listens or speaks for a while, leaves no session behind."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

from runtime.mqtt.bus import MqttBus
from tocsin.terminal import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runtime.bus import Bus
    from runtime.mqtt.connection import BrokerConnection

AS_OPERATOR = "--username operator --password-file secrets/operator.password"
CONNECT_TIMEOUT_S = 10.0
ANSWERS_S = 20.0  # within which a service says something to what it was told
_TAKES_S = 10.0
_STEP_S = 0.05
_NOT_LET_IN = ("not authori", "user name or password", "bad_username", "banned")


@contextmanager
def visiting(connection: BrokerConnection, subscriptions: Sequence[str] = ()) -> Iterator[MqttBus]:
    """Connect to the broker for the time of a block; a broker that speaks MQTT 3.1.1 alone is spoken to so.

    Raises:
        CommandError: there is no broker, or it does not let us in.
    """
    bus = visitor(connection, subscriptions)
    bus.start()
    try:
        refusal = wait_refusal(bus)
        if refusal is not None and is_about_protocol(refusal) and connection.protocol == "5":
            bus.stop()
            bus = visitor(replace(connection, protocol="3.1.1"), subscriptions)
            bus.start()
            refusal = wait_refusal(bus)
        if refusal is not None:
            raise refused(connection, refusal)
        yield bus
    finally:
        bus.stop()


def visitor(connection: BrokerConnection, subscriptions: Sequence[str] = ()) -> MqttBus:
    """Make a client whose session ends with it."""
    name = f"tocsin-cli-{os.getpid()}-{uuid4().hex[:8]}"
    return MqttBus(connection, client_id=name, subscriptions=subscriptions, lasting=False)


def wait_refusal(bus: MqttBus, timeout: float = CONNECT_TIMEOUT_S) -> str | None:
    """Wait for the connection; return None when it is there, else why not."""
    give_up = time.monotonic() + timeout
    while not bus.wait_connected(_STEP_S):
        if (refusal := bus.refusals.get("connect")) is not None:
            return refusal
        if time.monotonic() > give_up:
            return f"the broker has not answered for {timeout:.0f} s"
    return None


def tell(bus: Bus, service: str, topic: str, payload: bytes) -> None:
    """Publish something for a service.

    Raises:
        CommandError: the broker does not take it.
    """
    publication = bus.publish(topic, payload)
    if not publication.wait(_TAKES_S) or publication.refused is not None:
        raise CommandError(
            f"the broker does not take what is said to the {service}: {publication.refused or 'no answer'}",
            f"name an account that may: {AS_OPERATOR}",
        )


def is_about_account(reason: str) -> bool:
    """Tell whether the broker refused the account, rather than being away."""
    return any(words in reason.lower() for words in _NOT_LET_IN)


def is_about_protocol(reason: str) -> bool:
    """Tell whether the broker refused the version of MQTT."""
    return "protocol" in reason.lower()


def refused(connection: BrokerConnection, reason: str) -> CommandError:
    """Say why there is no connection and what to do."""
    where = connection.address
    if is_about_account(reason):
        account = f"the account {connection.username!r}" if connection.username else "a client without an account"
        return CommandError(
            f"the broker on {where} does not let in {account}: {reason}",
            "is its password right?" if connection.username else f"name an account: {AS_OPERATOR}",
            "`tocsin doctor` looks into it",
        )
    return CommandError(
        f"cannot reach the broker on {where}: {reason}",
        "is it running? `make up` starts it in a container, `tocsin demo` one without containers",
        "is it elsewhere? give --host and --port (or TOCSIN_BROKER_HOST, TOCSIN_BROKER_PORT)",
    )
