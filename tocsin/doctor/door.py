"""Looks at the broker: is it there, does it let us in, does a message come through, and who may do what."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import uuid4

from tocsin.broker.listening import AS_OPERATOR, is_about_account, visitor, wait_refusal
from tocsin.compose_settings import RELOAD_BROKER
from tocsin.doctor.finding import Finding, bad, doubtful, good, skipped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.topics import Topics
    from runtime.mqtt.bus import MqttBus
    from runtime.mqtt.connection import BrokerConnection

_DENIED_TIMEOUT_S = 1.0
_SUBSCRIBED_AFTER_S = 0.2
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_OPERATOR = "operator"
_AS_OPERATOR = f"log in as operator: {AS_OPERATOR}"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of a message that was sent to see whether it comes back."""

    refused: str | None
    returned_s: float | None


class Door:
    """The broker, seen from outside.

    Args:
        connection: where it is, and our account.
        topics: names.
        patience: seconds to wait for an answer.
    """

    def __init__(self, connection: BrokerConnection, topics: Topics, patience: float = 5.0) -> None:
        self.connection = connection
        self._patience = patience
        self._topics = topics
        # Operators may write here and read everything; no service listens.
        self._allowed = topics.commands("doctor")
        self._denied = topics.receipts("doctor")

    def findings(self) -> Iterator[Finding]:
        """Look at everything, as far as it can be seen; whatever needs a broker ends where there is none."""
        listening = self._listens()
        yield listening
        if listening.outcome == "bad":
            return
        protocol, refusal = self._welcome()
        yield protocol
        if refusal is None:
            yield from self._rights()

    def _listens(self) -> Finding:
        host, port = self.connection.host, self.connection.port
        try:
            with socket.create_connection((host, port), timeout=self._patience):
                return good("broker", f"something listens on {host}:{port}")
        except OSError as error:
            remedy = "start it (make up, or tocsin demo), or say where it is: --host, --port"
            return bad("broker", f"nothing listens on {host}:{port}: {error.strerror or error}", remedy)

    def _welcome(self) -> tuple[Finding, str | None]:
        refusal, wanted = _refusal(self.connection, self._patience), self.connection.protocol
        account = f"account {self.connection.username!r}" if self.connection.username else "without an account"
        if refusal is not None and not is_about_account(refusal):
            other = replace(self.connection, protocol="3.1.1" if wanted == "5" else "5")
            if _refusal(other, self._patience) is not None:
                seen = f"no MQTT broker answers there: {refusal}"
                return bad("log-in", seen, "another program may have the port"), refusal
            self.connection = other
            seen = f"MQTT {other.protocol}, {account}; the broker does not speak MQTT {wanted}"
            return doubtful("log-in", seen, f"the services need TOCSIN_BROKER_PROTOCOL={other.protocol}"), None
        if refusal is not None:
            remedy = _AS_OPERATOR if self.connection.username is None else "compare the password with the broker's"
            return bad("log-in", f"{account} is not let in: {refusal}", remedy), refusal
        return good("log-in", f"MQTT {wanted}, {account}"), None

    def _rights(self) -> Iterator[Finding]:
        nobody = replace(self.connection, username=None, password=None)
        open_to_all = (
            _refusal(nobody, self._patience) is None and self._try(nobody, self._allowed, _DENIED_TIMEOUT_S).returned_s
        )
        if open_to_all:
            yield self._canary()
            yield self._open()
        elif self.connection.username is None:
            yield good("rights", "without an account nothing may be sent, as it should be")
            yield skipped("canary", "needs an account", _AS_OPERATOR)
        elif self.connection.username != _OPERATOR:
            yield self._canary_of_another()
        else:
            yield self._canary()
            yield self._walls()

    def _canary(self) -> Finding:
        attempt = self._try(self.connection, self._allowed, self._patience)
        if attempt.returned_s is not None:
            return good("canary", f"a message came back in {attempt.returned_s * 1000:.0f} ms")
        words = f"refused: {attempt.refused}" if attempt.refused else f"it did not come back in {self._patience:.0f} s"
        remedy = f"write the broker's rights anew: python -m tocsin.broker init; let it read them: {RELOAD_BROKER}"
        return bad("canary", f"a message to {self._allowed}: {words}", remedy)

    def _canary_of_another(self) -> Finding:
        """Look whether an account may do what the operator may: on a broker of one's own it has another name."""
        account = f"account {self.connection.username!r}"
        attempt = self._try(self.connection, self._allowed, _DENIED_TIMEOUT_S)
        if attempt.returned_s is None:
            return skipped("canary", f"{account} does not hear what it sends", _AS_OPERATOR)
        return good("canary", f"a message came back in {attempt.returned_s * 1000:.0f} ms: {account} may do that here")

    def _walls(self) -> Finding:
        attempt = self._try(self.connection, self._denied, _DENIED_TIMEOUT_S)
        if attempt.returned_s is not None:
            remedy = "the broker does not use our rights: its acl_file should be secrets/broker/acl"
            return bad("rights", f"the operator may write {self._denied}, which only the explainer may", remedy)
        return good("rights", "each account has its own: a message to a topic of the explainer was refused")

    def _open(self) -> Finding:
        words = "anybody may do anything at this broker, as at a demo's"
        remedy = "fine on one's own machine; `make up` runs a broker with accounts"
        if self.connection.host in _LOOPBACK:
            return doubtful("rights", words, remedy)
        return bad("rights", f"{words}, and it is open to the network", "give it accounts: `make up` shows how")

    def _try(self, connection: BrokerConnection, topic: str, timeout: float) -> Attempt:
        """Send a message, as the account that may read it listens."""
        listener, sender = visitor(self.connection, [topic]), visitor(connection)
        try:
            for bus in (listener, sender):
                bus.start()
                wait_refusal(bus, self._patience)
            return _sent_and_heard(listener, sender, topic, timeout)
        finally:
            listener.stop()
            sender.stop()


def _sent_and_heard(listener: MqttBus, sender: MqttBus, topic: str, timeout: float) -> Attempt:
    # The subscription is under way; a message of our own behind it would need the right to send one.
    time.sleep(_SUBSCRIBED_AFTER_S)
    payload = f"canary {uuid4().hex}".encode()
    started = time.monotonic()
    publication = sender.publish(topic, payload)
    while (left := started + timeout - time.monotonic()) > 0:
        messages = listener.receive(10, min(left, 0.05))
        if any(message.payload == payload for message in messages):
            return Attempt(publication.refused, time.monotonic() - started)
        if publication.done and publication.refused:
            break
    return Attempt(publication.refused, None)


def _refusal(connection: BrokerConnection, patience: float) -> str | None:
    bus = visitor(connection)
    bus.start()
    try:
        return wait_refusal(bus, patience)
    finally:
        bus.stop(1.0)
