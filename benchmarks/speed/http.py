"""How many readings a second the HTTP face takes, beside a bare FastAPI endpoint that reads the same requests.

Server and client are processes of their own, on a core each; one client, one connection, one request at a time. What
counts is the ratio. `python -m benchmarks.speed.http`; `make speed` runs it after the MQTT path.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import uvicorn
from fastapi import FastAPI

from benchmarks.speed.__main__ import BASE, METRICS, SPREAD, cpu_seconds
from detector.http.requests import ScoreRequest, StreamRequest  # noqa: TC001 - FastAPI reads it
from detector.http.serving import Json
from tocsin.broker.local_broker import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

WARM_UP = 60


def bare() -> FastAPI:
    """Make an application that reads requests as the face does, and answers without looking at them."""
    application = FastAPI()

    @application.post("/v1/ml/anomaly/stream")
    async def stream(asked: StreamRequest) -> Json:
        return Json({"object": "streaming_result", "model": asked.model})

    @application.post("/v1/ml/anomaly/score")
    async def score(asked: ScoreRequest) -> Json:
        return Json({"object": "list", "model": asked.model})

    return application


def readings(count: int, seed: int) -> list[dict[str, float]]:
    """Draw readings of four metrics."""
    rows = BASE + SPREAD * np.random.default_rng(seed).standard_normal((count, len(BASE)))
    return [dict(zip(METRICS, row.round(3).tolist(), strict=True)) for row in rows]


class Server:
    """A server process on one core, and a client of it."""

    def __init__(self, core: int | None, *arguments: str, port: int, state: str) -> None:
        pin = [] if core is None else ["taskset", "-c", str(core)]
        environment = {"TOCSIN_HTTP_PORTS": str(port), "TOCSIN_STATE_DIR": state, "TOCSIN_LOG_LEVEL": "warning"}
        self.process = subprocess.Popen([*pin, sys.executable, *arguments], env={**os.environ, **environment})
        self._client = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._wait(port)

    def _wait(self, port: int) -> None:
        give_up = time.monotonic() + 120
        while time.monotonic() < give_up:
            try:
                probe = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
                probe.request("GET", "/openapi.json")
                probe.getresponse().read()
            except OSError:
                time.sleep(0.2)
            else:
                return
        raise TimeoutError("the server does not answer")

    def post(self, path: str, body: object) -> bytes:
        """Ask."""
        self._client.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        answer = self._client.getresponse()
        content = answer.read()
        assert answer.status == 200, content
        return content

    def stop(self) -> None:
        """End the process."""
        self._client.close()
        self.process.terminate()
        self.process.wait(30)


def requests(rows: int, count: int) -> Iterator[tuple[str, str, Any]]:
    """Make `count` requests of each kind: what it is, path, body."""
    for number in range(count):
        drawn = readings(rows, 1000 + number)
        yield f"stream, {rows} a request", "/v1/ml/anomaly/stream", {"model": "speed", "data": drawn}
    for number in range(count):
        table = [list(row.values()) for row in readings(rows, 5000 + number)]
        yield f"score, {rows} a request", "/v1/ml/anomaly/score", {"model": "speed", "data": table}


def measure(server: Server, rows: int, count: int) -> dict[str, tuple[float, float]]:
    """Return readings/s and the server's CPU time (µs a reading) by what was asked."""
    spent: dict[str, tuple[float, float]] = {}
    for what, path, body in requests(rows, count):
        wall, cpu = spent.get(what, (0.0, 0.0))
        cpu_before, began = cpu_seconds(server.process.pid), time.perf_counter()
        server.post(path, body)
        took = time.perf_counter() - began
        spent[what] = (wall + took, cpu + cpu_seconds(server.process.pid) - cpu_before)
    total = rows * count
    return {what: (total / wall, 1e6 * cpu / total) for what, (wall, cpu) in spent.items()}


def learned(server: Server) -> None:
    """Let the stream and a batch model learn."""
    stream = {"model": "speed", "min_samples": WARM_UP, "retrain_interval": 10_000_000, "backend": "isolation_forest"}
    server.post("/v1/ml/anomaly/stream", {**stream, "data": readings(2 * WARM_UP, 1)})
    table = [list(row.values()) for row in readings(500, 2)]
    server.post("/v1/ml/anomaly/fit", {"model": "speed", "data": table})


def main() -> int:
    """Run the benchmark; see `--help`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed.http", description=__doc__)
    parser.add_argument("--requests", type=int, default=1000, help="requests of each kind, of one reading each")
    parser.add_argument("--core", type=int, default=0, help="core of the server; -1 for any")
    parser.add_argument("--bare", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.bare is not None:
        uvicorn.run(bare(), port=asked.bare, log_config=None, access_log=False)
        return 0
    core = None if asked.core < 0 else asked.core
    results: list[dict[str, tuple[float, float]]] = []
    with tempfile.TemporaryDirectory() as state:
        for arguments in (["-m", "benchmarks.speed.http", "--bare"], ["-m", "detector.http"]):
            port = free_port()
            told = [*arguments, str(port)] if "--bare" in arguments else arguments
            server = Server(core, *told, port=port, state=state)
            try:
                if "--bare" not in arguments:
                    learned(server)
                measure(server, 1, 50)
                few = max(asked.requests // 20, 1)
                results.append(measure(server, 1, asked.requests) | measure(server, 100, few))
            finally:
                server.stop()
    print(f"{'':26} {'readings/s':>12} {'bare':>12} {'ratio':>7} {'CPU µs':>9} {'bare':>9}")
    for what, (rate, cpu) in results[1].items():
        bare_rate, bare_cpu = results[0][what]
        print(f"{what:26} {rate:12.0f} {bare_rate:12.0f} {rate / bare_rate:7.2f} {cpu:9.0f} {bare_cpu:9.0f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
