"""Readings a second through the detector, beside a subscriber that does nothing.

Both drain the same backlog from the same broker, one after the other, on one core; the broker has the other one.
What counts is the ratio: these machines are noisy. `make speed`, or `python -m benchmarks.speed --help`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from contracts.codec import encode
from contracts.reading import Reading
from contracts.topics import Topics
from runtime.mqtt.bus import MqttBus
from runtime.mqtt.connection import BrokerConnection
from tocsin.broker.local_broker import LocalBroker, find_broker

if TYPE_CHECKING:
    from collections.abc import Iterator

TOPICS = Topics("speed")
WARM_UP = 1700  # readings a device: its model is fitted again at 1600 and at 3200, so not while it is measured
BASE = np.array([72.0, 45.0, 1013.0, 3000.0])
SPREAD = np.array([2.0, 3.0, 5.0, 50.0])
METRICS = ("temperature", "humidity", "pressure", "motor_rpm")


def readings(devices: int, first: int, count: int) -> Iterator[tuple[str, bytes]]:
    """Make readings of four metrics, one a second and device, round robin; `count` a device."""
    random = np.random.default_rng(first)
    start = datetime.now(UTC) - timedelta(days=1)
    for number in range(first, first + count):
        rows = BASE + SPREAD * random.standard_normal((devices, len(BASE)))
        for device in range(devices):
            values = dict(zip(METRICS, rows[device].round(3).tolist(), strict=True))
            at = start + timedelta(seconds=number)
            reading = Reading(device=f"device-{device}", values=values, measured_at=at, seq=number)
            yield TOPICS.readings(reading.device), encode(reading)


def publish(where: BrokerConnection, messages: Iterator[tuple[str, bytes]]) -> None:
    """Publish at QoS 1 and wait until the broker has all."""
    bus = MqttBus(where, client_id="speed-publisher", lasting=False)
    bus.start()
    bus.wait_connected(10)
    waiting = []
    for topic, payload in messages:
        waiting.append(bus.publish(topic, payload))
        if len(waiting) >= 1000:
            for publication in waiting:
                publication.wait(60)
            waiting.clear()
    for publication in waiting:
        publication.wait(60)
    bus.stop()


def nothing(port: int, count: int) -> None:
    """Drain `count` messages with bare paho and print how long it took; runs as a process of its own."""
    from paho.mqtt import client as paho  # noqa: PLC0415
    from paho.mqtt.enums import CallbackAPIVersion  # noqa: PLC0415
    from paho.mqtt.packettypes import PacketTypes  # noqa: PLC0415
    from paho.mqtt.properties import Properties  # noqa: PLC0415

    seen = {"count": 0, "first": 0.0, "cpu": 0.0}

    def on_message(*_: object) -> None:
        if not seen["count"]:
            seen["first"], seen["cpu"] = time.perf_counter(), time.process_time()
        seen["count"] += 1
        if seen["count"] == count:
            client.disconnect()

    client = paho.Client(CallbackAPIVersion.VERSION2, client_id="speed-nothing", protocol=paho.MQTTv5)
    properties = Properties(PacketTypes.CONNECT)
    properties.SessionExpiryInterval = 3600
    properties.ReceiveMaximum = 1000
    client.on_message = on_message
    client.on_connect = lambda c, *_: c.subscribe(TOPICS.every("readings"), 1)
    client.connect("127.0.0.1", port, clean_start=False, properties=properties)
    if count:
        client.loop_forever()
    else:  # only leave a session behind
        client.loop_start()
        time.sleep(1)
        client.disconnect()
        client.loop_stop()
    if count:
        wall, cpu = time.perf_counter() - seen["first"], time.process_time() - seen["cpu"]
        print(json.dumps({"rate": count / wall, "cpu_us": 1e6 * cpu / count}))


def on_core(core: int | None, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Start a Python process on one core."""
    pin = [] if core is None else ["taskset", "-c", str(core)]
    return subprocess.Popen(
        [*pin, sys.executable, *arguments], env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
    )


def wait_for_position(where: BrokerConnection, target: int, timeout: float = 120) -> tuple[float, int]:
    """Follow the detector's published position to a target; return when (perf_counter) it said so, and what it said."""
    bus = MqttBus(where, client_id="speed-watch", subscriptions=[TOPICS.every("services/detector")], lasting=False)
    bus.start()
    give_up = time.monotonic() + timeout
    while time.monotonic() < give_up:
        for message in bus.receive(100, 0.2):
            status = json.loads(message.payload)
            if message.retained or status["state"] != "online":
                continue
            position = status.get("position", {}).get("live", 0)
            if position >= target:
                bus.stop()
                return time.perf_counter(), position
    raise TimeoutError(f"the detector did not reach reading {target}")


def detector(where: BrokerConnection, state: Path, core: int | None) -> subprocess.Popen[str]:
    """Start the detector."""
    return on_core(
        core,
        "-m",
        "detector",
        TOCSIN_BROKER_HOST=where.host,
        TOCSIN_BROKER_PORT=str(where.port),
        TOCSIN_TOPIC_PREFIX=TOPICS.prefix,
        TOCSIN_STATE_DIR=str(state),
        TOCSIN_LOG_LEVEL="warning",
    )


def stop(process: subprocess.Popen[str]) -> None:
    """Stop a process."""
    process.terminate()
    process.wait(30)


def cpu_seconds(pid: int) -> float:
    """Read the CPU time that a process has used so far, start-up included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(devices: int, count: int, core: int | None, directory: Path, profile: str | None) -> dict[str, float]:
    """Run both, and return rates (readings/s), CPU (µs a reading) and their ratio; the detector's without its start."""
    broker = LocalBroker(directory / "broker", program=find_broker("mosquitto"))
    broker.start()
    where = BrokerConnection(host="127.0.0.1", port=broker.port)
    state = directory / "state"
    total = devices * count
    try:
        process = detector(where, state, core)
        wait_for_position(where, 0)
        publish(where, readings(devices, 0, WARM_UP))
        wait_for_position(where, devices * WARM_UP)
        time.sleep(5 + 0.3 * devices)  # the fits
        stop(process)
        on_core(None, "-m", "benchmarks.speed", "--nothing", "0", "--port", str(broker.port)).wait()
        publish(where, readings(devices, WARM_UP, count))
        idle = on_core(core, "-m", "benchmarks.speed", "--nothing", str(total), "--port", str(broker.port))
        bare = json.loads(idle.communicate()[0])
        process = detector(where, state, core)
        if profile:
            spy = [
                "py-spy",
                "record",
                "--format",
                "raw",
                "--rate",
                "500",
                "--output",
                profile,
                "--pid",
                str(process.pid),
            ]
            subprocess.Popen(spy, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # by a quarter of the way it has loaded its kernels
        began, first = wait_for_position(where, devices * WARM_UP + total // 4)
        spent = -cpu_seconds(process.pid)
        ended, last = wait_for_position(where, devices * WARM_UP + total)
        spent += cpu_seconds(process.pid)
        stop(process)
    finally:
        broker.stop()
    rate = (last - first) / (ended - began)
    return {"nothing_rate": bare["rate"], "nothing_cpu_us": bare["cpu_us"], "detector_rate": rate,
            "detector_cpu_us": 1e6 * spent / (last - first), "ratio": rate / bare["rate"]}  # fmt: skip


def main() -> int:
    """Run the benchmark; see `--help`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument("--devices", type=int, default=20)
    parser.add_argument("--readings", type=int, default=1400, help="readings of each device in the backlog")
    parser.add_argument("--core", type=int, default=0, help="core for the subscriber under test; -1 for any")
    parser.add_argument("--profile", help="write where the detector's time goes to this file (py-spy, raw stacks)")
    parser.add_argument("--nothing", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.nothing is not None:
        nothing(asked.port, asked.nothing)
        return 0
    with tempfile.TemporaryDirectory() as directory:
        result = measure(
            asked.devices, asked.readings, None if asked.core < 0 else asked.core, Path(directory), asked.profile
        )
    for name, value in result.items():
        print(f"{name:18} {value:10.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
