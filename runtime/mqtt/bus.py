"""The Bus over MQTT 5 or 3.1.1."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from paho.mqtt import client as paho

from runtime.bus import Bus, BusError, Publication, Will, checked_packet
from runtime.logs import get_logger
from runtime.mqtt.deliveries import Deliveries
from runtime.mqtt.network_loop import NetworkLoop
from runtime.mqtt.publications import Publications
from runtime.mqtt.session import MAX_QUEUED, Session
from runtime.mqtt.subscriptions import Subscriptions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from paho.mqtt.reasoncodes import ReasonCode

    from runtime.bus import Message
    from runtime.mqtt.connection import BrokerConnection

_FIRST_FAILURE = 0x80

_log = get_logger("runtime.mqtt")


class MqttBus(Bus):
    """A client with a fixed id and a session that outlives it.

    Callbacks only enqueue.

    Args:
        connection: the broker.
        client_id: fixed, so that the broker knows the session again.
        subscriptions: topic filters, subscribed on every connection at QoS 1.
        will: said by the broker, retained, when the connection breaks.
        receive_maximum: unacknowledged messages that the broker may send at once.
        lasting: False for a client whose session may end with it.
    """

    def __init__(  # noqa: PLR0913 - all of them are a session's own
        self,
        connection: BrokerConnection,
        *,
        client_id: str,
        subscriptions: Sequence[str] = (),
        will: Will | None = None,
        receive_maximum: int = 1000,
        lasting: bool = True,
    ) -> None:
        self._session = Session(connection, client_id, will, receive_maximum, lasting)
        self._subscriptions = Subscriptions(subscriptions)
        self._deliveries = Deliveries()
        self._publications = Publications()
        self._connected = threading.Event()
        self._client: paho.Client | None = None
        self._loop: NetworkLoop | None = None
        self._refusals: dict[str, str] = {}

    def start(self) -> None:
        """Connect in the background."""
        if self._client is None:
            self._client = self._made_client()
            self._loop = NetworkLoop(
                self._client,
                connect=self._connect,
                received=lambda: self._deliveries.received,
                before_write=lambda: self._deliveries.acknowledge(self._client),
                on_failure=self._on_failure,
            )
            self._loop.start(f"mqtt {self._session.client_id}")

    def stop(self, timeout: float = 5.0) -> None:
        """Send what waits and disconnect."""
        client, loop = self._client, self._loop
        if client is None or loop is None:
            return
        self._publications.wait(timeout)
        loop.stop(timeout)
        self._client = self._loop = None
        client.disconnect()
        client.loop_write()
        self._connected.clear()

    def listen(self, subscriptions: Sequence[str]) -> None:
        """Listen to other filters, now and after every reconnection."""
        self._subscriptions.change(subscriptions, self._client if self._connected.is_set() else None)

    def receive(self, limit: int, timeout: float) -> list[Message]:
        """Return up to `limit` messages."""
        return self._deliveries.take(limit, timeout)

    def ack(self, messages: Iterable[Message]) -> None:
        """Settle messages of this connection."""
        if self._loop is not None and self._deliveries.settle(messages):
            self._loop.wake()

    def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> Publication:
        """Send a message."""
        checked_packet(topic, payload)
        if self._client is None:
            raise BusError("publish on a bus that was not started")
        info = self._client.publish(topic, payload, qos=qos, retain=retain)
        publication = Publication()
        if qos == 0:
            publication.settle()
        elif info.rc == paho.MQTT_ERR_QUEUE_SIZE:
            publication.settle(f"more than {MAX_QUEUED} messages wait for the broker")
        else:
            return self._publications.sent(info.mid, publication)
        return publication

    def wait_connected(self, timeout: float) -> bool:
        """Wait for a connection."""
        return self._connected.wait(timeout)

    @property
    def connected(self) -> bool:
        """Tell whether the broker is connected now."""
        return self._connected.is_set()

    @property
    def generation(self) -> int:
        """Number of the connection."""
        return self._deliveries.generation

    @property
    def refusals(self) -> Mapping[str, str]:
        """What the broker refuses."""
        return dict(self._refusals)

    def _made_client(self) -> paho.Client:
        client = self._session.client()
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        client.on_subscribe = self._on_subscribe
        client.on_socket_register_write = self._on_want_write
        return client

    def _connect(self) -> None:
        """Open the connection, in the network thread."""
        client = self._client
        if client is not None:
            self._session.open(client)

    def _on_connect(
        self, client: paho.Client, _userdata: object, flags: paho.ConnectFlags, reason: ReasonCode, _properties: object
    ) -> None:
        if reason.is_failure:
            self._refusals["connect"] = str(reason)
            _log.error("broker refused the connection", reason=str(reason), username=self._session.connection.username)
            return
        self._refusals.clear()  # all is asked anew, and the rights may be others now
        self._deliveries.generation += 1
        if self._loop is not None:
            self._loop.connected()
        if self._deliveries.generation > 1 and self._session.lasting and not flags.session_present:
            _log.warning("the broker has lost our session; messages may be missing", client_id=self._session.client_id)
        if self._subscriptions.filters:
            self._subscriptions.ask(client)
        else:
            self._connected.set()
        where = self._session.connection
        _log.info("connected", host=where.host, port=where.port, client_id=self._session.client_id)

    def _on_failure(self, error: OSError) -> None:
        where = self._session.connection.address
        if "connect" not in self._refusals:
            _log.warning("no broker; trying until there is one", broker=where, reason=str(error))
        self._refusals["connect"] = f"no broker answers on {where} ({error})"

    def _on_disconnect(
        self, _client: paho.Client, _userdata: object, _flags: object, reason: ReasonCode, _properties: object
    ) -> None:
        self._deliveries.generation += 1  # what was received by the old connection is not ours to acknowledge any more
        self._connected.clear()
        if self._client is not None:
            _log.warning("disconnected; will reconnect", reason=str(reason), client_id=self._session.client_id)

    def _on_want_write(self, *_: object) -> None:
        if self._loop is not None:
            self._loop.wake()

    def _on_message(self, _client: paho.Client, _userdata: object, message: paho.MQTTMessage) -> None:
        self._deliveries.arrived(message)

    def _on_publish(
        self, _client: paho.Client, _userdata: object, packet_id: int, reason: ReasonCode, _properties: object
    ) -> None:
        refused = str(reason) if reason.value >= _FIRST_FAILURE else None
        if refused:
            self._refusals["publish"] = refused
        self._publications.answered(packet_id, Publication(), refused)

    def _on_subscribe(
        self, _client: paho.Client, _userdata: object, mid: int, reasons: list[ReasonCode], _properties: object
    ) -> None:
        for topic_filter, reason in self._subscriptions.refused(mid, reasons):
            self._refusals[f"subscribe {topic_filter}"] = reason
            _log.error("broker refused a subscription", topic_filter=topic_filter, reason=reason)
        self._connected.set()  # not before: what is published until then would not reach us
