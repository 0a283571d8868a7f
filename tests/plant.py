"""Tocsin as processes on this machine, with a broker of its own: for tests that kill and for replays of recordings."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from runtime.health import check
from runtime.mqtt.connection import BrokerConnection
from tocsin.broker.local_broker import LocalBroker, find_broker, free_port

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STAGES = ("detector", "explainer")


class Plant:
    """Broker, detector and explainer, each killable.

    Args:
        directory: of state, database and logs.
        broker: `mosquitto` or `nats`; by default the first that is found.
        environment: settings on top.
    """

    def __init__(self, directory: Path, broker: str | None = None, **environment: str) -> None:
        self.directory = directory
        self.broker = LocalBroker(directory / "broker", program=find_broker(broker))
        self._environment = environment
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._health_ports = {stage: free_port() for stage in STAGES}

    def __enter__(self) -> Self:
        self.broker.start()
        for stage in STAGES:
            self.start(stage)
        for stage in STAGES:
            wait_for(partial(self.ready, stage), 60, f"{stage} is ready")
        return self

    def __exit__(self, *_: object) -> None:
        for stage in STAGES:
            self.stop(stage)
        self.broker.stop()

    @property
    def connection(self) -> BrokerConnection:
        """Where the broker is."""
        return BrokerConnection(host="127.0.0.1", port=self.broker.port, protocol=self.broker.program.protocol)

    @property
    def database(self) -> Path:
        """The alert database."""
        return self.directory / "alerts.db"

    @property
    def state(self) -> Path:
        """The detector's state file."""
        return self.directory / "detector" / "state.db"

    def start(self, stage: str) -> None:
        """Start a stage."""
        with (self.directory / f"{stage}.log").open("ab") as log:
            self._processes[stage] = subprocess.Popen(
                [sys.executable, "-m", stage], env=self._settings(stage), stdout=log, stderr=log
            )

    def stop(self, stage: str) -> None:
        """Stop a stage as an operator would."""
        process = self._processes.pop(stage, None)
        if process is not None:
            process.terminate()
            process.wait(30)

    def kill(self, name: str) -> None:
        """SIGKILL a stage or the broker, and start it again."""
        if name == "broker":
            self.broker.kill()
            self.broker.start()
            return
        process = self._processes.pop(name)
        process.kill()
        process.wait()
        self.start(name)

    def ready(self, stage: str) -> bool:
        """Ask a stage as its container would."""
        return check("127.0.0.1", self._health_ports[stage])[0]

    def alive(self) -> list[str]:
        """Name the stages whose process runs."""
        return [stage for stage, process in self._processes.items() if process.poll() is None]

    def raised(self) -> list[tuple[str, str, str]]:
        """Read the detector's ledger: (anomaly, incident, phase) in the order they were raised."""
        return _rows(self.state, "SELECT anomaly_id, incident_id, phase FROM raised ORDER BY rowid")

    def owed(self) -> int:
        """Count what the detector has not been given a receipt for, and the readings that wait for a model."""
        waiting = "SELECT count(*) FROM readings WHERE verdict = 3"
        return int(_rows(self.state, f"SELECT (SELECT count(*) FROM outbox) + ({waiting})")[0][0])  # noqa: S608 - ours

    def taken(self) -> int:
        """Count the readings that the detector has taken in."""
        return int(_rows(self.state, "SELECT coalesce(sum(taken), 0) FROM runs")[0][0])

    def stored(self) -> list[tuple[str, str]]:
        """Read (anomaly, incident) of every stored anomaly."""
        return _rows(self.database, "SELECT anomaly, incident FROM anomalies")

    def alerts(self) -> list[tuple[str, str, str]]:
        """Read (incident, label, reason) of every alert."""
        return _rows(self.database, "SELECT incident, label, reason FROM alerts")

    def _settings(self, stage: str) -> dict[str, str]:
        return {
            **os.environ,
            "TOCSIN_BROKER_HOST": "127.0.0.1",
            "TOCSIN_BROKER_PORT": str(self.broker.port),
            "TOCSIN_BROKER_PROTOCOL": self.broker.program.protocol,
            "TOCSIN_HEALTH_PORT": str(self._health_ports[stage]),
            "TOCSIN_STATE_DIR": str(self.directory / "detector"),
            "TOCSIN_DATABASE_URL": f"sqlite:///{self.database}",
            "TOCSIN_LOG_FORMAT": "json",
            **self._environment,
        }


def wait_for(condition: Callable[[], object], timeout: float, what: str) -> None:
    """Wait until a condition holds.

    Raises:
        TimeoutError: it does not within `timeout` seconds; the text says what was waited for.
    """
    give_up = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > give_up:
            raise TimeoutError(f"after {timeout:.0f} s: {what}")
        time.sleep(0.05)


def _rows(path: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as connection:
        return connection.execute(query).fetchall()
