"""A machine that is off now and then: its off state is learned, and small faults of the running machine show."""

from __future__ import annotations

import numpy as np
import pytest

from detector.device.device import DetectionConfig, DeviceDetector
from detector.models.off_state import off_state_of
from detector.rows.features import WINDOW
from tests.unit.detector.streams import Values, feed, opened, readings

ON, OFF = 60, 30
CONFIG = DetectionConfig(trees=20, samples=64)


def press(rows: int, seed: int = 0, *, off: float = 0.02) -> np.ndarray:
    """Return speed, current and temperature (rows, 3) of a machine that runs for sixty rows and rests for thirty."""
    rng = np.random.default_rng(seed)
    load = np.sin(np.arange(rows) / 17.0)
    level = np.ones(rows)
    for row in range(1, rows):
        target = 1.0 if row % (ON + OFF) < ON else off
        level[row] = target + (level[row - 1] - target) * 0.5
    speed = (1200.0 + 8.0 * load) * level + rng.normal(0.0, 2.0, rows)
    current = (6.0 + 0.2 * load) * level + rng.normal(0.0, 0.03, rows)
    return np.stack([speed, current, 40.0 + rng.normal(0.0, 0.2, rows)], axis=1)


def table(values: np.ndarray) -> list[Values]:
    """Name the columns."""
    return [dict(zip(("speed", "current", "temperature"), row, strict=True)) for row in values.tolist()]


def test_the_off_state_is_seen_in_the_reference() -> None:
    """The metrics that fall tell it; rows of it, and those around a switch, are none of the running machine."""
    values = press(900)
    positions = np.arange(900)
    state = off_state_of(values, positions)
    assert state is not None
    assert state.columns.tolist() == [0, 1]
    around = state.around(values, positions)
    in_cycle = positions % (ON + OFF)
    assert around[in_cycle >= ON + 2].all()
    assert not around[(in_cycle > 25) & (in_cycle < ON - 1)].any()


def test_a_few_low_values_of_the_reference_do_not_tell_how_low_a_running_machine_gets() -> None:
    """The first row of a switch, a little below what is usual, is told though the reference holds some low rows."""
    values = press(900)
    values[30:900:90, 0] = 1100.0  # in the middle of ten runs
    state = off_state_of(values, np.arange(900))
    assert state is not None
    assert 1150.0 < state.lowest[0] < 1195.0


def test_a_machine_that_always_runs_has_no_off_state() -> None:
    """Neither one that was switched off once: that may have been a trouble."""
    steady = press(900, off=1.0)
    assert off_state_of(steady, np.arange(900)) is None
    once = steady.copy()
    once[400:440, :2] *= 0.01
    assert off_state_of(once, np.arange(900)) is None


def test_switching_is_silent_and_a_small_fault_of_the_running_machine_rings() -> None:
    """A current a quarter too high is far less than the steps of every switch, and rings at once."""
    values = press(3000)
    values[2730:2750, 1] *= 1.25
    found = opened(feed(DeviceDetector("press", CONFIG), readings(table(values))))
    assert found
    assert 2730 <= found[0] <= 2732


def test_a_fault_that_looks_like_a_switch_rings_when_it_lasts() -> None:
    """A speed that falls without the machine going off is judged after as many rows as a switch takes."""
    values = press(3000)
    values[2740:2755, 0] *= 0.8
    found = opened(feed(DeviceDetector("press", CONFIG), readings(table(values))))
    assert found
    assert 2740 < found[0] <= 2752


def test_a_restored_detector_knows_where_it_was_in_a_switch() -> None:
    """Saved and restored in a switch, it says the same as one that went on."""
    stream = readings(table(press(2860)))
    device = DeviceDetector("press", CONFIG)
    feed(device, stream[:2832])
    assert device._scorer is not None
    again = DeviceDetector.restore("press", CONFIG, device.snapshot(), device._scorer.model)
    assert [o.score for o in feed(again, stream[2832:])] == [o.score for o in feed(device, stream[2832:])]


def compressor(rows: int) -> np.ndarray:
    """Return speed, current and temperature (rows, 3): more load, less speed and more current; off now and then."""
    rng = np.random.default_rng(5)
    load = np.sin(np.arange(rows) / 17.0)
    running = (np.arange(rows) % (ON + OFF) < ON).astype(float)
    speed = (2800.0 - 60.0 * load) * running + rng.normal(0.0, 3.0, rows)
    current = (18.0 + 3.0 * load) * running + rng.normal(0.0, 0.1, rows)
    return np.stack([speed, current, 40.0 + rng.normal(0.0, 0.2, rows)], axis=1)


def test_the_first_row_of_a_switch_rings_nothing_though_its_values_are_usual() -> None:
    """Read while the machine is switched off, speed and current are lower together than any load lets them be."""
    values = compressor(3000)
    last = next(int(row) for row in np.arange(ON - 1, 3000, ON + OFF) if row > 2000 and abs(np.sin(row / 17.0)) < 0.3)
    values[last, :2] -= 40.0, 2.0
    assert opened(feed(DeviceDetector("compressor", CONFIG), readings(table(values)))) == []


def test_the_first_metric_to_fall_may_be_alone() -> None:
    """A reading that a switch has only just reached shows it in one metric, beside the noise of the others."""
    values = compressor(900)
    device = DeviceDetector("compressor", CONFIG)
    feed(device, readings(table(values)))
    rows = values[830 : 830 + WINDOW].copy()
    rows[-1, :2] = rows[-2, 0] - 40.0, rows[-2, 1] + 0.05
    assert device._examination._idling.may_begin(rows, incoherent=True)
    assert not device._examination._idling.may_begin(rows, incoherent=False)
    rows[-1, 1] += 3.0  # and the other one rises: no switch does that
    assert not device._examination._idling.may_begin(rows, incoherent=True)


@pytest.mark.parametrize("after", range(1, 14, 3))
def test_an_off_state_that_is_learned_a_moment_after_it_rings_nothing(after: int) -> None:
    """The rolling features still hold it when the model that knows it comes."""
    adopted = 4 * (ON + OFF) + after  # so many rows after a start
    config = DetectionConfig(trees=20, samples=64, warm_up=adopted)
    assert opened(feed(DeviceDetector("press", config), readings(table(press(adopted + ON))))) == []


def test_metrics_that_fall_together_and_stay_low_ring_at_the_next_reading() -> None:
    """What may be the beginning of a switch is told as soon as it turns out to be none."""
    values = compressor(3000)
    first = next(int(row) for row in np.arange(30, 3000, ON + OFF) if row > 2000 and abs(np.sin(row / 17.0)) < 0.3)
    values[first : first + 10, :2] -= 40.0, 2.0
    found = opened(feed(DeviceDetector("compressor", CONFIG), readings(table(values))))
    assert found == [first + 1]
