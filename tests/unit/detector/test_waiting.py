"""A recording waits for its model, and nobody waits for the recording."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from contracts.codec import decode, encode
from contracts.reading import Reading
from detector.messages import scoring
from detector.refits import refits
from tests.unit.detector.rig import TOPICS, InlineFits, Rig, readings

if TYPE_CHECKING:
    from pathlib import Path

    from detector.models.fit import FitJob

FAULTS = (70, 71, 72, 73)


class SlowFits(InlineFits):
    """Fits when a test says so; until then all is on its way."""

    def __init__(self) -> None:
        super().__init__()
        self._asked: list[tuple[str, FitJob]] = []

    def submit(self, device: str, job: FitJob) -> None:
        """Note what is wanted."""
        self._asked.append((device, job))

    def work(self) -> None:
        """Fit what was asked for."""
        asked, self._asked = self._asked, []
        for device, job in asked:
            super().submit(device, job)


def made(directory: Path) -> Rig:
    rig = Rig(directory, fits=SlowFits)
    rig.start()
    return rig


def work(rig: Rig) -> None:
    fits = rig.service._fits
    assert isinstance(fits, SlowFits)
    fits.work()


def finish(rig: Rig) -> None:
    """Turn and fit until nothing waits."""
    for _ in range(100):
        rig.drain()
        work(rig)
        rig.turn()
        if not rig.service._fleet.held:
            return
    raise AssertionError("readings wait for ever")


def feed(rig: Rig, first: int, until: int, device: str = "press") -> None:
    for payload in readings(100, FAULTS, device)[first:until]:
        rig.broker.publish(TOPICS.readings(device), payload)


def feed_live(rig: Rig, count: int) -> None:
    for payload in readings(count, (), "pump"):
        live = msgspec.structs.replace(decode(payload, Reading), clock="device", run=None)
        rig.broker.publish(TOPICS.readings("pump"), encode(live))


def undisturbed(directory: Path) -> list[str]:
    """Return the ledger of a detector whose fits take no time."""
    rig = Rig(directory)
    rig.start()
    feed(rig, 0, 100)
    rig.drain()
    raised = rig.raised()
    rig.service.stop()
    return raised


def test_live_devices_go_on_while_a_recording_waits(tmp_path: Path) -> None:
    """The recording stands still at its first fit, is acknowledged all the same, and goes on with the model."""
    rig = made(tmp_path)
    feed(rig, 0, 100)
    feed_live(rig, 30)
    rig.drain()
    fleet = rig.service._fleet
    assert fleet["press"].readings == 40
    assert fleet.held == 60
    assert fleet["pump"].readings == 30
    assert not rig.broker.sessions["detector"].unacked
    assert rig.service._positions == {"r": 40, "live": 30}
    finish(rig)
    assert fleet["press"].readings == 100
    assert fleet["press"].version > 0
    assert rig.service._positions["r"] == 100
    rig.service.stop()


def test_what_waited_is_judged_as_if_it_had_not(tmp_path: Path) -> None:
    """The same anomalies are raised as with fits that take no time."""
    rig = made(tmp_path / "slow")
    feed(rig, 0, 100)
    finish(rig)
    assert rig.raised() == undisturbed(tmp_path / "quick") != []
    rig.service.stop()


@pytest.mark.parametrize("fed", [40, 41, 75])
def test_a_kill_while_readings_wait_changes_nothing(tmp_path: Path, fed: int) -> None:
    """They were acknowledged, so they are kept, and wait again for the fit that is begun anew."""
    rig = made(tmp_path / "killed")
    feed(rig, 0, fed)
    rig.drain()
    assert rig.service._fleet.held == fed - 40
    rig.kill()
    rig.start()
    assert rig.service._fleet.held == fed - 40
    feed(rig, 0, 100)  # a sender that begins anew: what was taken in is known
    finish(rig)
    assert rig.service._state.progress()["r"] == 100
    assert rig.raised() == undisturbed(tmp_path / "quick")
    rig.service.stop()


def test_a_recording_does_not_wait_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After half a minute it goes on without its model."""
    monkeypatch.setattr(refits, "_WAIT_S", 0.0)
    rig = made(tmp_path)
    feed(rig, 0, 100)
    rig.drain()
    rig.turn()
    assert rig.service._fleet["press"].readings == 100
    assert rig.service._fleet["press"].version == 0
    rig.service.stop()


def test_only_so_many_readings_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When more come than may be held, the recording goes on without its model."""
    monkeypatch.setattr(scoring, "_MOST_HELD", 20)
    rig = made(tmp_path)
    feed(rig, 0, 100)
    rig.drain()
    rig.turn(3)
    fleet = rig.service._fleet
    assert fleet["press"].readings >= 80
    assert fleet.held <= 20
    rig.service.stop()
