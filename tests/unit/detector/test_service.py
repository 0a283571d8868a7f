"""The detector service: committed before acknowledged, owed until confirmed, the same after a kill."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.codec import decode
from contracts.service import DeviceStatus, ServiceStatus
from detector.fleet.journal import Bounds
from detector.models.model_files import save_model
from detector.store.reading_log import ReadingLog
from tests.unit.detector.rig import TOPICS, Rig, readings

if TYPE_CHECKING:
    from collections.abc import Iterator

FAULTS = (70, 71, 72)
TOPIC = TOPICS.readings("pump")


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """A started detector."""
    made = Rig(tmp_path)
    made.start()
    yield made
    made.service.stop()


def test_a_gross_fault_is_published_as_an_anomaly(rig: Rig) -> None:
    """Readings in, anomalies out, with the device's state and the service's position beside them."""
    for payload in readings(100, FAULTS):
        rig.broker.publish(TOPIC, payload)
    rig.drain()
    phases = [anomaly.incident.phase for anomaly in rig.anomalies()]
    assert phases[0] == "open"
    assert rig.anomalies()[0].contributions[0].metric == "temperature"
    status = decode(rig.broker.retained[TOPICS.service("detector", "1")], ServiceStatus)
    assert (status.state, status.position) == ("online", {"r": 100})
    assert decode(rig.broker.retained[TOPICS.device("pump")], DeviceStatus).readings == 100


def test_the_units_of_a_device_are_told_with_its_state(rig: Rig) -> None:
    """Who draws its values need not guess in what they are measured."""
    rig.broker.publish(TOPIC, b'{"values": {"temperature": 21.5, "cycles": 4}, "units": {"temperature": "\xc2\xb0C"}}')
    rig.drain()
    assert decode(rig.broker.retained[TOPICS.device("pump")], DeviceStatus).units == {"temperature": "°C"}


def test_nothing_is_acknowledged_before_it_is_committed(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the commit fails, the whole group stays unacknowledged and comes again."""
    rig.broker.publish(TOPIC, readings(1)[0])

    def broken(*_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(ReadingLog, "add", broken)
        with pytest.raises(OSError, match="disk full"):
            rig.turn()
    assert len(rig.broker.sessions["detector"].unacked) == 1
    rig.kill()
    rig.start()
    rig.drain()
    assert rig.service._positions == {"r": 1}


def test_a_redelivered_reading_is_scored_once(rig: Rig) -> None:
    """The same payload twice counts once, also after a restart."""
    payload = readings(1)[0]
    rig.broker.publish(TOPIC, payload)
    rig.broker.publish(TOPIC, payload)
    rig.drain()
    rig.kill()
    rig.start()
    rig.broker.publish(TOPIC, payload)
    rig.drain()
    assert rig.service._positions == {"r": 1}


def test_equal_readings_without_time_or_sequence_are_different_readings(rig: Rig) -> None:
    """A device that sends bare numbers may send the same number twice."""
    for _ in range(3):
        rig.broker.publish(TOPIC, b'{"temperature": 21.5}')
    rig.drain()
    assert rig.service._positions == {"live": 3}


def test_a_retained_reading_is_never_scored(tmp_path: Path) -> None:
    """What the broker kept from earlier was not measured now."""
    rig = Rig(tmp_path)
    rig.broker.publish(TOPIC, b'{"temperature": 21.5}', retain=True)
    rig.broker.sessions["detector"].waiting.clear()
    rig.start()
    rig.drain()
    assert rig.service._positions == {}
    rig.service.stop()


def test_bad_messages_become_dead_letters_and_the_next_one_is_fine(rig: Rig) -> None:
    """Each bad message is published with its reason; those the broker has taken are settled."""
    for payload in (b"", b"[]", b'{"t": "1"}', readings(1)[0]):
        rig.broker.publish(TOPIC, payload)
    rig.broker.publish("tocsin/readings/a/b", b'{"t": 1}')
    rig.drain()
    rig.turn()
    assert [letter.reason for letter in rig.dead_letters()] == [
        "not_json",
        "not_an_object",
        "not_a_number",
        "bad_topic",
    ]
    assert [letter.device for letter in rig.dead_letters()] == ["pump", "pump", "pump", None]
    assert rig.service._positions == {"r": 1}
    assert rig.service._state.outbox.size() == 0


def test_a_fault_of_our_own_costs_one_message(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unexpected error in the handling of one message makes it a dead letter, the service goes on."""
    first, second = readings(2)
    original = rig.service._fleet.process

    def failing(*_: object) -> object:
        monkeypatch.setattr(rig.service._fleet, "process", original)
        raise ZeroDivisionError

    monkeypatch.setattr(rig.service._fleet, "process", failing)
    rig.broker.publish(TOPIC, first)
    rig.broker.publish(TOPIC, second)
    rig.drain()
    assert [letter.reason for letter in rig.dead_letters()] == ["internal_error"]
    assert rig.service._positions == {"r": 1}


def test_an_anomaly_is_sent_again_until_it_is_confirmed(rig: Rig) -> None:
    """Without a receipt an anomaly comes again after a reconnection; with one it does not."""
    for payload in readings(100, FAULTS):
        rig.broker.publish(TOPIC, payload)
    rig.drain()
    first = rig.raised()
    rig.bus.kill()
    rig.bus.start()
    rig.turn(2)
    assert sorted(anomaly.id for anomaly in rig.anomalies()) == sorted(first * 2)
    rig.confirm(*first)
    rig.drain()
    rig.bus.kill()
    rig.bus.start()
    rig.turn(2)
    assert len(rig.anomalies()) == 2 * len(first)


def test_nothing_is_sent_while_the_explainer_is_away(rig: Rig) -> None:
    """Anomalies wait in the outbox while the explainer says offline, and go out when it is back."""
    rig.explainer("offline")
    for payload in readings(100, FAULTS):
        rig.broker.publish(TOPIC, payload)
    rig.drain()
    assert rig.raised()
    assert rig.anomalies() == []
    rig.explainer("online")
    rig.turn(2)
    assert [anomaly.id for anomaly in rig.anomalies()] == rig.raised()


def test_one_device_too_many_is_a_dead_letter(tmp_path: Path) -> None:
    """Readings of devices beyond the limit are refused with the setting to raise."""
    rig = Rig(tmp_path)
    rig.service._fleet._bounds = Bounds(max_devices=1, keep_readings=100, keep_seconds=3600)
    rig.start()
    for device in ("a", "b"):
        rig.broker.publish(TOPICS.readings(device), b'{"t": 1}')
    rig.drain()
    (letter,) = rig.dead_letters()
    assert letter.reason == "too_many_devices"
    assert "TOCSIN_MAX_DEVICES" in letter.detail
    rig.service.stop()


def test_a_trained_model_is_used_from_the_first_reading(tmp_path: Path) -> None:
    """A model that `tocsin train` left for a device makes it ready at once, and it is still there after a kill."""
    teacher = Rig(tmp_path / "teacher")
    teacher.start()
    for payload in readings(60):
        teacher.broker.publish(TOPIC, payload)
    teacher.drain()
    scorer = teacher.service._fleet["pump"].detector._scorer
    assert scorer is not None
    (tmp_path / "pupil/trained").mkdir(parents=True)
    save_model(scorer.model, tmp_path / "pupil/trained/pump.joblib")
    pupil = Rig(tmp_path / "pupil")
    pupil.start()
    payloads = readings(8, (5, 6), seed=2)
    for payload in payloads[:3]:
        pupil.broker.publish(TOPIC, payload)
    pupil.drain()
    assert pupil.service._fleet["pump"].detector.state == "ready"
    pupil.kill()
    pupil.start()
    for payload in payloads[3:]:
        pupil.broker.publish(TOPIC, payload)
    pupil.drain()
    assert pupil.anomalies()[0].decision is not None


STREAM = readings(160, (60, 61, 62, 110, 111))


def ledger(kills: list[int], leaves: list[int]) -> tuple[list[str], dict[str, int]]:
    """Run the stream, killing the service after some readings, and reconnecting after others."""
    with tempfile.TemporaryDirectory() as directory:
        rig = Rig(Path(directory))
        rig.start()
        for number, payload in enumerate(STREAM):
            rig.broker.publish(TOPIC, payload)
            if number % 7 == 0:
                rig.turn()
            if number in leaves:
                rig.bus.kill()
                rig.bus.start()
            if number in kills:
                rig.kill()
                rig.start()
        rig.drain()
        result = rig.raised(), dict(rig.service._positions)
        rig.service.stop()
        return result


EXPECTED = ledger([], [])

moments = st.lists(st.integers(0, len(STREAM) - 1), max_size=4)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(moments, moments)
def test_kills_and_reconnections_change_nothing(kills: list[int], leaves: list[int]) -> None:
    """Whenever the service is killed or loses its connection, it raises exactly what it would have raised."""
    assert EXPECTED[0]
    assert ledger(kills, leaves) == EXPECTED


def test_the_budget_of_false_incidents_is_shared(tmp_path: Path) -> None:
    """Each device gets its part of the site's budget, and no less than half of it when the site has just grown."""
    rig = Rig(tmp_path)
    rig.start()
    for number in range(25):
        rig.broker.publish(TOPICS.readings(f"pump-{number}"), b'{"t": 1}')
    rig.drain()
    shares = [tracked.detector.config.false_incidents_per_day for tracked in rig.service._fleet]
    assert 0.5 < sum(shares) <= 1.0
    rig.kill()
    rig.start()
    assert [tracked.detector.config.false_incidents_per_day for tracked in rig.service._fleet] == [1 / 28] * 25
    rig.service.stop()


def test_the_ledger_of_raised_anomalies_is_bounded(rig: Rig) -> None:
    """At a start the ledger forgets what is older than its 90 days, and nothing else."""
    for payload in readings(100, FAULTS):
        rig.broker.publish(TOPIC, payload)
    rig.drain()
    kept = rig.raised()
    rig.service._state._connection.execute("INSERT INTO raised VALUES ('old', 'old', 'open', 0)")
    rig.kill()
    rig.start()
    assert kept
    assert rig.raised() == kept
