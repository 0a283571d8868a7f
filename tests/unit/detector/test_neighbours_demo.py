"""The stream of a well-known demo: four metrics of noise, and gross values in all of them now and then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from detector.device.device import DetectionConfig, DeviceDetector
from tests.unit.detector.streams import feed, readings

if TYPE_CHECKING:
    from tests.unit.detector.streams import Values

ROWS, EVERY, WARM_UP, SEEDS = 200, 50, 50, 50
NORMAL = {"temperature": (72, 2), "humidity": (45, 3), "pressure": (1013, 5), "motor_rpm": (3000, 50)}
GROSS = {"temperature": (95, 110), "humidity": (75, 95), "pressure": (950, 980), "motor_rpm": (4000, 5000)}


def demo(seed: int, first: int) -> tuple[list[Values], set[int]]:
    """Draw the demo's readings, and say which are gross: every fiftieth from `first` on."""
    rng = np.random.default_rng(seed)
    injected = set(range(first, ROWS, EVERY))
    rows: list[Values] = []
    for n in range(ROWS):
        draw = rng.uniform if n in injected else rng.normal
        ranges = GROSS if n in injected else NORMAL
        rows.append({name: float(draw(*pair)) for name, pair in ranges.items()})
    return rows, injected


@pytest.mark.parametrize("first", [WARM_UP, 2 * WARM_UP - 1])
def test_every_gross_reading_rings_and_hardly_any_other(first: int) -> None:
    """Over fifty seeds every injected reading is an alarm, and at most one in fifty of the others."""
    config = DetectionConfig(warm_up=WARM_UP, trees=10)
    missed, false, others = [], 0, 0
    for seed in range(SEEDS):
        rows, injected = demo(seed, first)
        outcomes = feed(DeviceDetector("demo", config), readings(rows, interval=0.1))
        alarms = {n for n, outcome in enumerate(outcomes) if outcome.alarm}
        missed += [(seed, n) for n in injected - alarms]
        false += len(alarms - injected)
        others += ROWS - len(injected)
    assert missed == []
    assert false <= 0.02 * others
