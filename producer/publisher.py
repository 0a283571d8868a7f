"""Publisher: readings and their truth on the bus, and which of them the broker has taken."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.codec import encode

if TYPE_CHECKING:
    from contracts.reading import Reading, Truth
    from contracts.topics import Topics
    from runtime.bus import Bus, Publication

MAX_PENDING = 2_000  # published and not yet answered by the broker


@dataclass(frozen=True, slots=True)
class Pending:
    """A publish without an answer; `mark` is the caller's own word for it, None for a truth."""

    publication: Publication
    mark: int | None


class Publisher:
    """Publishes at QoS 1 and counts the broker's answers in the order of publishing.

    Args:
        bus: to publish on.
        topics: names.
    """

    def __init__(self, bus: Bus, topics: Topics) -> None:
        self._bus = bus
        self._topics = topics
        self._names: dict[str, str] = {}
        self._pending: deque[Pending] = deque()
        self.published = 0
        self.acknowledged = 0
        self.truths = 0
        self.refused_readings: Counter[str] = Counter()
        self.refused_truths: Counter[str] = Counter()

    @property
    def pending(self) -> int:
        """Publishes without an answer."""
        return len(self._pending)

    @property
    def has_room(self) -> bool:
        """Whether more may be published: a broker that is away or slow must not fill our memory."""
        return len(self._pending) < MAX_PENDING

    def reading(self, reading: Reading, mark: int = 0) -> None:
        """Publish a reading."""
        self.payload(reading.device, encode(reading), mark)

    def payload(self, device: str, payload: bytes, mark: int = 0) -> None:
        """Publish an encoded reading of a device."""
        topic = self._names.get(device)
        if topic is None:
            topic = self._names[device] = self._topics.readings(device)
        self._pending.append(Pending(self._bus.publish(topic, payload), mark))
        self.published += 1

    def truth(self, truth: Truth) -> None:
        """Publish what is wrong with a reading; for evaluation only."""
        self._pending.append(Pending(self._bus.publish(self._topics.truth(truth.device), encode(truth)), None))
        self.truths += 1

    def settle(self) -> list[int]:
        """Marks of the readings that the broker has taken since, up to the first that it has not answered."""
        marks: list[int] = []
        while self._pending and self._pending[0].publication.done:
            settled = self._pending.popleft()
            refused = settled.publication.refused
            if settled.mark is None:
                self.refused_truths.update([refused] if refused else [])
                continue
            marks.append(settled.mark)
            if refused is None:
                self.acknowledged += 1
            else:
                self.refused_readings[refused] += 1
        return marks
