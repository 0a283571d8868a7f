"""One client's session with a broker, as paho is to open it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from runtime.bus import MAX_PACKET_BYTES
from runtime.mqtt.buffered_socket import BufferedSocket

if TYPE_CHECKING:
    from runtime.bus import Will
    from runtime.mqtt.connection import BrokerConnection

MAX_QUEUED = 60_000  # messages that wait for the broker
_MAX_UNANSWERED = 1000
_NEVER_EXPIRES = 0xFFFFFFFF


class _Client(paho.Client):
    def _create_socket(self) -> Any:  # noqa: ANN401 - paho has no public way to bring a socket
        return BufferedSocket(super()._create_socket())  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Session:
    """What the broker knows a client by, and keeps for it.

    Attributes:
        connection: the broker.
        client_id: fixed, so that the broker knows the session again.
        will: said by the broker, retained, when the connection breaks.
        receive_maximum: unacknowledged messages that the broker may send at once.
        lasting: False for a session that may end with its client.
    """

    connection: BrokerConnection
    client_id: str
    will: Will | None
    receive_maximum: int
    lasting: bool

    def client(self) -> paho.Client:
        """Make a client of this session that acknowledges by hand; it is not connected."""
        is_5 = self.connection.protocol == "5"
        client = _Client(
            CallbackAPIVersion.VERSION2,
            client_id=self.client_id,
            protocol=paho.MQTTv5 if is_5 else paho.MQTTv311,
            clean_session=None if is_5 else not self.lasting,
            manual_ack=True,
        )
        if self.connection.username is not None:
            client.username_pw_set(self.connection.username, self.connection.password)
        if self.connection.ca_file is not None:
            client.tls_set(ca_certs=str(self.connection.ca_file))
        if self.will is not None:
            client.will_set(self.will.topic, self.will.payload, qos=1, retain=True)
        client.max_queued_messages_set(MAX_QUEUED)
        client.max_inflight_messages_set(_MAX_UNANSWERED)
        return client

    def open(self, client: paho.Client) -> None:
        """Connect a client.

        Raises:
            OSError: nobody answers there.
        """
        where = self.connection
        client.connect(where.host, where.port, where.keepalive_s, **self._options())

    def _options(self) -> dict[str, Any]:
        if self.connection.protocol != "5":
            return {}
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = _NEVER_EXPIRES if self.lasting else 0
        properties.ReceiveMaximum = self.receive_maximum
        properties.MaximumPacketSize = MAX_PACKET_BYTES
        return {"clean_start": not self.lasting, "properties": properties}
