"""What a model of few rows, or of less than a day, may open an incident for."""

from __future__ import annotations

import numpy as np
import pytest

from detector.device.device import DetectionConfig, DeviceDetector
from detector.verdicts.findings import Finding, opening_level
from tests.unit.detector.streams import QUICK, Values, feed, noise, opened, readings
from tests.unit.detector.test_incident_rules import shifted

ROWS = 900


def daily(seed: int) -> list[Values]:
    """Return temperature and humidity of a room: one reading a minute, a daily course far larger than the noise."""
    rng = np.random.default_rng(seed)
    course = np.sin(2.0 * np.pi * np.arange(ROWS) / 1440.0)
    noise = rng.normal(size=(2, ROWS))
    return [
        {"temperature": float(t), "humidity": float(h)}
        for t, h in zip(20.0 + 4.0 * course + 0.3 * noise[0], 50.0 - 8.0 * course + noise[1], strict=True)
    ]


@pytest.mark.parametrize("seed", range(3))
def test_the_time_of_day_opens_nothing_while_the_model_is_young(seed: int) -> None:
    """A room that warms up slowly rings no bell on its first day, though no such temperature was ever learned."""
    assert opened(feed(DeviceDetector("room", QUICK), readings(daily(seed), interval=60.0))) == []


@pytest.mark.parametrize("seed", range(3))
def test_a_shift_on_the_way_is_still_found(seed: int) -> None:
    """A leap on top of the daily course opens at once."""
    rows = daily(seed)
    for row in rows[600:630]:
        row["temperature"] = (row["temperature"] or 0.0) + 8.0
    outcomes = feed(DeviceDetector("room", QUICK), readings(rows, interval=60.0))
    assert 600 <= opened(outcomes)[0] <= 602


@pytest.mark.parametrize("seed", range(3))
def test_a_machine_that_switches_on_and_off_opens_nothing(seed: int) -> None:
    """A duty cycle that was learned rings no bell, whatever moment of the ramp a reading catches."""
    rng = np.random.default_rng(seed)
    level = 1.0
    rows: list[Values] = []
    for n in range(ROWS):
        level += (float(n % 30 < 20) - level) * float(rng.uniform(0.6, 0.95))
        rows.append({"rpm": 2940.0 * level + 2.0 * rng.normal(), "current": 18.0 * level**2 + 0.1 * rng.normal()})
    assert opened(feed(DeviceDetector("compressor", QUICK), readings(rows, interval=5.0))) == []


def test_what_lasts_within_what_was_seen_opens_nothing() -> None:
    """Evidence that many readings add up to counts only where the metric at fault is out of what the model has seen."""
    device = DeviceDetector("press", QUICK)
    feed(device, readings(noise(300)))
    lasting = Finding(1e-9, opens=True, keeps=True, lasting=True)
    assert device._scorer is not None
    assert device._examination._doubted(lasting, device._stream, device._scorer)
    feed(device, readings(noise(300) + shifted((10, "m1"), rows=11))[300:])
    assert not device._examination._doubted(lasting, device._stream, device._scorer)


def test_a_slow_device_may_open_at_the_level_of_an_alarm() -> None:
    """A reading every five minutes and one false incident a day: what is an alarm may ring."""
    assert opening_level(DetectionConfig(), 288.0) == pytest.approx(1.0 / (5 * 288))
    assert opening_level(DetectionConfig(false_incidents_per_day=100.0), 288.0) == DetectionConfig().alarm_level
