"""Reminders, digests, pruning and imports of a running explainer."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from contracts.alert import Alert
from contracts.codec import decode, encode
from contracts.service import Command, Feedback
from explainer.upkeep.importing import packed
from runtime.memory_bus import MemoryBroker
from storage import queries
from storage.database import open_engine
from storage.exporting import export_lines
from storage.interchange import write_line
from tests.unit.explainer.anomalies import anomaly
from tests.unit.explainer.pipeline import TOPICS, Pipeline

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from contracts.anomaly import Anomaly


def at(one: Anomaly, time: datetime) -> Anomaly:
    """Move an anomaly and its incident to another time."""
    incident = msgspec.structs.replace(one.incident, opened_at=time)
    return msgspec.structs.replace(one, measured_at=time, received_at=time, incident=incident)


@pytest.fixture
def pipeline(tmp_path: Path) -> Iterator[Pipeline]:
    """An explainer that reminds every six hours."""
    pipeline = Pipeline(tmp_path, MemoryBroker(), remind_every_hours=6.0)
    yield pipeline
    pipeline.service.stop()


def say(pipeline: Pipeline, verdict: Any, **more: Any) -> None:
    """Say something of the first incident."""
    word = Feedback(incident=anomaly().incident.id, verdict=verdict, at=datetime.now(UTC), **more)
    pipeline.detector.publish(TOPICS.feedback(word.incident), encode(word))
    pipeline.step()


def order(pipeline: Pipeline, name: str, **arguments: Any) -> dict[str, Any]:
    """Order something and return the answer."""
    before = len(answers(pipeline))
    pipeline.detector.publish(TOPICS.commands("explainer"), encode(Command(id="1", name=name, arguments=arguments)))
    for _ in range(50):
        if len(answers(pipeline)) > before:
            break
        pipeline.step(1)
    return answers(pipeline)[-1]


def answers(pipeline: Pipeline) -> list[dict[str, Any]]:
    """Return the answers to commands so far."""
    return [json.loads(payload) for payload in pipeline.published("services") if b'"ok"' in payload]


def rounds(pipeline: Pipeline) -> None:
    """Let the rounds be due, and make them."""
    pipeline.service._side.rounds._look_at = 0.0
    pipeline.step()


def test_a_lasting_incident_rings_again(pipeline: Pipeline) -> None:
    """Once in six hours, an open incident is told of again, also after a restart; a handled one is not."""
    pipeline.send(at(anomaly(), datetime.now(UTC) - timedelta(hours=7)))
    pipeline.step()
    rounds(pipeline)
    assert pipeline.published("bell")[-1].decode().startswith("⏰ Still there: boiler")
    told = len(pipeline.alerts())
    pipeline.service.stop()
    pipeline.begin()
    rounds(pipeline)
    assert len(pipeline.alerts()) == told


def test_a_handled_or_young_incident_does_not_ring_again(pipeline: Pipeline) -> None:
    """Acknowledged ones and those of the last hours stay silent."""
    pipeline.send(at(anomaly(), datetime.now(UTC) - timedelta(hours=7)), at(anomaly(incident="new"), datetime.now(UTC)))
    pipeline.step()
    pipeline.service._side.rounds._look_at = float("inf")
    say(pipeline, "acknowledged")
    before = len(pipeline.published("bell"))
    rounds(pipeline)
    assert len(pipeline.published("bell")) == before


def test_verdicts_are_published_with_the_alert(pipeline: Pipeline) -> None:
    """Each word of a person changes status and verdict of the alert, which is published again; undo takes it back."""
    pipeline.send(anomaly())
    pipeline.step()
    until = datetime.now(UTC) + timedelta(hours=1)
    seen = []
    for verdict, more in (("acknowledged", {}), ("snoozed", {"until": until}), ("false_positive", {}), ("undo", {})):
        say(pipeline, verdict, **more)
        alert = pipeline.alerts()[-1]
        seen.append((alert.status, alert.verdict, alert.snoozed_until))
    assert seen == [
        ("acknowledged", None, None),
        ("snoozed", None, until),
        ("acknowledged", "false_positive", None),
        ("open", None, None),
    ]
    assert queries.counts(pipeline.engine)["feedback"] == 4


@pytest.mark.parametrize(
    "wrong", [{"verdict": "snoozed"}, {"verdict": "confirmed", "until": datetime(2030, 1, 1, tzinfo=UTC)}]
)
def test_a_snooze_without_an_end_is_refused(pipeline: Pipeline, wrong: dict[str, Any]) -> None:
    """`until` goes with `snoozed`, and with nothing else: what breaks this is a dead letter."""
    pipeline.send(anomaly())
    pipeline.step()
    say(pipeline, **wrong)
    assert queries.dead_letters(pipeline.engine)[0]["reason"] == "invalid"
    assert pipeline.alerts()[-1].status == "open"


def test_control_characters_in_a_note_are_dropped(pipeline: Pipeline) -> None:
    """What people say is stored clean, NUL and escape codes included."""
    pipeline.send(anomaly())
    pipeline.step()
    say(pipeline, "acknowledged", by="kim\x00\x1b[31m", note="a\x00b\u202ec")
    with pipeline.engine.connect() as connection:
        (row,) = connection.exec_driver_sql("SELECT by, note FROM feedback").all()
    assert all(text.isprintable() for text in row)


def test_prune_deletes_what_ended_long_ago(pipeline: Pipeline) -> None:
    """Closed incidents go with all about them, in small steps; open and young ones stay; the answer counts them."""
    now = datetime.now(UTC)
    old = now - timedelta(days=100)
    for number in range(120):
        pipeline.send(at(anomaly(incident=str(number)), old), at(anomaly("close", 60, incident=str(number)), old))
    pipeline.send(at(anomaly(incident="open"), old))
    pipeline.send(at(anomaly(incident="new"), now), at(anomaly("close", 60, incident="new"), now))
    pipeline.step(8)
    assert queries.counts(pipeline.engine)["alerts"] == 122
    assert order(pipeline, "prune", older_than_days=99)["result"] == {"alerts": 120, "dead_letters": 0}
    counts = queries.counts(pipeline.engine)
    assert (counts["alerts"], counts["anomalies"]) == (2, 3)


@pytest.mark.parametrize("days", [None, 0, -1, True, "9", 1e9, float("1e308")])
def test_a_wrong_prune_is_refused(pipeline: Pipeline, days: Any) -> None:
    """A span that is none deletes nothing."""
    assert not order(pipeline, "prune", older_than_days=days)["ok"]


def test_retention_prunes_by_itself(tmp_path: Path) -> None:
    """With `keep_alerts_days`, old alerts go without an order."""
    pipeline = Pipeline(tmp_path, MemoryBroker(), keep_alerts_days=30.0)
    old = datetime.now(UTC) - timedelta(days=31)
    pipeline.send(at(anomaly(), old), at(anomaly("close", 60), old))
    pipeline.step()
    with open_engine(pipeline.settings.database_url).begin() as connection:
        connection.exec_driver_sql("DELETE FROM chores")  # an hour has passed
    rounds(pipeline)
    pipeline.step()
    assert {alert.status for alert in pipeline.alerts()} == {"open", "closed"}
    assert queries.counts(pipeline.engine)["alerts"] == 0
    pipeline.service.stop()


def test_an_export_is_imported_once(pipeline: Pipeline, tmp_path: Path) -> None:
    """Another book takes all of an export, and nothing of it a second time; what it has already stays."""
    pipeline.send(anomaly(), anomaly("update", 5, readings=2), anomaly(incident="two"))
    pipeline.step()
    say(pipeline, "confirmed", note="the belt")
    lines = b"\n".join(write_line(line) for line in export_lines(pipeline.engine))
    (tmp_path / "other").mkdir()
    other = Pipeline(tmp_path / "other", MemoryBroker())
    first, second = (order(other, "import", lines=packed(lines))["result"] for _ in range(2))
    assert first == {"alerts": 2, "anomalies": 3, "feedback": 1, "explanations": 0}
    assert set(second.values()) == {0}
    again = [write_line(line) for line in export_lines(other.engine)]
    assert again[1:] == lines.split(b"\n")[1:]
    other.service.stop()


@pytest.mark.parametrize(
    "lines", [None, "?", packed(b"{}"), packed(b'{"type":"header","format":"x","version":1}'), "eJw="]
)
def test_what_is_no_export_is_refused(pipeline: Pipeline, lines: Any) -> None:
    """The answer says what was expected, and the service goes on."""
    assert not order(pipeline, "import", lines=lines)["ok"]
    pipeline.send(anomaly())
    pipeline.step()
    assert len(pipeline.alerts()) == 1


def test_a_bomb_is_not_unpacked(pipeline: Pipeline) -> None:
    """A few bytes that stand for a gigabyte are refused before they are unpacked."""
    assert "4194304" in order(pipeline, "import", lines=packed(b" " * 40_000_000))["error"]


def test_the_digest_is_told_once_a_week(tmp_path: Path) -> None:
    """The first start only notes the time; a week later the digest is published once."""
    pipeline = Pipeline(tmp_path, MemoryBroker(), digest_day="monday")
    rounds(pipeline)
    assert digests(pipeline) == []
    with open_engine(pipeline.settings.database_url).begin() as connection:
        connection.exec_driver_sql("UPDATE chores SET done_at = '2026-01-01T00:00:00.000000Z'")
    for _ in range(3):
        rounds(pipeline)
    (text,) = digests(pipeline)
    assert text.startswith("Tocsin, ")
    pipeline.service.stop()


def digests(pipeline: Pipeline) -> list[str]:
    """Return the digests published so far."""
    return [payload.decode() for topic, payload in pipeline.broker.published if topic == TOPICS.digest()]


def test_the_alert_of_an_old_publication_is_readable() -> None:
    """An alert without the newer fields is one, too."""
    alert = b'{"incident":"%s","device":"d","status":"open","opened_at":"2026-01-01T00:00:00Z",' % (b"0" * 32)
    alert += b'"updated_at":"2026-01-01T00:00:00Z","severity":"major","confidence":1,"label":"l","reason":"r",'
    alert += b'"evidence":{"kind":"spike","text":"","score":1,"confidence":1},"explanation":{"source":"evidence"}}'
    assert decode(alert, Alert).verdict is None
