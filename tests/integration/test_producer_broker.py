"""The producer and the replay against a real broker."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contracts.codec import decode
from contracts.reading import Reading
from contracts.service import ServiceStatus
from contracts.topics import Topics
from producer.replay.replay import replay
from producer.replay.terms import ReplayOptions, ReplayProgress
from producer.simulator.simulator import simulate
from runtime.mqtt.bus import MqttBus
from tests.unit.producer.files import START, written
from tests.unit.producer.stand_in import DetectorStandIn
from tocsin.broker.local_broker import LocalBroker, find_broker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from producer.replay.terms import FileSummary
    from runtime.bus import Message
    from runtime.mqtt.connection import BrokerConnection

pytestmark = pytest.mark.broker
ROOT = Path(__file__).resolve().parents[2]


def detector(broker: BrokerConnection, topics: Topics, at_once: int = 1_000) -> DetectorStandIn:
    bus = MqttBus(broker, client_id=f"{topics.prefix}-d", subscriptions=[topics.every("readings")], lasting=False)
    return DetectorStandIn(bus, topics, at_once)


@contextlib.contextmanager
def client(broker: BrokerConnection, name: str, *filters: str) -> Iterator[MqttBus]:
    bus = MqttBus(broker, client_id=name, subscriptions=filters, lasting=False)
    bus.start()
    assert bus.wait_connected(10)
    try:
        yield bus
    finally:
        bus.stop()


def until(bus: MqttBus, found: Callable[[Message], bool], seconds: float = 15.0) -> Message:
    """The first message that is looked for."""
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        for message in bus.receive(100, 0.1):
            bus.ack([message])
            if found(message):
                return message
    pytest.fail("the message did not come")


def recording(folder: Path, rows: int) -> Path:
    lines = (f"{1_700_000_000 + n},{n},{int(n % 100 > 90)}" for n in range(rows))
    return written(folder, "time,value,anomaly\n" + "\n".join(lines) + "\n", "pump.csv.gz")


def test_replay_through_a_broker(broker: BrokerConnection, prefix: str, tmp_path: Path) -> None:
    """Every row of a file is taken in once, in order, paced on the detector's position."""
    topics = Topics(prefix)
    with detector(broker, topics) as listener, client(broker, f"{prefix}-r", topics.every("services/detector")) as bus:
        summary = replay([recording(tmp_path, 3_000)], ReplayOptions(max_ahead=500), bus, topics)
        assert [reading.seq for reading in listener.readings] == list(range(1, 3_001))
        assert all(b"anomaly" not in payload for payload in listener.payloads)
    assert (summary.complete, summary.acknowledged, summary.taken) == (True, 3_000, 3_000)


def test_an_interrupted_replay_goes_on(broker: BrokerConnection, prefix: str, tmp_path: Path) -> None:
    """A replay stopped half way goes on under its run; no row is missing and none is there twice."""
    topics = Topics(prefix)
    stop = threading.Event()

    class HalfWay(ReplayProgress):
        def advanced(self, file: FileSummary, fraction: float) -> None:  # noqa: ARG002 - a hook
            if file.sent > 500:
                stop.set()

    path, options = recording(tmp_path, 4_000), ReplayOptions(max_ahead=100, state=tmp_path / "state.json")
    with detector(broker, topics, at_once=20) as listener:
        with client(broker, f"{prefix}-r", topics.every("services/detector")) as bus:
            first = replay([path], options, bus, topics, HalfWay(), stop)
        with client(broker, f"{prefix}-r", topics.every("services/detector")) as bus:
            second = replay([path], options, bus, topics)
        assert [reading.seq for reading in listener.readings] == list(range(1, 4_001))
    assert (first.complete, second.complete, second.resumed, second.run) == (False, True, True, first.run)
    assert first.sent + second.sent == 4_000


@contextlib.contextmanager
def process(broker: BrokerConnection, prefix: str, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """The producer as a process of its own."""
    environment = {
        **os.environ,
        "TOCSIN_BROKER_HOST": broker.host,
        "TOCSIN_BROKER_PORT": str(broker.port),
        "TOCSIN_BROKER_PROTOCOL": broker.protocol,
        "TOCSIN_TOPIC_PREFIX": prefix,
        **settings,
    }
    with subprocess.Popen([sys.executable, "-m", "producer"], cwd=ROOT, env=environment) as running:
        try:
            yield running
        finally:
            running.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_stop_the_producer_cleanly(broker: BrokerConnection, prefix: str, number: signal.Signals) -> None:
    """On either signal the producer says goodbye and ends with 0."""
    topics = Topics(prefix)
    with client(broker, f"{prefix}-w", topics.every("readings"), topics.every("services")) as bus:
        with process(broker, prefix) as running:
            until(bus, lambda message: "/readings/" in message.topic)
            running.send_signal(number)
            assert running.wait(10) == 0
        until(bus, lambda message: b'"offline"' in message.payload)


def test_a_killed_producer_is_offline(broker: BrokerConnection, prefix: str) -> None:
    """After SIGKILL the broker says for the producer that it is offline."""
    topics = Topics(prefix)
    with client(broker, f"{prefix}-w", topics.every("services")) as bus:
        with process(broker, prefix) as running:
            until(bus, lambda message: b'"online"' in message.payload)
            running.kill()
        told = until(bus, lambda message: b'"offline"' in message.payload)
    assert decode(told.payload, ServiceStatus).service == "producer"


def test_the_producer_goes_on_after_a_broker_crash(broker: BrokerConnection, prefix: str, tmp_path: Path) -> None:
    """When the broker is killed and comes back, readings flow again, with the times at which they are sent."""
    topics = Topics(prefix)
    own = LocalBroker(tmp_path / "broker", program=find_broker(os.environ.get("TOCSIN_TEST_BROKER")))
    own.start()
    connection = replace(broker, port=own.port)
    try:
        with process(connection, prefix):
            with client(connection, f"{prefix}-w", topics.every("readings")) as bus:
                until(bus, lambda message: "/readings/" in message.topic)
            own.kill()
            own.start()
            with client(connection, f"{prefix}-x", topics.every("readings")) as bus:
                began = time.time()
                told = until(bus, lambda message: decode(message.payload, Reading).measured_at.timestamp() > began)
            assert time.time() - decode(told.payload, Reading).measured_at.timestamp() < 5
    finally:
        own.kill()


def test_a_fast_run_as_a_process(broker: BrokerConnection, prefix: str) -> None:
    """A simulation of limited duration at full speed sends all its readings and ends by itself."""
    topics = Topics(prefix)
    with (
        detector(broker, topics) as listener,
        process(broker, prefix, TOCSIN_SPEED="max", TOCSIN_DURATION="60", TOCSIN_RUN="fast") as running,
    ):
        assert running.wait(30) == 0
        listener.until(sum(1 for _ in simulate("factory", 1, START, 60)))
        assert set(listener.position) == {"fast"}
        times = [reading.measured_at for reading in listener.readings]
        assert times == sorted(times)
