"""What goes slowly, and far: found by what was ever seen, where a scale that grows with time finds nothing."""

from __future__ import annotations

import numpy as np
import pytest

from detector.device.device import DetectionConfig, DeviceDetector
from tests.unit.detector.streams import Values, feed, opened, readings

MINUTES = 5
A_DAY = 24 * 60 // MINUTES
DAYS = 9


def room(seed: int, *, season: float = 0.0, heating_fails: bool = False) -> list[Values]:
    """A room that is warm by day and cooler by night; its heating fails for a day, or winter comes, so much a day."""
    rng = np.random.default_rng(seed)
    n = np.arange(DAYS * A_DAY)
    swing = 1.5 * np.sin(2.0 * np.pi * n / A_DAY) + rng.normal(0.0, 0.5, DAYS).repeat(A_DAY)
    temperature = 19.5 + swing - season * n / A_DAY + rng.normal(0.0, 0.1, len(n))
    if heating_fails:
        temperature[7 * A_DAY :] -= np.linspace(0.0, 12.0, len(n) - 7 * A_DAY)
    humidity = 45.0 - 2.0 * (temperature - 19.5) + rng.normal(0.0, 0.5, len(n))
    return [{"temperature": float(t), "humidity": float(h)} for t, h in zip(temperature, humidity, strict=True)]


@pytest.mark.parametrize("seed", range(3))
def test_a_room_that_cools_down_slowly_is_found(seed: int) -> None:
    """Twelve degrees in two days, by a seventieth of a degree a reading."""
    stream = readings(room(seed, heating_fails=True), interval=60.0 * MINUTES)
    outcomes = feed(DeviceDetector("room", DetectionConfig()), stream)
    found = [at for at in opened(outcomes) if at >= 7 * A_DAY]
    assert found
    anomaly = outcomes[found[0]].anomaly
    assert anomaly is not None
    assert anomaly.contributions[0].metric == "temperature"


@pytest.mark.parametrize("seed", range(3))
def test_a_season_is_no_incident(seed: int) -> None:
    """A third of a degree a day for nine days goes as far as the room spans, and does not ring after the third day."""
    stream = readings(room(seed, season=0.33), interval=60.0 * MINUTES)
    assert [at for at in opened(feed(DeviceDetector("room", DetectionConfig()), stream)) if at > 3 * A_DAY] == []
