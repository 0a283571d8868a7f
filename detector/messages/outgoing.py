"""What the detector sends: anomalies until they are confirmed, dead letters until the broker has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.codec import encode
from contracts.errors import TopicError
from contracts.service import MAX_DEAD_LETTER_BYTES, DeadLetter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contracts.anomaly import Anomaly
    from contracts.errors import DecodeError
    from contracts.topics import Topics
    from runtime.bus import Bus, Message, Publication
    from runtime.outbox import Outbox, Owed

MAX_ON_THE_WAY = 1000
MAX_DEAD_LETTERS_OWED = 10_000
_BATCH = 200
_DEAD_LETTER = "deadletter:"


class Outgoing:
    """Sends from the outbox: an anomaly is settled by its receipt alone, a dead letter by the broker's PUBACK.

    Args:
        bus: to publish on.
        topics: names.
    """

    def __init__(self, bus: Bus, topics: Topics) -> None:
        self._bus = bus
        self._topics = topics
        self._on_the_way: set[str] = set()
        self._taken: dict[str, Publication] = {}
        self._dead_letters_owed = 0
        self.explainer_online = True  # until its retained status says otherwise

    @property
    def on_the_way(self) -> int:
        """Count the anomalies that were sent and not confirmed yet."""
        return len(self._on_the_way)

    def owe(self, outbox: Outbox, anomaly: Anomaly, now: float) -> None:
        """Owe an anomaly, in the transaction that raised it."""
        outbox.add(anomaly.id, self._topics.anomalies(anomaly.device), encode(anomaly), now)

    def owe_dead_letter(self, outbox: Outbox, message: Message, error: DecodeError, key: str) -> bool:
        """Owe a dead letter, unless too many are owed; tell which."""
        if self._dead_letters_owed >= MAX_DEAD_LETTERS_OWED:
            return False
        letter = DeadLetter(
            reason=error.reason,
            detail=str(error),
            topic=message.topic,
            payload=message.payload[:MAX_DEAD_LETTER_BYTES],
            size=len(message.payload),
            service="detector",
            received_at=message.received_at,
            device=self._device(message.topic),
        )
        self._dead_letters_owed += 1
        now = message.received_at.timestamp()
        outbox.add(_DEAD_LETTER + key, self._topics.deadletters("detector"), encode(letter), now)
        return True

    def _device(self, topic: str) -> str | None:
        try:
            return self._topics.device_of(topic)
        except TopicError:  # the topic itself is what was wrong
            return None

    def settle(self, outbox: Outbox, anomaly_ids: Iterable[str]) -> int:
        """Forget anomalies that the explainer has confirmed; return how many were owed."""
        ids = list(anomaly_ids)
        self._on_the_way.difference_update(ids)
        return outbox.settle(ids)

    def settle_taken(self, outbox: Outbox) -> None:
        """Forget the dead letters that the broker has taken."""
        done = [key for key, publication in self._taken.items() if publication.done]
        accepted = [key for key in done if self._taken.pop(key).accepted]
        if accepted:
            # those of an earlier process were never counted here
            self._dead_letters_owed = max(0, self._dead_letters_owed - outbox.settle(accepted))

    def resume(self, outbox: Outbox, now: float) -> None:
        """Make everything due again, after a reconnection or when the explainer has come back."""
        self._on_the_way.clear()
        outbox.hasten(now)

    def due(self, outbox: Outbox, now: float) -> list[Owed]:
        """Take what is to be sent now; send it when the transaction is committed."""
        room = min(_BATCH, MAX_ON_THE_WAY - len(self._on_the_way))
        if room <= 0 or not (self._bus.connected and self.explainer_online):
            return []
        return outbox.due(now, room)

    def send(self, owed: Iterable[Owed]) -> None:
        """Publish."""
        for one in owed:
            publication = self._bus.publish(one.topic, one.payload)
            if one.id.startswith(_DEAD_LETTER):
                self._taken[one.id] = publication
            else:
                self._on_the_way.add(one.id)
