"""The page with a bus in memory and a database of a few alerts: for tests that call it over HTTP."""

from __future__ import annotations

import http.client
import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from contracts.codec import encode
from contracts.service import DeviceStatus, Score, ServiceStatus
from contracts.topics import Topics
from runtime.memory_bus import MemoryBroker
from storage.book import AlertBook
from storage.database import open_engine
from storage.migrate import migrate
from tests.unit.storage.alert_records import record
from tocsin.broker.local_broker import free_port
from web.bootstrap import assemble
from web.hearing import subscriptions
from web.settings import WebSettings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from contracts.anomaly import Model
    from contracts.service import DeviceState
    from storage.records import AlertRecord

TOPICS = Topics()
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Answer:
    """What the page answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return json.loads(self.body)


@dataclass
class Site:
    """A page that runs."""

    port: int
    broker: MemoryBroker
    speaker: Any
    service: Any
    database: Path
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None) -> Answer:
        """Call the page."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        try:
            connection.request(method, path, sent, headers or ({} if body is None else JSON))
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        """Ask for something."""
        return self.ask("GET", path, headers=headers)

    def say(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Publish as a service would."""
        self.speaker.publish(topic, payload, retain=retain)

    def say_status(self, device: str, state: DeviceState = "ready", model: Model | None = None) -> None:
        """Say what a device is doing."""
        status = DeviceStatus(
            device=device,
            state=state,
            since=NOW,
            readings=100,
            learned=100,
            needed=200,
            model=model,
            units={"temperature": "°C"},
        )
        self.say(TOPICS.device(device), encode(status), retain=True)

    def say_score(self, device: str, seconds: float, score: float = 0.1, **values: float) -> None:
        """Say a device's newest score; every metric has the band 0 to 10."""
        self.say(TOPICS.scores(device), encode(score_of(device, seconds, score, **values)))

    def say_service(self, service: str, readings: float, seconds: float) -> None:
        """Say how far a service is."""
        at = NOW + timedelta(seconds=seconds)
        status = ServiceStatus(
            service=service,
            instance="1",
            state="online",
            version="1",
            since=NOW,
            at=at,
            counters={"readings": readings},
        )
        self.say(TOPICS.service(service, "1"), encode(status), retain=True)

    def published(self, kind: str) -> list[tuple[str, dict[str, Any]]]:
        """Read what was published on topics of a kind."""
        return [(t, json.loads(p)) for t, p in list(self.broker.published) if t.startswith(f"tocsin/{kind}/")]


def score_of(device: str, seconds: float, score: float = 0.1, **values: float) -> Score:
    """Make a score some seconds after the start."""
    return Score(
        device=device,
        measured_at=NOW + timedelta(seconds=seconds),
        score=score,
        values=dict(values),
        expected=dict.fromkeys(values, 5.0),
        lower=dict.fromkeys(values, 0.0),
        upper=dict.fromkeys(values, 10.0),
    )


@contextmanager
def running_site(directory: Path, records: list[AlertRecord] | None = None, **settings: Any) -> Iterator[Site]:
    """Run the page until the end of the block; by default with five alerts of two devices."""
    database = directory / "alerts.db"
    fill_database(database, some_records() if records is None else records)
    port = free_port()
    given = WebSettings(web_port=port, database_url=f"sqlite:///{database}", **settings)
    broker = MemoryBroker()
    service = assemble(given, broker.client("web", subscriptions(TOPICS)))
    speaker = broker.client("speaker")
    speaker.start()
    site = Site(port, broker, speaker, service, database)
    service.start()
    thread = threading.Thread(target=_turn, args=(site,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.closing.set()
        thread.join(10)
        service.stop()


def some_records() -> list[AlertRecord]:
    """Five alerts: two of a pump, three of a boiler, one of them open."""
    return [
        record("first", minutes=0, status="closed"),
        record("second", minutes=10, status="closed", severity="minor"),
        record("third", minutes=20, severity="critical"),
        record("one", device="pump/1", minutes=5, status="closed"),
        record("two", device="pump/1", minutes=15, status="closed"),
    ]


def fill_database(database: Path, records: list[AlertRecord]) -> None:
    """Make a database that holds these alerts."""
    engine = open_engine(f"sqlite:///{database}")
    migrate(engine)
    with AlertBook(engine).writing() as entry:
        entry.save(records)
    engine.dispose()


def _turn(site: Site) -> None:
    while not site.closing.is_set():
        site.service.step()
