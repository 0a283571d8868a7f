"""What the broker has delivered: messages until they are taken, and acknowledgements until they are sent.

Messages are acknowledged by hand, and only on the connection they came by: after a broker crash packet ids are used
again, and a late acknowledgement would delete somebody else's message.
"""

from __future__ import annotations

import queue
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple, cast

from runtime.bus import Message

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paho.mqtt import client as paho


class _Delivery(NamedTuple):
    generation: int
    packet_id: int


class Deliveries:
    """For two threads: the network's, which brings messages and sends acknowledgements, and the one that takes them.

    Attributes:
        generation: number of the connection, and of the time between two; rises with each.
        received: messages so far.
    """

    def __init__(self) -> None:
        self.generation = 0
        self.received = 0
        self._incoming: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._acks: deque[list[_Delivery]] = deque()

    def arrived(self, message: paho.MQTTMessage) -> None:
        """Enqueue a message."""
        delivery = _Delivery(self.generation, message.mid if message.qos else 0)
        self.received += 1
        payload = bytes(message.payload)
        self._incoming.put(Message(message.topic, payload, message.retain, message.dup, datetime.now(UTC), delivery))

    def take(self, limit: int, timeout: float) -> list[Message]:
        """Return up to `limit` messages; wait at most `timeout` seconds for the first."""
        messages: list[Message] = []
        with suppress(queue.Empty):
            messages.append(self._incoming.get(timeout=timeout))
            while len(messages) < limit:
                messages.append(self._incoming.get_nowait())
        return messages

    def settle(self, messages: Iterable[Message]) -> bool:
        """Have messages acknowledged; tell whether there were any."""
        deliveries = [cast("_Delivery", message.delivery) for message in messages]
        if deliveries:
            self._acks.append(deliveries)
        return bool(deliveries)

    def acknowledge(self, client: paho.Client | None) -> None:
        """Acknowledge, in the network thread: it alone knows for sure which connection there is."""
        while self._acks:
            for delivery in self._acks.popleft():
                if client is not None and delivery.packet_id and delivery.generation == self.generation:
                    client.ack(delivery.packet_id, 1)
