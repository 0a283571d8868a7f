"""How much the page's service takes: many devices that send a score each second, many open pages.

`python -m benchmarks.web --devices 500 --viewers 50` starts a broker and the page, publishes scores as the detector
would, opens the event streams as browsers would, each showing 40 tiles and one of ten looking at one device, and tells
CPU, memory, and how old a score is when it reaches a page. Everything stays on this machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import statistics
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from contracts.codec import encode
from contracts.service import DeviceStatus, Score
from contracts.topics import Topics
from runtime.health import check
from runtime.mqtt.bus import MqttBus
from runtime.mqtt.connection import BrokerConnection
from storage.database import open_engine
from storage.migrate import migrate
from tocsin.broker.local_broker import LocalBroker, free_port
from tocsin.demo.child import Child, Part

if TYPE_CHECKING:
    from collections.abc import Iterator

TOPICS = Topics()
METRICS = ("temperature", "pressure", "current", "speed")
SHOWN = 40
WARM_UP_S = 5.0
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Heard:
    """What the pages were sent."""

    bytes: int = 0
    events: int = 0
    ages: list[float] = field(default_factory=list)


class Detector(threading.Thread):
    """Publishes a score a second of every device, evenly spread over the second."""

    def __init__(self, where: BrokerConnection, devices: int) -> None:
        super().__init__(daemon=True)
        self._bus = MqttBus(where, client_id="bench-detector", lasting=False)
        self._names = [f"device-{number:03d}" for number in range(devices)]
        self.enough = threading.Event()
        self.sent = 0

    def run(self) -> None:
        """Publish until it is enough."""
        self._bus.start()
        self._bus.wait_connected(20)
        for name in self._names:
            status = DeviceStatus(device=name, state="ready", since=datetime.now(UTC), readings=1)
            self._bus.publish(TOPICS.device(name), encode(status), retain=True)
        begin = time.monotonic()
        while not self.enough.is_set():
            for name in self._names:
                self._bus.publish(TOPICS.scores(name), encode(_score(name, self.sent)), qos=0)
                self.sent += 1
                ahead = begin + self.sent / len(self._names) - time.monotonic()
                if ahead > 0:
                    time.sleep(ahead)
        self._bus.stop()


def _score(name: str, number: int) -> Score:
    values = {metric: 20 + math.sin(number / 3000 + index) for index, metric in enumerate(METRICS)}
    return Score(
        device=name,
        measured_at=datetime.now(UTC),
        score=0.1,
        values=dict(values),
        expected=dict.fromkeys(METRICS, 20.0),
        lower=dict.fromkeys(METRICS, 18.0),
        upper=dict.fromkeys(METRICS, 22.0),
    )


async def _view(port: int, number: int, devices: int, heard: Heard, until: float) -> None:
    names = [f"device-{(number * 7 + index) % devices:03d}" for index in range(min(SHOWN, devices))]
    asked = [("shown", name) for name in names] + ([("device", names[0])] if number % 10 == 0 else [])
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    writer.write(f"GET /api/v1/live?{urlencode(asked)} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    kind = b""
    while (left := until - time.monotonic()) > 0:
        try:
            line = await asyncio.wait_for(reader.readline(), left)
        except TimeoutError:
            break
        heard.bytes += len(line)
        if line.startswith(b"event: "):
            kind = line[7:].strip()
            heard.events += 1
        elif line.startswith(b"data: ") and kind == b"score":
            at = datetime.fromisoformat(json.loads(line[6:])["measured_at"])
            heard.ages.append((datetime.now(UTC) - at).total_seconds())
    writer.close()


async def _watch(port: int, viewers: int, devices: int, seconds: float) -> Heard:
    heard = Heard()
    until = time.monotonic() + seconds
    await asyncio.gather(*(_view(port, number, devices, heard, until) for number in range(viewers)))
    return heard


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _memory_mib(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@contextmanager
def page_under_load(devices: int, directory: Path) -> Iterator[tuple[int, int, float]]:
    """Run broker, page and a detector's scores; give the page's process, its port, and its memory at the start."""
    broker = LocalBroker(directory / "broker")
    broker.start()
    port, health = free_port(), free_port()
    environment = {
        **os.environ,
        "TOCSIN_BROKER_HOST": "127.0.0.1",
        "TOCSIN_BROKER_PORT": str(broker.port),
        "TOCSIN_BROKER_PROTOCOL": broker.program.protocol,
        "TOCSIN_WEB_PORT": str(port),
        "TOCSIN_HEALTH_PORT": str(health),
        "TOCSIN_DATABASE_URL": f"sqlite:///{directory}/alerts.db",
    }
    migrate(open_engine(environment["TOCSIN_DATABASE_URL"]))
    page = Child(Part("web", environment, health), directory / "web.log")
    detector = Detector(BrokerConnection("127.0.0.1", broker.port, protocol=broker.program.protocol), devices)
    try:
        pid = page.start()
        while not check("127.0.0.1", health)[0]:
            time.sleep(0.1)
        empty = _memory_mib(pid)
        detector.start()
        time.sleep(WARM_UP_S)
        yield pid, port, empty
    finally:
        detector.enough.set()
        detector.join(10)
        page.ask_to_stop()
        page.has_stopped(20)
        broker.stop()


def _measured(asked: argparse.Namespace, directory: Path) -> dict[str, float]:
    heard = Heard()
    with page_under_load(asked.devices, directory) as (pid, port, empty):
        alone = _load(pid, lambda: time.sleep(asked.seconds / 3)) / (asked.seconds / 3)
        busy = _load(pid, lambda: _take(heard, asyncio.run(_watch(port, asked.viewers, asked.devices, asked.seconds))))
        return _report(heard, asked.seconds, alone=alone, busy=busy, empty=empty, full=_memory_mib(pid))


def _take(into: Heard, heard: Heard) -> None:
    into.bytes, into.events, into.ages = heard.bytes, heard.events, heard.ages


def _load(pid: int, work: object) -> float:
    before = _cpu_s(pid)
    work()  # type: ignore[operator]
    return _cpu_s(pid) - before


def _report(heard: Heard, seconds: float, **found: float) -> dict[str, float]:
    ages = sorted(heard.ages) or [math.nan]
    return {
        "cpu share of one core, no page open": round(found["alone"], 3),
        "cpu share of one core, all pages open": round(found["busy"] / seconds, 3),
        "memory MiB at the start": round(found["empty"], 1),
        "memory MiB at the end": round(found["full"], 1),
        "KiB a second to each page": round(heard.bytes / seconds / 1024, 1),
        "events a second, all pages": round(heard.events / seconds, 1),
        "age of a score at the page, median ms": round(statistics.median(ages) * 1000, 1),
        "age of a score at the page, 99 % ms": round(ages[int(len(ages) * 0.99) - 1] * 1000, 1),
    }


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.web", description=__doc__)
    parser.add_argument("--devices", type=int, default=500)
    parser.add_argument("--viewers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=30.0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        found = _measured(asked, Path(directory))
    found["KiB a second to each page"] = round(found["KiB a second to each page"] / asked.viewers, 1)
    print(f"{asked.devices} devices, {asked.viewers} pages, {asked.seconds:.0f} s")
    for name, value in found.items():
        print(f"  {name:44} {value:g}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
