"""A bare MQTT client for tests of who may say and hear what."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

if TYPE_CHECKING:
    from paho.mqtt.client import MQTTMessage
    from paho.mqtt.reasoncodes import ReasonCode

ACCEPTED = ("Success", "No matching subscribers")


class Speaker:
    """A client that publishes, and keeps what it hears."""

    def __init__(self, port: int, account: str | None, password: str | None) -> None:
        self.heard: dict[str, str] = {}
        self.refusal = ""
        self._answered = threading.Event()
        self._reasons: dict[int, str] = {}
        self._client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self._client.on_connect = lambda _c, _u, _f, reason, _p: self._connected(reason)
        self._client.on_publish = lambda _c, _u, mid, reason, _p: self._reasons.__setitem__(mid, str(reason))
        self._client.on_subscribe = lambda *_: self._answered.set()
        self._client.on_message = lambda _c, _u, message: self._hear(message)
        if account is not None:
            self._client.username_pw_set(account, password)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        assert self._answered.wait(10)
        if self.refusal:
            self.close()  # else it would knock for ever

    def publish(self, topic: str, payload: str) -> str:
        """Publish at QoS 1 and return the broker's reason."""
        said = self._client.publish(topic, payload, qos=1)
        said.wait_for_publish(10)
        return self._reasons.pop(said.mid)

    def subscribe(self, topic_filter: str) -> None:
        """Subscribe, and wait for the answer: what was sent to this client before has then been heard."""
        self._answered.clear()
        self._client.subscribe(topic_filter, qos=1)
        assert self._answered.wait(10)

    def close(self) -> None:
        """Leave the broker."""
        self._client.disconnect()
        self._client.loop_stop()
        # paho closes its own pair of sockets when the client goes, and our callbacks would keep it here
        self._client.on_connect = self._client.on_publish = None
        self._client.on_subscribe = self._client.on_message = None

    def _connected(self, reason: ReasonCode) -> None:
        self.refusal = str(reason) if reason.is_failure else ""
        self._answered.set()

    def _hear(self, message: MQTTMessage) -> None:
        self.heard[message.topic] = message.payload.decode(errors="replace")
