"""From a reading's publication to the arrival of its anomaly, with a real broker, at a steady rate.

    python -m benchmarks.speed.latency --rate 1000 --seconds 20

A hundred devices send readings of four metrics; once they have learned, now and then a reading is gross. What is
measured is the time from handing that reading to the client until a subscriber has its `open` anomaly.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks.speed.__main__ import BASE, METRICS, SPREAD, TOPICS, detector, stop, wait_for_position
from contracts.anomaly import Anomaly
from contracts.codec import decode, encode
from contracts.reading import Reading
from runtime.mqtt import BrokerConnection, MqttBus
from tocsin.local_broker import LocalBroker, find_broker

_DEVICES = 100
_LEARNING = 220  # readings a device: one more than its first model needs, and some
_EVERY = 200  # readings, from one gross one to the next


def main() -> int:
    """Measure and print the quantiles in milliseconds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=1000.0, help="readings a second")
    parser.add_argument("--seconds", type=float, default=20.0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        broker = LocalBroker(Path(directory) / "broker", program=find_broker("mosquitto"))
        broker.start()
        process = None
        try:
            where = BrokerConnection(host="127.0.0.1", port=broker.port)
            process = detector(where, Path(directory) / "state", None)
            wait_for_position(where, 0)
            delays = _measure(where, arguments.rate, int(arguments.rate * arguments.seconds))
        finally:
            if process is not None:
                stop(process)
            broker.stop()
    if not delays:
        print("no anomaly has come", file=sys.stderr)
        return 1
    quantiles = {f"p{q}": round(1e3 * float(np.quantile(delays, q / 100)), 1) for q in (50, 90, 99)}
    print(json.dumps({"rate": arguments.rate, "anomalies": len(delays), **quantiles, "unit": "ms"}))
    return 0


def _measure(where: BrokerConnection, rate: float, count: int) -> list[float]:
    """Teach the devices at full speed, then send at the rate; return the delays in seconds."""
    ears = MqttBus(where, client_id="latency-ears", subscriptions=[TOPICS.every("anomalies")], lasting=False)
    mouth = MqttBus(where, client_id="latency-mouth", lasting=False)
    for bus in (ears, mouth):
        bus.start()
        bus.wait_connected(10)
    random = np.random.default_rng(3)
    taught = _DEVICES * _LEARNING
    for number in range(taught):
        _send(mouth, number, random, gross=False)
        if number % 5000 == 4999:
            wait_for_position(where, number - 4000, timeout=300)
    wait_for_position(where, taught, timeout=300)
    time.sleep(30)  # the fits
    sent: dict[str, float] = {}
    delays: list[float] = []
    begin = time.perf_counter()
    for number in range(count):
        while (left := begin + number / rate - time.perf_counter()) > 0:
            _hear(ears, sent, delays, min(left, 0.0005))
        gross = number % _EVERY == _EVERY - 1
        device = _send(mouth, taught + number, random, gross=gross, device=number // _EVERY if gross else None)
        if gross:
            sent[device] = time.perf_counter()
        _hear(ears, sent, delays, 0.0)
    until = time.perf_counter() + 2
    while time.perf_counter() < until:
        _hear(ears, sent, delays, 0.05)
    for bus in (ears, mouth):
        bus.stop()
    return delays


def _send(bus: MqttBus, number: int, random: np.random.Generator, *, gross: bool, device: int | None = None) -> str:
    row = BASE + SPREAD * random.standard_normal(len(BASE)) + (40 * SPREAD if gross else 0.0)
    name = f"device-{(number if device is None else device) % _DEVICES}"
    values: dict[str, float | None] = dict(zip(METRICS, row.round(3).tolist(), strict=True))
    bus.publish(
        TOPICS.readings(name), encode(Reading(device=name, values=values, measured_at=datetime.now(UTC), seq=number))
    )
    return name


def _hear(bus: MqttBus, sent: dict[str, float], delays: list[float], wait: float) -> None:
    messages = bus.receive(100, wait)
    now = time.perf_counter()
    for message in messages:
        anomaly = decode(message.payload, Anomaly)
        at = sent.pop(anomaly.device, None)
        if at is not None and anomaly.incident.phase in {"open", "reopen"}:
            delays.append(now - at)
    bus.ack(messages)


if __name__ == "__main__":
    sys.exit(main())
