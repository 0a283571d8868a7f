"""Disagreement of metrics while the reference grows, and what is found while a machine is off."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from detector.device.device import DeviceDetector
from tests.unit.detector.streams import QUICK, Values, feed, opened, readings

CONFIG = replace(QUICK, warm_up=200)
FAULT, END = 4600, 4750


def _course(rng: np.random.Generator, rows: int, keeps: float = 0.9875) -> np.ndarray:
    """Return a load that wanders and comes back, of deviation 1."""
    steps = rng.normal(size=rows) * np.sqrt(1.0 - keeps**2)
    course = np.empty(rows)
    value = 0.0
    for n, step in enumerate(steps):
        course[n] = value = keeps * value + step
    return course


def _plant(seed: int, *, broken: bool) -> list[Values]:
    """Return rows of three metrics that follow one load; the third moves on slowly, as with the time of day."""
    rng = np.random.default_rng(seed)
    load, own = _course(rng, END + 100), _course(rng, END + 100)
    followed = load.copy()
    if broken:
        followed[FAULT:END] = own[FAULT:END]
    slow = 0.0002 * np.arange(len(load))
    noise = 0.1 * rng.normal(size=(len(load), 3))
    table = np.column_stack([10.0 + load, 20.0 + load, 30.0 - followed + slow]) + noise
    return [{"flow": float(a), "current": float(b), "temperature": float(c)} for a, b, c in table]


@pytest.mark.parametrize("seed", [1, 2])
def test_metric_that_leaves_the_others_is_found_though_it_wanders_slowly(seed: int) -> None:
    """A slow course of one metric is no trouble, and does not hide that it leaves the others."""
    assert opened(feed(DeviceDetector("pump", CONFIG), readings(_plant(seed, broken=False)))) == []
    found = feed(DeviceDetector("pump", CONFIG), readings(_plant(seed, broken=True)))
    assert FAULT <= opened(found)[0] < END
    said = [o.anomaly for o in found if o.anomaly is not None]
    assert said[-1].kind == "correlation"
    assert said[-1].contributions[0].metric == "temperature"


def _batches(rows: int, seed: int) -> list[Values]:
    """Return rows of a conveyor that stops for twenty of every eighty rows; its bearing stays warm."""
    rng = np.random.default_rng(seed)
    on = np.arange(rows) % 80 < 60
    table = np.column_stack([np.where(on, 1.2, 0.0), np.where(on, 6.4, 0.2), np.full(rows, 41.0)])
    table += rng.normal(size=(rows, 3)) * [0.004, 0.05, 0.1]
    return [{"speed": float(a), "current": float(b), "temperature": float(c)} for a, b, c in table]


@pytest.mark.parametrize("at", [65, 79, 82])
def test_gross_value_is_found_while_the_machine_is_off(at: int) -> None:
    """A value far outside of all that was seen rings whatever the machine does."""
    rows = _batches(2000, seed=4)
    row = 1600 + at
    rows[row]["temperature"] = 45.0
    outcomes = feed(DeviceDetector("conveyor", CONFIG), readings(rows))
    assert row in opened(outcomes)
    assert [n for n in opened(outcomes) if n >= 1000] == [row]


@pytest.mark.parametrize("absent", [True, False])
def test_metric_that_is_missing_in_readings_that_come_is_told_soon(absent: bool) -> None:  # noqa: FBT001 - two ways
    """Of a device that sends ten readings a second, a metric that is missing in them has dropped out after a dozen."""
    rows = _batches(900, seed=5)
    for row in rows[600:660]:
        if absent:
            del row["temperature"]
        else:
            row["temperature"] = None
    outcomes = feed(DeviceDetector("conveyor", CONFIG), readings(rows, interval=0.1))
    first = next(n for n in opened(outcomes) if n >= 600)
    assert first < 615
    anomaly = outcomes[first].anomaly
    assert anomaly is not None
    assert anomaly.kind == "dropout"


@pytest.mark.parametrize("seed", [1, 2])
def test_of_two_metrics_the_one_that_goes_away_is_named(seed: int) -> None:
    """Two metrics disagree alike whichever of them drifts; the drifting one is named, and its drift."""
    rows: list[Values] = [{"flow": row["flow"], "current": row["current"]} for row in _plant(seed, broken=False)]
    for row, offset in zip(rows[FAULT:END], np.linspace(0.0, 9.0, END - FAULT).tolist(), strict=True):
        row["current"] = (row["current"] or 0.0) - offset
    said = [o.anomaly for o in feed(DeviceDetector("pump", CONFIG), readings(rows))[FAULT:] if o.anomaly is not None]
    assert said[-1].kind == "drift"
    assert said[-1].contributions[0].metric == "current"


@pytest.mark.parametrize(("interval", "follows"), [(1.0, True), (30.0, False)])
def test_slow_level_is_followed_only_where_that_is_quick_beside_a_day(interval: float, follows: bool) -> None:  # noqa: FBT001 - two cases
    """A device read every half minute has its seasons learned, not followed: a level would lag behind them."""
    device = DeviceDetector("pump", CONFIG)
    feed(device, readings(_plant(1, broken=False)[:1300], interval=interval))
    assert device.job_now().follows is follows
