"""A detector service on a bus in memory, with fits in its own process, that can be killed and started again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from contracts.anomaly import Anomaly
from contracts.codec import decode, encode
from contracts.reading import Reading
from contracts.service import DeadLetter, Receipt, ServiceStatus
from contracts.topics import Topics
from detector.bootstrap import assemble, subscriptions
from detector.models.fit import FitError, FitJob, FittedModel, run_fit
from detector.refits.fitting import FitWorker
from detector.settings import DetectorSettings
from runtime.memory_bus import MemoryBroker

if TYPE_CHECKING:
    from pathlib import Path

    from detector.service import DetectorService
    from runtime.memory_bus import MemoryBus

TOPICS = Topics()
START = datetime(2026, 1, 1, tzinfo=UTC)
FILTERS = subscriptions(TOPICS)


class InlineFits(FitWorker):
    """Fits at once, in this process."""

    def __init__(self) -> None:
        super().__init__()
        self._done: list[tuple[str, FittedModel | Exception]] = []

    def start(self) -> None:
        """Nothing to start."""

    def stop(self) -> None:
        """Nothing to stop."""

    def submit(self, device: str, job: FitJob) -> None:
        """Fit."""
        try:
            self._done.append((device, self.keep(run_fit(job))))
        except FitError as error:
            self._done.append((device, error))

    def forget(self, device: str) -> None:
        """Drop what was fitted for a device."""
        self._done = [(name, result) for name, result in self._done if name != device]

    def finished(self) -> list[tuple[str, FittedModel | Exception]]:
        """Take what was fitted."""
        done, self._done = self._done, []
        return done


@dataclass
class Rig:
    """One detector, its broker and its files."""

    directory: Path
    warm_up: int = 40
    settings: dict[str, Any] = field(default_factory=dict)
    fits: type[FitWorker] = InlineFits

    def __post_init__(self) -> None:
        self.broker = MemoryBroker()
        self.service, self.bus = self._made()

    def start(self) -> None:
        """Start the service."""
        self.service.start()

    def kill(self) -> None:
        """End it as SIGKILL would, and make another on the same files."""
        self.bus.kill()
        self.service._state.close()
        self.service, self.bus = self._made()

    def turn(self, turns: int = 1) -> None:
        """Let its loop turn."""
        for _ in range(turns):
            self.service.step()

    def drain(self) -> None:
        """Turn until nothing waits in its session."""
        session = self.broker.sessions["detector"]
        while session.waiting:
            self.turn()

    def raised(self) -> list[str]:
        """Read the ledger of raised anomalies."""
        rows = self.service._state._connection.execute("SELECT anomaly_id FROM raised ORDER BY rowid")
        return [row[0] for row in rows]

    def anomalies(self) -> list[Anomaly]:
        """Read the published anomalies."""
        prefix = TOPICS.prefix + "/anomalies/"
        return [decode(payload, Anomaly) for topic, payload in self.broker.published if topic.startswith(prefix)]

    def dead_letters(self) -> list[DeadLetter]:
        """Read the published dead letters."""
        topic = TOPICS.deadletters("detector")
        return [decode(payload, DeadLetter) for name, payload in self.broker.published if name == topic]

    def confirm(self, *anomaly_ids: str) -> None:
        """Send a receipt."""
        self.broker.publish(TOPICS.receipts("detector"), encode(Receipt(stored=anomaly_ids)))

    def explainer(self, state: str) -> None:
        """Say that the explainer is online or offline."""
        status = ServiceStatus(service="explainer", instance="1", state="online" if state == "online" else "offline")
        self.broker.publish(TOPICS.service("explainer", "1"), encode(status), retain=True)

    def _made(self) -> tuple[DetectorService, MemoryBus]:
        bus = self.broker.client("detector", FILTERS)
        settings = DetectorSettings(state_dir=self.directory, warm_up=self.warm_up, update_every_s=0, **self.settings)
        return assemble(settings, bus, self.fits()), bus


def readings(count: int, faults: tuple[int, ...] = (), device: str = "pump", seed: int = 1) -> list[bytes]:
    """Make readings of two metrics, one a second; those at `faults` are gross."""
    random = Random(seed)  # noqa: S311
    made = []
    for number in range(count):
        shift = 50.0 if number in faults else 0.0
        values: dict[str, float | None] = {"temperature": random.gauss(60, 1) + shift, "flow": random.gauss(5, 0.2)}
        at = START + timedelta(seconds=number)
        made.append(encode(Reading(device=device, values=values, measured_at=at, seq=number, clock="replay", run="r")))
    return made
