"""A value that is missing in one reading, or in some: the others are not accused of having left it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from detector.device.device import DeviceDetector
from tests.unit.detector.streams import QUICK, feed, opened, readings

ROWS = 1500
LOADED = 40  # rows under load, then as many without


def together(seed: int) -> list[dict[str, float | None]]:
    """A machine under load half of the time: current follows power closely, voltage is about constant."""
    rng = np.random.default_rng(seed)
    load = np.where(np.arange(ROWS) // LOADED % 2 == 1, 200.0, 60.0) + rng.normal(0.0, 5.0, ROWS)
    table = zip(load, load / 230.0 + rng.normal(0.0, 0.005, ROWS), 230.0 + rng.normal(0.0, 1.0, ROWS), strict=True)
    return [{"power": float(p), "current": float(c), "voltage": float(v)} for p, c, v in table]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("metric", ["power", "current", "voltage"])
def test_a_hole_of_one_reading_is_no_alarm(seed: int, metric: str) -> None:
    """Sixteen single empty cells under load: no incident, and no more alarms than without them."""
    rows = together(seed)
    holes = [n for n in range(600, ROWS) if n % LOADED == 20 and n // LOADED % 2 == 1]
    for n in holes:
        rows[n][metric] = None
    outcomes = feed(DeviceDetector("press", replace(QUICK, warm_up=200)), readings(rows))
    whole = feed(DeviceDetector("press", replace(QUICK, warm_up=200)), readings(together(seed)))
    assert [at for at in opened(outcomes) if at not in opened(whole)] == []
    near = [n + k for n in holes for k in range(2)]
    assert sum(outcomes[n].alarm and not whole[n].alarm for n in near) <= 1
