"""A way of running that the first readings did not show: told once, then learned, unless people confirm a trouble."""

from __future__ import annotations

from dataclasses import replace

import pytest

from detector.device.device import DeviceDetector, run_fit
from tests.unit.detector.streams import QUICK, Values, feed, noise, opened, readings

CONFIG = replace(QUICK, warm_up=200)
IDLE, BUSY = 400, 4000  # readings, ten seconds apart
INTERVAL = 10.0
LEAP = 2000  # readings after work has begun


def shift(*, leap: float = 0.0) -> list[Values]:
    """Four metrics of an idle machine; then it works: two of them are far higher and livelier, for ever."""
    rows = noise(IDLE + BUSY, seed=2)
    work = noise(BUSY, seed=3)
    for row, more in zip(rows[IDLE:], work, strict=True):
        row["m0"] = (row["m0"] or 0.0) + 80.0 + 4.0 * ((more["m0"] or 0.0) - 50.0)
        row["m1"] = (row["m1"] or 0.0) + 60.0 + 3.0 * ((more["m1"] or 0.0) - 100.0)
    for row in rows[IDLE + LEAP : IDLE + LEAP + 30]:
        row["m1"] = (row["m1"] or 0.0) + leap
    return rows


def told(device: DeviceDetector, rows: list[Values], confirm: int | None = None) -> list[int]:
    """Return the readings at which an incident opened; the one that is open at `confirm` is confirmed there."""
    stream = readings(rows, INTERVAL)
    cut = len(stream) if confirm is None else confirm
    openings = opened(feed(device, stream[:cut]))
    if confirm is not None:
        assert device.incident is not None
        device.feedback(device.incident, "confirmed")
    return openings + [cut + at for at in opened(feed(device, stream[cut:]))]


def test_work_after_an_idle_start_is_told_once() -> None:
    """The machine was idle while the first model was fitted: work rings, is learned, and the incident ends."""
    device = DeviceDetector("press", CONFIG)
    assert told(device, shift()) == [IDLE]
    assert (device.state, device.incident) == ("ready", None)


def test_a_fault_of_the_working_machine_is_found_then() -> None:
    """What was learned is no excuse for what is far outside of it, nor is a device blind meanwhile."""
    assert told(DeviceDetector("press", CONFIG), shift(leap=80.0)) == [IDLE, IDLE + LEAP]


def test_a_confirmed_trouble_is_never_learned() -> None:
    """Once people have said that it is one, it stays open for as long as it lasts."""
    device = DeviceDetector("press", CONFIG)
    assert told(device, shift(), confirm=IDLE + 50) == [IDLE]
    assert device.incident is not None


def test_a_training_part_stays_what_it_is() -> None:
    """Who gives a training part has said what is normal: nothing else becomes so by lasting."""
    device, rows = DeviceDetector("press", CONFIG), shift()
    stream = readings(rows, INTERVAL)
    for reading in stream[: IDLE - 100]:
        device.study(reading, reading.measured_at)
    device.adopt(run_fit(device.job_now()))
    feed(device, stream[IDLE - 100 :])
    assert device.incident is not None


@pytest.mark.parametrize("cut", [IDLE + 120, IDLE + 400])
def test_a_restart_changes_nothing(cut: int) -> None:
    """A detector saved and restored within the incident learns it as soon, and ends it as soon."""
    stream = readings(shift(), INTERVAL)
    one, other = DeviceDetector("press", CONFIG), DeviceDetector("press", CONFIG)
    first = feed(one, stream)
    before = feed(other, stream[:cut])
    scorer = other._scorer
    other = DeviceDetector.restore("press", CONFIG, other.snapshot(), None if scorer is None else scorer.model)
    assert [o.anomaly for o in before + feed(other, stream[cut:])] == [o.anomaly for o in first]
