"""Promise 1: an anomaly that was raised is stored once, whichever of broker, detector or explainer is killed."""

from __future__ import annotations

import os
import random
import sqlite3
import threading
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from contracts.codec import encode
from contracts.reading import Reading
from contracts.topics import Topics
from runtime.mqtt.bus import MqttBus
from tests.llm_server import LlmServer, answers
from tests.plant import Plant, wait_for

if TYPE_CHECKING:
    from pathlib import Path

    from runtime.mqtt.connection import BrokerConnection
    from tests.llm_server import Exchange

pytestmark = [pytest.mark.broker, pytest.mark.slow]

LLM_SECONDS = 2.0
KILLS = int(os.environ.get("TOCSIN_TEST_KILLS", "6"))
DEVICES = 4
ROWS = 480  # of a device, before others take its place
TOPICS = Topics()


class Feeder(threading.Thread):
    """Publishes readings of some devices, with gross faults now and then, until it is told to stop."""

    def __init__(self, where: BrokerConnection) -> None:
        super().__init__(daemon=True)
        self._bus = MqttBus(where, client_id="feeder")
        self._random = random.Random(7)  # noqa: S311 - the same stream every time
        self.enough = threading.Event()
        self.sent = 0
        self._shift = 0.0

    def run(self) -> None:
        self._bus.start()
        start = datetime(2026, 1, 1, tzinfo=UTC)
        while not self.enough.is_set():
            at = start + timedelta(seconds=10 * self.sent)  # so that every fault is an incident of its own
            # New devices now and then: one whose faults keep coming back learns that they are its normal course.
            series, row = divmod(self.sent, ROWS)
            if row % 60 == 0:
                self._shift = self._random.choice((-1, 1)) * self._random.uniform(20, 200)
            shift = self._shift if row > 120 and row % 60 < 5 else 0.0
            for number in range(DEVICES):
                device = f"pump-{series}-{number}"
                self._bus.publish(TOPICS.readings(device), self._reading(device, at, shift))
            self.sent += 1
            time.sleep(0.01)
        self._bus.stop(timeout=20)

    def _reading(self, device: str, at: datetime, shift: float) -> bytes:
        values: dict[str, float | None] = {
            "temperature": self._random.gauss(60, 1) + shift,
            "pressure": self._random.gauss(5, 0.1),
        }
        return encode(Reading(device=device, values=values, measured_at=at, seq=self.sent, clock="replay", run="kills"))


def slowly(exchange: Exchange) -> None:
    """Answer as a busy model does, with words that hold for every fault here, so that none is asked for twice."""
    if not exchange.stopping.wait(LLM_SECONDS):
        answers(label="temperature is unusual", reason="temperature is outside its usual range.")(exchange)


def explained(plant: Plant) -> bool:
    """Tell whether no explanation is owed any more."""
    with closing(sqlite3.connect(plant.database)) as connection:
        (owed,) = connection.execute("SELECT count(*) FROM alerts WHERE explanation_state = 'owed'").fetchone()
        return bool(owed == 0)


def test_raised_is_stored_once_whatever_is_killed(tmp_path: Path) -> None:
    """After random SIGKILLs the alert database holds exactly what the detector's ledger holds."""
    chance = random.Random(11)  # noqa: S311
    settings = {"TOCSIN_WARM_UP": "60", "TOCSIN_UPDATE_EVERY_S": "1", "TOCSIN_LLM_REQUESTS_PER_HOUR": "100000"}
    with LlmServer([slowly]) as llm, Plant(tmp_path, TOCSIN_LLM_BASE_URL=llm.url, **settings) as plant:
        feeder = Feeder(plant.connection)
        feeder.start()
        wait_for(lambda: len(plant.stored()) >= 3, 90, "the first anomalies are stored")
        killed = Counter[str]()
        for number in range(KILLS):
            time.sleep(chance.uniform(0.5, 2.5))  # the moment of a kill is random, not a condition
            name = ("broker", "detector", "explainer")[number % 3]
            killed[name] += 1
            plant.kill(name)
        before = len(plant.raised())
        wait_for(lambda: len(plant.raised()) > before, 60, "anomalies are raised again after the last kill")
        feeder.enough.set()
        feeder.join(30)
        wait_for(lambda: plant.owed() == 0, 300, f"a receipt for each of {len(plant.raised())} anomalies")
        wait_for(lambda: explained(plant), 60 + LLM_SECONDS * len(plant.alerts()), "owed explanations are caught up")
        raised, stored = plant.raised(), plant.stored()
        alerts = plant.alerts()
    assert sorted(one for one, _, _ in raised) == sorted(one for one, _ in stored)
    assert len({one for one, _ in stored}) == len(stored)
    assert {incident for _, incident, _ in raised} == {incident for incident, _, _ in alerts}
    assert all(label and reason for _, label, reason in alerts)
    opened = Counter(incident for _, incident, phase in raised if phase == "open")
    assert set(opened.values()) == {1}, "an incident was opened twice"
    asked = len(llm.requests)
    assert asked <= 2 * len(opened) + killed["explainer"] * 4, "an incident was explained more than once"
    print(f"killed {dict(killed)}: {len(raised)} anomalies of {len(opened)} incidents stored once; {asked} requests")  # noqa: T201
