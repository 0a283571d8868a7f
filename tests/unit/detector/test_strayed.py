"""What goes slowly, and far: found by what was ever seen, where a scale that grows with time finds nothing."""

from __future__ import annotations

import numpy as np
import pytest

from detector.device.device import DetectionConfig, DeviceDetector
from tests.unit.detector.streams import Values, feed, opened, readings

MINUTES = 5
A_DAY = 24 * 60 // MINUTES
A_SPARSE_DAY = 120  # readings
GLITCH_AT = 2500


def room(
    seed: int, *, season: float = 0.0, heating_fails: bool = False, a_day: int = A_DAY, fails_on: int = 7
) -> list[Values]:
    """A room that is warm by day and cooler by night; its heating fails for two days, or winter comes day by day."""
    rng = np.random.default_rng(seed)
    n = np.arange((fails_on + 2) * a_day)
    swing = 1.5 * np.sin(2.0 * np.pi * n / a_day) + rng.normal(0.0, 0.5, fails_on + 2).repeat(a_day)
    temperature = 19.5 + swing - season * n / a_day + rng.normal(0.0, 0.1, len(n))
    if heating_fails:
        temperature[fails_on * a_day :] -= np.linspace(0.0, 12.0, len(n) - fails_on * a_day)
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


@pytest.mark.parametrize("seed", range(3))
def test_a_room_of_few_readings_a_day_that_cools_down_is_found(seed: int) -> None:
    """A sensor that reports some hundred times a day has seen days long before it has seen a thousand readings."""
    rows = room(seed, heating_fails=True, a_day=A_SPARSE_DAY, fails_on=5)
    outcomes = feed(DeviceDetector("room", DetectionConfig()), readings(rows, interval=86_400.0 / A_SPARSE_DAY))
    failed_at = 5 * A_SPARSE_DAY
    assert failed_at <= opened(outcomes)[0] < failed_at + 1.5 * A_SPARSE_DAY


@pytest.mark.parametrize("seed", range(3))
def test_a_season_is_no_incident_to_a_sensor_of_few_readings_a_day(seed: int) -> None:
    """A third of a degree a day rings no bell there, either."""
    rows = room(seed, season=0.33, a_day=A_SPARSE_DAY, fails_on=10)
    stream = readings(rows, interval=86_400.0 / A_SPARSE_DAY)
    assert opened(feed(DeviceDetector("room", DetectionConfig()), stream)) == []


def test_a_battery_that_loses_its_first_percent_is_no_incident() -> None:
    """What never moved while it was learned spans nothing, so nothing is far outside of that."""
    rows = room(0, a_day=A_SPARSE_DAY, fails_on=6)
    for n, row in enumerate(rows):
        row["battery"] = 84.0 if n < 5 * A_SPARSE_DAY or n % 7 < 3 else 83.0
    stream = readings(rows, interval=86_400.0 / A_SPARSE_DAY)
    assert opened(feed(DeviceDetector("room", DetectionConfig()), stream)) == []


def mill(seed: int, glitch: float) -> list[Values]:
    """A machine that cuts now and then, with loads far from what it mostly shows; one temperature is absurd."""
    rng = np.random.default_rng(seed)
    n = np.arange(GLITCH_AT + 200)
    cuts = (n % 60 < 2) * rng.choice([0.1, 0.3, 1.0], len(n) // 60 + 1).repeat(60)[: len(n)]
    speed = 9000.0 * cuts
    load = 80.0 * cuts**2 + rng.normal(0.0, 0.1, len(n))
    temperature = 26.0 + 2.0 * np.sin(2.0 * np.pi * n / 400.0) + rng.normal(0.0, 0.1, len(n))
    temperature[GLITCH_AT] = glitch
    columns = zip(speed, load, temperature, strict=True)
    return [{"speed": float(s), "load": float(x), "temperature": float(t)} for s, x, t in columns]


@pytest.mark.parametrize("glitch", [15.0, 37.0])
@pytest.mark.parametrize("seed", range(3))
def test_one_absurd_value_of_a_machine_that_cuts_is_found(seed: int, glitch: float) -> None:
    """Whenever it cuts, scores are as high as that value has; what the value is far from, no cut is far from."""
    outcomes = feed(DeviceDetector("mill", DetectionConfig()), readings(mill(seed, glitch), interval=2.0))
    assert GLITCH_AT in opened(outcomes)
    anomaly = outcomes[GLITCH_AT].anomaly
    assert anomaly is not None
    assert anomaly.contributions[0].metric == "temperature"
