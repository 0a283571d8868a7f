"""Models and feedback by command, through a real broker: retrained, rolled back, quieted, and the same after a kill."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from contracts.codec import decode, encode
from contracts.reading import Reading
from contracts.service import DeviceStatus
from contracts.topics import Topics
from tests.integration.command_process import CommandProcess
from tests.plant import Plant, wait_for
from tocsin.broker.listening import visiting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.broker, pytest.mark.slow]
TOPICS = Topics()
NORMAL = 150


class Mill:
    """A machine that is recorded: one reading a second, some of them faulty."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant
        self._draw = random.Random(7)  # noqa: S311 - no secret
        self._at = datetime(2026, 11, 22, tzinfo=UTC)
        self.sent = 0

    def run(self, count: int, shift: float = 0.0) -> None:
        """Publish readings and wait until the detector has taken them in."""
        with visiting(self._plant.connection) as bus:
            for _ in range(count):
                self.sent += 1
                values: dict[str, float | None] = {"t": self._draw.gauss(60, 1) + shift, "f": self._draw.gauss(5, 0.2)}
                at = self._at + timedelta(seconds=self.sent)
                reading = Reading(device="mill", values=values, measured_at=at, seq=self.sent, clock="replay", run="r")
                waiting = bus.publish(TOPICS.readings("mill"), encode(reading))
            assert waiting.wait(30)
        wait_for(lambda: self._plant.taken() == self.sent, 60, f"{self.sent} readings are taken in")

    def opened(self) -> list[str]:
        """List the incidents in the order they were opened."""
        return [incident for _, incident, phase in self._plant.raised() if phase == "open"]


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Plant]:
    """Broker, detector and explainer."""
    with Plant(tmp_path, TOCSIN_WARM_UP="60", TOCSIN_UPDATE_EVERY_S="0") as made:
        yield made


def said(plant: Plant, *words: object, code: int = 0) -> str:
    """Run a command at the plant's broker; return what it says."""
    port = ("--port", plant.broker.port)
    environment = {"TOCSIN_DATABASE_URL": f"sqlite:///{plant.database}", "TOCSIN_BROKER_HOST": "127.0.0.1"}
    with CommandProcess(*words, *port, directory=plant.directory, **environment) as command:
        assert command.ended() == code, command.said
        return "\n".join(command.lines)


def status(plant: Plant) -> DeviceStatus:
    with visiting(plant.connection, [TOPICS.device("mill")]) as bus:
        (message,) = bus.receive(1, 20)
    return decode(message.payload, DeviceStatus)


def version(plant: Plant) -> int:
    model = status(plant).model
    return 0 if model is None else model.version


def test_a_model_is_retrained_and_rolled_back_and_stays_so(plant: Plant) -> None:
    """Each command is answered with the versions; what a person chose survives SIGKILL."""
    mill = Mill(plant)
    mill.run(NORMAL)
    before = json.loads(said(plant, "models", "mill", "--json"))["version"]
    retrained: dict[str, Any] = json.loads(said(plant, "retrain", "mill", "--json"))
    assert (retrained["version"], retrained["pinned"]) == (before + 1, False)
    assert "→" in said(plant, "rollback", "mill")
    plant.kill("detector")
    wait_for(partial(plant.ready, "detector"), 60, "the detector is ready again")
    mill.run(10)
    wait_for(lambda: version(plant) == before, 20, "the earlier version judges")
    assert "mill" in said(plant, "models")
    assert "no version 99" in said(plant, "rollback", "mill", 99, code=1)
    assert "no device 'lathe'" in said(plant, "retrain", "lathe", code=1)


def test_feedback_is_answered_by_the_detector(plant: Plant) -> None:
    """An incident is named by its first characters; one that is not known is refused in words."""
    mill = Mill(plant)
    mill.run(NORMAL)
    mill.run(5, shift=40)
    incident = mill.opened()[0]
    wait_for(lambda: incident in {row[0] for row in plant.alerts()}, 60, "the incident is in the book")
    assert "mill: it is never learned from." in said(plant, "feedback", incident[:10], "confirmed")
    assert "no such incident" in said(plant, "feedback", "0" * 32, "undo", code=1)


def test_a_false_positive_quiets_its_look_alikes_until_it_is_undone(plant: Plant) -> None:
    """The same trouble opens no incident any more, not after a kill either; `undo` brings it back."""
    mill = Mill(plant)
    mill.run(NORMAL)
    mill.run(6, shift=40)
    mill.run(400)
    (incident,) = mill.opened()
    said(plant, "feedback", incident, "false-positive", "--note", "cleaning")
    wait_for(lambda: status(plant).quieted == 1, 20, "the device says that something is quieted")
    mill.run(6, shift=40)
    mill.run(400)
    plant.kill("detector")
    wait_for(partial(plant.ready, "detector"), 60, "the detector is ready again")
    mill.run(6, shift=40)
    mill.run(400)
    assert mill.opened() == [incident]
    said(plant, "feedback", incident, "undo")
    mill.run(6, shift=40)
    assert len(mill.opened()) == 2
