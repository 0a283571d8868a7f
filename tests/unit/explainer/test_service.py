from __future__ import annotations

import sqlite3
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from contracts.codec import decode, encode
from contracts.service import DeadLetter, Feedback, ServiceStatus
from runtime.memory_bus import MemoryBroker
from storage import database, queries
from storage.errors import DamagedError
from tests.unit.explainer.anomalies import START, anomaly
from tests.unit.explainer.pipeline import TOPICS, Pipeline

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def pipeline(tmp_path: Path) -> Iterator[Pipeline]:
    """A running explainer."""
    pipeline = Pipeline(tmp_path, MemoryBroker(), dead_letters_per_minute=3)
    yield pipeline
    pipeline.service.stop()


def letter(text: str, device: str = "boiler") -> DeadLetter:
    """Make another service's dead letter."""
    payload = text.encode()
    return DeadLetter(
        reason="not_json",
        detail="d",
        topic="t",
        payload=payload,
        size=len(payload),
        service="detector",
        received_at=datetime.now(UTC),
        device=device,
    )


def test_an_opening_is_stored_published_and_receipted(pipeline: Pipeline) -> None:
    """One anomaly makes one alert row, one alert message, one bell, one receipt."""
    pipeline.send(anomaly())
    pipeline.step()
    assert queries.counts(pipeline.engine)["alerts"] == 1
    assert [alert.status for alert in pipeline.alerts()] == ["open"]
    assert pipeline.published("bell")[0].decode().startswith("🚨 boiler: temperature has shifted up")
    assert pipeline.receipts() == ({anomaly().id}, set())


def test_a_duplicate_gets_a_receipt_and_nothing_else(pipeline: Pipeline) -> None:
    """What was stored before is acknowledged again, not stored or published again."""
    for _ in range(2):
        pipeline.send(anomaly(), anomaly())
        pipeline.step()
    assert queries.counts(pipeline.engine)["anomalies"] == 1
    assert len(pipeline.alerts()) == 1
    assert len(pipeline.published("receipts")) == 2


@pytest.mark.parametrize(
    ("payload", "reason", "readable"),
    [
        (b"garbage", "not_json", False),
        (b'{"id":"' + b"a" * 32 + b'","device":7}', "invalid", True),
        (encode(anomaly())[:100].replace(anomaly().id.encode(), b"a" * 32), "not_json", True),
        (
            encode(anomaly(device="other")).replace(anomaly(device="other").id.encode(), b"a" * 32),
            "device_mismatch",
            True,
        ),
        (b'{"id":"\xff"}', "not_utf8", False),
        (b'{"x":' * 5_000, "too_deep", False),
        (b"x" * 70_000, "too_large", False),
        (b'{"id":7}', "invalid", False),
    ],
)
def test_what_is_no_anomaly_becomes_a_dead_letter(
    pipeline: Pipeline, payload: bytes, reason: str, *, readable: bool
) -> None:
    """It is stored with its reason, refused by receipt where its id can be read, and the next message is fine."""
    pipeline.detector.publish(TOPICS.anomalies("boiler"), payload)
    pipeline.send(anomaly())
    pipeline.step()
    (stored,) = queries.dead_letters(pipeline.engine)
    assert (stored["reason"], stored["device"]) == (reason, "boiler")
    assert pipeline.receipts() == ({anomaly().id}, {"a" * 32} if readable else set())


def test_a_message_that_cannot_be_stored_does_not_hold_up_the_others(pipeline: Pipeline) -> None:
    """An anomaly whose time has no UTC equivalent is refused; its batch is stored."""
    earliest = encode(anomaly(after_s=1)).replace(
        b'"measured_at":"2026-11-22T06:00:01Z"', b'"measured_at":"0001-01-01T00:00:00+05:00"'
    )
    pipeline.detector.publish(TOPICS.anomalies("boiler"), earliest)
    pipeline.send(anomaly())
    pipeline.step()
    assert [row["reason"] for row in queries.dead_letters(pipeline.engine)] == ["not_storable"]
    assert pipeline.receipts() == ({anomaly().id}, {anomaly(after_s=1).id})


def test_dead_letters_of_other_services_are_stored_within_a_limit(pipeline: Pipeline) -> None:
    """Each is stored once, a flood of one device only up to the limit, and other devices are not affected."""
    for text in ("1", "1", "2", "3", "4", "5"):
        pipeline.detector.publish(TOPICS.deadletters("detector"), encode(letter(text)))
    pipeline.detector.publish(TOPICS.deadletters("detector"), encode(letter("1", "pump")))
    pipeline.step()
    stored = [row["device"] for row in queries.dead_letters(pipeline.engine)]
    assert stored.count("pump") == 1
    assert stored.count("boiler") <= 3


def test_dead_letters_of_invented_names_are_bounded(pipeline: Pipeline) -> None:
    """Letters about ever new devices are stored up to twenty times the limit of one."""
    for number in range(200):
        other = letter(f"{number}", device=f"device-{number}")
        pipeline.detector.publish(TOPICS.deadletters("detector"), encode(other))
    pipeline.step(6)
    assert 60 <= queries.counts(pipeline.engine)["dead_letters"] <= 2 * 60  # a minute may end between them


def test_a_dead_letter_of_the_full_size_is_stored(pipeline: Pipeline) -> None:
    """64 KiB of payload, which base64 makes longer than other messages may be."""
    pipeline.detector.publish(TOPICS.deadletters("detector"), encode(letter("x" * 65_536)))
    pipeline.step()
    assert len(queries.dead_letters(pipeline.engine)[0]["payload"]) == 65_536


def test_a_bad_dead_letter_is_only_counted(pipeline: Pipeline) -> None:
    """No letter is written about a letter."""
    pipeline.detector.publish(TOPICS.deadletters("detector"), b64encode(b"nonsense"))
    pipeline.step()
    assert queries.counts(pipeline.engine)["dead_letters"] == 0


def test_feedback_changes_the_alert_even_when_it_came_first(pipeline: Pipeline) -> None:
    """A word about an incident that is not known yet is kept and applied when it opens."""
    incident = anomaly().incident.id
    word = Feedback(incident=incident, verdict="acknowledged", at=START + timedelta(seconds=5))
    pipeline.detector.publish(TOPICS.feedback(incident), encode(word))
    pipeline.step()
    pipeline.send(anomaly())
    pipeline.step()
    assert queries.alert(pipeline.engine, incident).status == "acknowledged"
    assert pipeline.alerts()[-1].status == "acknowledged"


def test_a_snooze_that_is_over_rings_again(pipeline: Pipeline) -> None:
    """When its time has come, a snoozed alert is open again and said to be still there."""
    incident = anomaly().incident.id
    word = Feedback(incident=incident, verdict="snoozed", at=START, until=START + timedelta(seconds=5))
    pipeline.send(anomaly())
    pipeline.detector.publish(TOPICS.feedback(incident), encode(word))
    pipeline.step()
    assert [alert.status for alert in pipeline.alerts()] == ["open", "snoozed", "open"]
    assert "Still there" in pipeline.published("bell")[-1].decode()


def test_updates_are_thinned_but_receipted(tmp_path: Path) -> None:
    """With a setting only some updates are stored; each has a receipt, and the alert knows them all."""
    pipeline = Pipeline(tmp_path, MemoryBroker(), keep_updates=10)
    life = [anomaly(), *(anomaly("update", i, readings=i + 1) for i in range(1, 60)), anomaly("close", 99, readings=60)]
    pipeline.send(*life)
    pipeline.step(4)
    assert 2 <= queries.counts(pipeline.engine)["anomalies"] < 30
    assert pipeline.receipts()[0] == {one.id for one in life}
    assert queries.alert(pipeline.engine, life[0].incident.id).evidence.readings == 60
    pipeline.service.stop()


def test_what_the_broker_refuses_is_said(pipeline: Pipeline) -> None:
    """An explainer whose alerts the broker does not take is not ready, and its health page says why."""
    pipeline.bus.refused["publish"] = "Not authorized"
    health = pipeline.service.health()
    assert not health.ready
    assert health.details["publish"] == "Not authorized"


def test_a_locked_database_loses_nothing(pipeline: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the database refuses, health is red and nothing is acknowledged; afterwards everything is stored."""
    monkeypatch.setattr("storage.database.BUSY_TIMEOUT_MS", 10)
    monkeypatch.setattr("explainer.service._RETRY_S", 0.0)
    pipeline.service.stop()
    pipeline.begin()
    other = sqlite3.connect(tmp_path / "alerts.db")
    other.execute("BEGIN IMMEDIATE")
    pipeline.send(anomaly())
    pipeline.step()
    assert not pipeline.service.health().ready
    assert pipeline.receipts() == (set(), set())
    other.rollback()
    other.close()
    pipeline.step()
    assert pipeline.service.health().ready
    assert pipeline.receipts()[0] == {anomaly().id}


def test_a_full_disk_loses_nothing(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the database cannot grow, nothing is acknowledged; once there is room again, everything is stored."""
    connections: list[sqlite3.Connection] = []
    prepare = database._prepare_writer

    def remember(connection: sqlite3.Connection, record: object) -> None:
        prepare(connection, record)
        connections.append(connection)

    monkeypatch.setattr(database, "_prepare_writer", remember)
    monkeypatch.setattr("explainer.service._RETRY_S", 0.0)
    pipeline.service.stop()
    pipeline.begin()
    pages = connections[-1].execute("PRAGMA page_count").fetchone()[0]
    connections[-1].execute(f"PRAGMA max_page_count={pages}")
    raised = [anomaly(incident=str(i)) for i in range(300)]
    pipeline.send(*raised)
    pipeline.step(5)
    assert "full" in pipeline.service.health().details["database"]
    assert len(pipeline.receipts()[0]) < len(raised)
    connections[-1].execute("PRAGMA max_page_count=1000000")
    pipeline.step(5)
    assert pipeline.service.health().ready
    assert pipeline.receipts()[0] == {one.id for one in raised}


def test_a_damaged_database_is_not_opened(tmp_path: Path) -> None:
    """The explainer refuses to start on a file that is no database."""
    (tmp_path / "alerts.db").write_bytes(b"not a database" * 1000)
    with pytest.raises(DamagedError):
        Pipeline(tmp_path, MemoryBroker())


def test_the_status_is_retained_and_counts(pipeline: Pipeline) -> None:
    """Birth, counters and goodbye stand on the service's topic."""
    pipeline.send(anomaly())
    pipeline.step()
    status = decode(pipeline.broker.retained["tocsin/services/explainer/1"], ServiceStatus)
    assert (status.state, (status.counters or {})["anomalies_stored"]) == ("online", 1.0)
    pipeline.service.stop()
    status = decode(pipeline.broker.retained["tocsin/services/explainer/1"], ServiceStatus)
    assert status.state == "offline"


def test_what_is_owed_is_published_after_a_reconnect(pipeline: Pipeline) -> None:
    """Alerts stored while the broker is away are published when it is back."""
    pipeline.send(anomaly())
    messages = pipeline.bus.receive(1, 1)
    pipeline.service._waiting = messages
    pipeline.bus.stop()
    pipeline.step(1)
    assert pipeline.alerts() == []
    pipeline.bus.start()
    pipeline.step()
    assert len(pipeline.alerts()) == 1
