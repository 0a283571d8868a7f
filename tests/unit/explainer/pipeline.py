"""An explainer on a broker in memory, for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from contracts.alert import Alert
from contracts.codec import decode, encode
from contracts.service import Feedback, Receipt
from contracts.topics import Topics
from explainer.bootstrap import assemble
from explainer.messages.reading_messages import MessageReader
from explainer.settings import ExplainerSettings
from runtime.bus import Bus
from storage.database import open_engine

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sqlalchemy import Engine

    from contracts.anomaly import Anomaly
    from explainer.providers.port import Provider
    from explainer.service import ExplainerService
    from runtime.bus import Message, Publication
    from runtime.memory_bus import MemoryBroker, MemoryBus

TOPICS = Topics()


class Killed(BaseException):
    """The process is gone: nothing in it may catch this."""


class MortalBus(Bus):
    """A client that dies after so many more acknowledgements and publishes."""

    def __init__(self, bus: MemoryBus) -> None:
        self._bus = bus
        self.dies_in: int | None = None
        self.patience_s = 0.0001
        self.refused: dict[str, str] = {}

    def _live(self) -> None:
        if self.dies_in is not None:
            self.dies_in -= 1
            if self.dies_in < 0:
                raise Killed

    def start(self) -> None:
        self._bus.start()

    def stop(self, timeout: float = 5.0) -> None:
        self._bus.stop(timeout)

    def kill(self) -> None:
        self._bus.kill()

    def receive(self, limit: int, timeout: float) -> list[Message]:
        return self._bus.receive(limit, min(timeout, self.patience_s))

    def ack(self, messages: Iterable[Message]) -> None:
        self._live()
        self._bus.ack(messages)

    def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> Publication:
        self._live()
        return self._bus.publish(topic, payload, qos=qos, retain=retain)

    def wait_connected(self, timeout: float) -> bool:
        return self._bus.wait_connected(timeout)

    @property
    def connected(self) -> bool:
        return self._bus.connected

    @property
    def generation(self) -> int:
        return self._bus.generation

    @property
    def refusals(self) -> dict[str, str]:
        return self.refused


class Pipeline:
    """Publishes anomalies as a detector does, runs the explainer step by step, looks at what came out."""

    def __init__(self, folder: Path, broker: MemoryBroker, provider: Provider | None = None, **given: Any) -> None:
        self.provider = provider
        self.service: ExplainerService = None  # type: ignore[assignment] # until `begin`
        settings: dict[str, Any] = {"llm_wait_s": 0.0, "database_url": f"sqlite:///{folder}/alerts.db"} | given
        self.settings = ExplainerSettings(**settings)
        self.broker = broker
        self.detector = broker.client("detector")
        self.detector.start()
        self.begin()

    def begin(self) -> None:
        """Start an explainer, as after a restart; the one before may have been killed."""
        if self.service is not None:
            self.service._close()
        self.bus = MortalBus(self.broker.client("explainer", MessageReader(TOPICS).subscriptions))
        self.service = assemble(self.settings, self.bus, self.provider)
        self.service.start()

    @cached_property
    def engine(self) -> Engine:
        """A reader's view of the database."""
        return open_engine(self.settings.database_url, read_only=True)

    def send(self, *anomalies: Anomaly) -> None:
        """Publish anomalies."""
        for one in anomalies:
            self.detector.publish(TOPICS.anomalies(one.device), encode(one))

    def say(self, incident: str, verdict: Any, note: str | None = None) -> None:
        """Say what a person thinks of an incident."""
        word = Feedback(incident=incident, verdict=verdict, at=datetime.now(UTC), note=note)
        self.detector.publish(TOPICS.feedback(incident), encode(word))

    def step(self, times: int = 2) -> None:
        """Turn the explainer's loop."""
        for _ in range(times):
            self.service.step()

    def published(self, kind: str) -> list[bytes]:
        """Return the payloads published so far under a kind of topic."""
        return [payload for topic, payload in list(self.broker.published) if topic.startswith(f"tocsin/{kind}/")]

    def alerts(self) -> list[Alert]:
        """Return the alerts published so far."""
        return [decode(payload, Alert) for payload in self.published("alerts")]

    def receipts(self) -> tuple[set[str], set[str]]:
        """Return the ids of anomalies acknowledged as stored and as rejected so far."""
        receipts = [decode(payload, Receipt) for payload in self.published("receipts")]
        return {i for one in receipts for i in one.stored}, {i for one in receipts for i in one.rejected}
