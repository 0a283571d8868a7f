"""The commands that change the book, through a real broker and a running explainer, over both databases."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from contracts.codec import encode
from contracts.topics import Topics
from explainer.bootstrap import build
from explainer.settings import ExplainerSettings
from runtime.mqtt.bus import MqttBus
from storage import queries
from storage.browsing import page
from storage.database import open_engine
from tests.plant import wait_for
from tests.unit.explainer.anomalies import anomaly
from tests.unit.storage.conftest import database_url, postgres
from tests.unit.tocsin.command_line import tocsin
from tests.unit.tocsin.conftest import place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from runtime.mqtt.connection import BrokerConnection

__all__ = ["database_url", "place", "postgres"]  # fixtures
pytestmark = pytest.mark.broker
PATIENCE_S = 60.0


@contextmanager
def explaining(broker: BrokerConnection, prefix: str, url: str) -> Iterator[None]:
    """Run an explainer in a thread."""
    settings = ExplainerSettings(
        broker_host=broker.host,
        broker_port=broker.port,
        broker_protocol=broker.protocol,
        topic_prefix=prefix,
        database_url=url,
    )
    service, ends = build(settings), threading.Event()
    service.start()

    def turn() -> None:
        while not ends.is_set():
            service.step()

    thread = threading.Thread(target=turn)
    thread.start()
    try:
        wait_for(lambda: service.health().ready, PATIENCE_S, "the explainer has subscribed")
        yield
    finally:
        ends.set()
        thread.join(PATIENCE_S)
        service.stop()


def raise_incidents(broker: BrokerConnection, prefix: str, url: str, *incidents: str) -> None:
    """Publish anomalies as the detector does, and wait until the explainer has stored them."""
    bus = MqttBus(broker, client_id=f"{prefix}-detector", subscriptions=[], lasting=False)
    bus.start()
    assert bus.wait_connected(PATIENCE_S)
    for name in incidents:
        for one in (anomaly("open", 0, incident=name), anomaly("close", 9, incident=name)):
            bus.publish(Topics(prefix).anomalies(one.device), encode(one))
    engine = open_engine(url, read_only=True)
    end = datetime.now(UTC) + timedelta(seconds=PATIENCE_S)
    while [alert.status for alert in page(engine).alerts] != ["closed"] * len(incidents):
        assert datetime.now(UTC) < end, "the explainer did not store them"
    engine.dispose()
    bus.stop()


@pytest.fixture
def site(
    broker: BrokerConnection, prefix: str, place: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Any]:
    """An explainer with two incidents that are over; the commands' settings point to it."""
    del place
    for name, value in (
        ("BROKER_HOST", broker.host),
        ("BROKER_PORT", broker.port),
        ("BROKER_PROTOCOL", broker.protocol),
        ("TOPIC_PREFIX", prefix),
        ("DATABASE_URL", database_url),
    ):
        monkeypatch.setenv(f"TOCSIN_{name}", str(value))
    with explaining(broker, prefix, database_url):
        raise_incidents(broker, prefix, database_url, "one", "two")
        engine = open_engine(database_url, read_only=True)
        yield engine
        engine.dispose()


def test_people_speak_prune_and_import_by_command(site: Any, place: Path) -> None:
    """Ack and snooze say what became of the alert; prune deletes; an import of an export brings all of it back."""
    incident = anomaly(incident="one").incident.id
    acknowledged = tocsin("ack", incident[:8], "--note", "on my way")
    assert (acknowledged.exit_code, acknowledged.stdout) == (0, "boiler: temperature has shifted up: closed\n")
    assert tocsin("snooze", incident[:8], "--for", "2h").exit_code == 0
    assert tocsin("snooze", incident[:8]).exit_code == 2
    assert tocsin("snooze", incident[:8], "--until", "2020-01-01").exit_code == 2
    assert "on my way" in tocsin("alerts", "show", incident[:8]).stdout
    assert tocsin("export", "book.jsonl.gz").exit_code == 0
    assert tocsin("prune", "--older-than", "1s").exit_code == 2  # it asks, and nobody is there
    pruned = tocsin("prune", "--older-than", "1s", "--yes")
    assert pruned.stdout == "Deleted: 2 alerts, 0 refused messages\n"
    assert queries.counts(site)["anomalies"] == 0
    imported = tocsin("import", "book.jsonl.gz")
    assert imported.stdout == "9 lines; new: 2 alerts, 4 anomalies, 2 feedback, 0 explanations\n"
    assert "new: 0 alerts, 0 anomalies, 0 feedback" in tocsin("import", "book.jsonl.gz").stdout
    assert "on my way" in tocsin("alerts", "show", incident[:8]).stdout
    assert "2 incidents" in tocsin("digest", "--week", "2026-W47").stdout
    assert tocsin("backup", "copy").exit_code == 0
    assert (place / "copy").stat().st_size > 0


@pytest.mark.usefixtures("site")
def test_what_is_no_export_is_not_imported(place: Path) -> None:
    """CSV is refused with the way that works."""
    tocsin("export", "book.csv")
    answer = tocsin("import", "book.csv")
    assert answer.exit_code == 1
    assert "tocsin export book.jsonl" in answer.stderr
    assert (place / "book.csv").is_file()
