from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from prometheus_client import generate_latest

from contracts.codec import decode, encode
from contracts.reading import Reading, Truth
from contracts.service import ServiceStatus
from contracts.topics import Topics
from producer import __main__ as process
from producer.bootstrap import assemble
from producer.settings import ProducerSettings
from runtime.memory_bus import MemoryBroker, MemoryBus
from runtime.settings import SettingsError, load_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.service import ProducerService

TOPICS = Topics()


class Pipeline:
    """A producer and somebody who plays the detector, on a broker in memory."""

    def __init__(self, **settings: object) -> None:
        self.broker = MemoryBroker()
        self.settings = ProducerSettings.model_validate(settings)
        self.service: ProducerService = assemble(self.settings, self.client("producer", "tocsin/services/detector/#"))
        self.detector = self.client("detector", "tocsin/readings/#")
        self.detector.start()
        self.readings: list[Reading] = []

    def client(self, name: str, *filters: str) -> MemoryBus:
        return self.broker.client(name, filters)

    def run_until(self, condition: Callable[[], bool], seconds: float = 5.0) -> None:
        """Turn the producer's loop and take readings in until something holds."""
        give_up = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < give_up, "it did not come to that"
            self.service.step()
            messages = self.detector.receive(10_000, 0)
            self.readings += [decode(message.payload, Reading) for message in messages]
            self.detector.ack(messages)

    def say(self, position: dict[str, int] | None = None, state: str = "online") -> None:
        """Publish the detector's state."""
        status = ServiceStatus(service="detector", instance="1", state=state, position=position)  # type: ignore[arg-type]
        self.detector.publish(TOPICS.service("detector", "1"), encode(status), retain=True)

    def told(self) -> ServiceStatus:
        """What the producer says of itself."""
        return decode(self.broker.retained[TOPICS.service("producer", "1")], ServiceStatus)


def test_live_readings_come_when_they_are_due() -> None:
    """In real time readings carry the time at which they are sent, and none comes early."""
    pipeline = Pipeline(scenario="factory")
    pipeline.service.start()
    began = time.time()
    pipeline.run_until(lambda: len(pipeline.readings) > 60)
    sent = time.time()
    assert all(began - 0.1 <= reading.measured_at.timestamp() <= sent for reading in pipeline.readings)
    assert sent - pipeline.readings[-1].measured_at.timestamp() < 0.5
    assert {reading.clock for reading in pipeline.readings} == {"device"}
    pipeline.service.stop()


def test_a_fast_run_waits_for_a_detector() -> None:
    """Simulated time does not move before a detector is there; live time would."""
    pipeline = Pipeline(scenario="factory", speed="max", duration=20)
    pipeline.service.start()
    for _ in range(3):
        pipeline.service.step()
    assert not pipeline.detector.receive(10, 0)
    pipeline.say()
    pipeline.run_until(pipeline.service.finished)
    assert len(pipeline.readings) > 900
    assert len({reading.run for reading in pipeline.readings}) == 1
    assert {reading.clock for reading in pipeline.readings} == {"replay"}


def test_a_run_stays_within_its_lead() -> None:
    """No more than the limit is sent ahead of the detector's position."""
    pipeline = Pipeline(scenario="factory", speed="max", duration=60, max_ahead=300, run="mine")
    pipeline.service.start()
    pipeline.say({"mine": 0})
    pipeline.run_until(lambda: len(pipeline.readings) >= 300)
    for _ in range(3):
        pipeline.service.step()
    assert not pipeline.detector.receive(10, 0)
    pipeline.say({"mine": 200})
    pipeline.run_until(lambda: len(pipeline.readings) >= 500)
    pipeline.service.step()
    assert not pipeline.detector.receive(10, 0)
    assert pipeline.told().counters is not None


def test_truth_is_published_beside_the_readings() -> None:
    """Every fault is told on truth/, and nothing of it stands in the readings."""
    pipeline = Pipeline(scenario="storm", speed="max", duration=100, max_ahead=100_000)
    pipeline.service.start()
    pipeline.say()
    pipeline.run_until(pipeline.service.finished, 20)
    truths = [decode(payload, Truth) for topic, payload in pipeline.broker.published if "/truth/" in topic]
    assert len({(truth.device, truth.start) for truth in truths}) > 10
    assert all(b"fault" not in payload for topic, payload in pipeline.broker.published if "/readings/" in topic)
    metrics = generate_latest(pipeline.service.registry).decode()
    assert f'tocsin_producer_readings_total{{what="acknowledged"}} {float(len(pipeline.readings))}' in metrics
    assert 'tocsin_producer_faults_total{kind="spike"}' in metrics


def test_birth_and_goodbye() -> None:
    """The producer's retained state is online with its counters, and offline after a clean stop."""
    pipeline = Pipeline(scenario="factory")
    pipeline.service.start()
    pipeline.run_until(lambda: len(pipeline.readings) > 5)
    told = pipeline.told()
    assert (told.state, told.service, told.instance) == ("online", "producer", "1")
    assert told.counters is not None
    assert {"published", "acknowledged", "faults", "ahead"} <= set(told.counters)
    assert pipeline.service.health().ready
    pipeline.service.stop()
    pipeline.service.stop()
    assert pipeline.told().state == "offline"
    assert not pipeline.service.health().ready


def test_a_status_that_is_garbage_is_left() -> None:
    """What cannot be read on the detector's topic does not stop the producer."""
    pipeline = Pipeline(scenario="factory")
    pipeline.service.start()
    pipeline.detector.publish(TOPICS.service("detector", "1"), b"\xff\x00", retain=True)
    pipeline.run_until(lambda: len(pipeline.readings) > 5)


def test_settings_errors_name_the_key(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """All wrong settings are told at once, by their variables, and the process ends with 2."""
    monkeypatch.setenv("TOCSIN_SCENARIO", "nuclear")
    monkeypatch.setenv("TOCSIN_SPEED", "-3")
    with pytest.raises(SettingsError, match=r"TOCSIN_SCENARIO = 'nuclear': no scenario 'nuclear'") as caught:
        load_settings(ProducerSettings)
    assert "TOCSIN_SPEED" in str(caught.value)
    monkeypatch.setattr("sys.argv", ["tocsin-producer"])
    assert process.main() == 2
    assert "TOCSIN_SCENARIO" in capsys.readouterr().err


def test_settings_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scenario, seed and speed come from the environment; a speed makes a run."""
    monkeypatch.setenv("TOCSIN_SEED", "7")
    monkeypatch.setenv("TOCSIN_SPEED", "60")
    settings = load_settings(ProducerSettings)
    assert (settings.scenario, settings.seed, settings.pace, settings.live) == ("factory", 7, 60.0, False)
    monkeypatch.setenv("TOCSIN_SPEED", "1")
    assert load_settings(ProducerSettings).live
