"""From a reading's publication to the arrival of its anomaly, with a real broker, at a steady rate.

    python -m benchmarks.speed.latency --rate 1000 --seconds 30

Devices send readings of four metrics; once they have learned, now and then a reading of one of them is gross. What is
measured is the time from handing that reading to the client until a subscriber has its `open` anomaly; how much of it
had passed when the detector had the reading; how long a message takes that the broker only passes on; and how long a
small write takes to reach the same disk: anomalies that were on their way during a slow one are told apart.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.speed.__main__ import BASE, METRICS, SPREAD, TOPICS, cpu_seconds, detector, stop, wait_for_position
from contracts.anomaly import Anomaly
from contracts.codec import decode, encode
from contracts.reading import Reading
from runtime.mqtt.bus import MqttBus
from runtime.mqtt.connection import BrokerConnection
from tocsin.broker.local_broker import LocalBroker, find_broker

if TYPE_CHECKING:
    import subprocess

_LEARNING = 210  # readings a device: some more than its first model needs; the next fit comes after twice as many
_EVERY = 100  # readings, from one gross one to the next
_BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
_ECHO = "echo"
_PROBE_S = 0.02
_STALL_S = 0.005  # a small write takes 0.5 to 2 ms otherwise
_QUIET_S = 5.0  # without a new model: the fits are over


class Disk(threading.Thread):
    """Writes a little to a file again and again, and notes when that took how long.

    Args:
        path: of the file, beside those of the detector.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(daemon=True)
        self._path = path
        self.writes: list[tuple[float, float]] = []
        self.enough = threading.Event()

    def run(self) -> None:
        """Write until it is enough."""
        with self._path.open("wb") as file:
            while not self.enough.wait(_PROBE_S):
                began = time.perf_counter()
                file.write(b"0" * 512)
                file.flush()
                os.fsync(file.fileno())
                self.writes.append((began, time.perf_counter()))

    def stalled(self, since: float, until: float) -> bool:
        """Tell whether a slow write lay between two moments (perf_counter), or over one of them."""
        return any(end - began > _STALL_S and began < until and end > since for began, end in self.writes)


@dataclass(slots=True)
class Delays:
    """Seconds from publication to arrival: of anomalies, and of messages that are only passed on.

    Attributes:
        anomalies: (when the reading was sent, when its anomaly was here).
        taken: until the detector had the reading.
    """

    anomalies: list[tuple[float, float]] = field(default_factory=list)
    taken: list[float] = field(default_factory=list)
    echoes: list[float] = field(default_factory=list)
    sent: dict[str, float] = field(default_factory=dict)

    def hear(self, bus: MqttBus, wait: float) -> None:
        """Take what has come."""
        messages = bus.receive(100, wait)
        now = time.perf_counter()
        clock = time.time() - now
        for message in messages:
            if message.topic == _ECHO:
                self.echoes.append(now - float(message.payload))
                continue
            anomaly = decode(message.payload, Anomaly)
            at = self.sent.pop(anomaly.device, None)
            if at is not None and anomaly.incident.phase in {"open", "reopen"}:
                self.anomalies.append((at, now))
                self.taken.append(anomaly.received_at.timestamp() - (at + clock))
        bus.ack(messages)


def main() -> int:
    """Measure and print the quantiles in milliseconds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=1000.0, help="readings a second")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--devices", type=int, default=300)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        broker = LocalBroker(Path(directory) / "broker", program=find_broker("mosquitto"))
        broker.start()
        process = None
        try:
            where = BrokerConnection(host="127.0.0.1", port=broker.port)
            process = detector(where, Path(directory) / "state", None)
            wait_for_position(where, 0)
            disk = Disk(Path(directory) / "probe")
            delays, cpu = _measure(where, process, arguments, disk)
        finally:
            if process is not None:
                stop(process)
            broker.stop()
    if not delays.anomalies:
        print("no anomaly has come", file=sys.stderr)
        return 1
    quiet = [until - since for since, until in delays.anomalies if not disk.stalled(since, until)]
    figures = {
        "anomaly ms": _quantiles([until - since for since, until in delays.anomalies]),
        f"{len(quiet)} of them outside disk stalls ms": _quantiles(quiet),
        "until the detector has the reading ms": _quantiles(delays.taken),
        "passed on ms": _quantiles(delays.echoes),
        "a write reaches the disk ms": _quantiles([end - began for began, end in disk.writes]),
    }
    print(json.dumps({"rate": arguments.rate, "anomalies": len(delays.anomalies), **figures, "CPU µs a reading": cpu},
                     ensure_ascii=False))  # fmt: skip
    return 0


def _quantiles(seconds: list[float]) -> dict[str, float]:
    return {f"p{q}": round(1e3 * float(np.quantile(seconds, q / 100)), 1) for q in (50, 90, 99)}


def _measure(
    where: BrokerConnection, process: subprocess.Popen[str], arguments: argparse.Namespace, disk: Disk
) -> tuple[Delays, float]:
    """Teach the devices at full speed, then send at the rate; return delays, and the detector's CPU (µs a reading)."""
    devices, rate, count = arguments.devices, arguments.rate, int(arguments.rate * arguments.seconds)
    ears = MqttBus(where, client_id="latency-ears", subscriptions=[TOPICS.every("anomalies"), _ECHO], lasting=False)
    mouth = MqttBus(where, client_id="latency-mouth", lasting=False)
    for bus in (ears, mouth):
        bus.start()
        bus.wait_connected(10)
    random = np.random.default_rng(3)
    taught = devices * _LEARNING
    for number in range(taught):
        _send(mouth, number, random, number % devices)
        if number % 5000 == 4999:
            wait_for_position(where, number - 4000, timeout=300)
    wait_for_position(where, taught, timeout=300)
    _wait_for_fits(where)
    disk.start()
    delays = Delays()
    spent = -cpu_seconds(process.pid)
    begin = time.perf_counter()
    for number in range(count):
        while (left := begin + number / rate - time.perf_counter()) > 0:
            delays.hear(ears, min(left, 0.0005))
        if number % _EVERY < _EVERY - 1:
            _send(mouth, taught + number, random, number % devices)
            continue
        device = number // _EVERY % devices
        delays.sent[_name(device)] = time.perf_counter()
        _send(mouth, taught + number, random, device, gross=True)
        mouth.publish(_ECHO, repr(time.perf_counter()).encode())
    spent += cpu_seconds(process.pid)
    until = time.perf_counter() + 2
    while time.perf_counter() < until:
        delays.hear(ears, 0.05)
    disk.enough.set()
    disk.join()
    for bus in (ears, mouth):
        bus.stop()
    return delays, round(1e6 * spent / count, 1)


def _wait_for_fits(where: BrokerConnection) -> None:
    """Wait until no new model has come for some seconds."""
    topic = TOPICS.every("services/detector")
    bus = MqttBus(where, client_id="latency-fits", subscriptions=[topic], lasting=False)
    bus.start()
    fits, since = -1.0, time.monotonic()
    while time.monotonic() - since < _QUIET_S:
        for message in bus.receive(100, 0.2):
            newest = json.loads(message.payload).get("counters", {}).get("fits", 0.0)
            if newest != fits:
                fits, since = newest, time.monotonic()
    bus.stop()


def _send(bus: MqttBus, number: int, random: np.random.Generator, device: int, *, gross: bool = False) -> None:
    row = BASE + SPREAD * random.standard_normal(len(BASE)) + (40 * SPREAD if gross else 0.0)
    values: dict[str, float | None] = dict(zip(METRICS, row.round(3).tolist(), strict=True))
    at = _BEGIN + timedelta(milliseconds=number)  # recorded time: it stands still while models are fitted
    reading = Reading(device=_name(device), values=values, measured_at=at, seq=number, clock="replay")
    bus.publish(TOPICS.readings(reading.device), encode(reading))


def _name(device: int) -> str:
    return f"device-{device}"


if __name__ == "__main__":
    sys.exit(main())
