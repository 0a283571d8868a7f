"""What a model of few rows, or of less than a day, may open an incident for."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from detector.device.device import DetectionConfig, DeviceDetector
from detector.models.judgement import Judgement
from detector.verdicts.doubts import doubted
from detector.verdicts.examined import Examined
from detector.verdicts.findings import Finding, opening_level
from detector.verdicts.seen import swings
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


@pytest.mark.parametrize("seed", range(3))
def test_a_machine_that_was_off_once_may_be_off_again(seed: int) -> None:
    """A model that has seen one stop knows no off state yet; how odd the next one is, it learns from its first rows."""
    rng = np.random.default_rng(seed)
    level = np.ones(420)
    for n in range(1, len(level)):
        level[n] = level[n - 1] + (float(n % 150 < 120) - level[n - 1]) * 0.7
    table = np.stack([2940.0 * level, 2.1 * level, 18.0 * level], axis=1) + rng.normal(size=(420, 3)) * (2.0, 0.1, 0.3)
    rows: list[Values] = [dict(zip(("rpm", "vibration", "current"), row, strict=True)) for row in table.tolist()]
    config = DetectionConfig(warm_up=250, trees=20, samples=64)
    assert opened(feed(DeviceDetector("compressor", config), readings(rows, interval=5.0))) == []


def test_what_lasts_within_what_was_seen_opens_nothing() -> None:
    """Evidence that many readings add up to counts only where the metric at fault is out of what the model has seen."""
    device = DeviceDetector("press", QUICK)
    feed(device, readings(noise(300)))
    lasting = Finding(1e-9, opens=True, keeps=True, lasting=True)
    assert device._scorer is not None
    examination = device._examination
    assert doubted(lasting, device._stream, device._scorer, examination._seen, examination._trail)
    feed(device, readings(noise(300) + shifted((10, "m1"), rows=11))[300:])
    assert not doubted(lasting, device._stream, device._scorer, examination._seen, examination._trail)


def loaded(load: np.ndarray, seed: int = 0) -> list[Values]:
    """Return pressure, flow and current of a pump under a load (rows,)."""
    noise = np.random.default_rng(seed).normal(size=(3, len(load)))
    pressure, flow, current = 4.0 + 0.1 * load, 120.0 + 3.0 * load, 12.0 + 0.5 * load
    table = np.stack([pressure + 0.01 * noise[0], flow + 0.3 * noise[1], current + 0.05 * noise[2]], axis=1)
    return [dict(zip(("pressure", "flow", "current"), row, strict=True)) for row in table.tolist()]


def exceeds(rows: int, period: float, newest: list[Values]) -> bool:
    """Tell whether newest rows are beyond what a model of so many has seen, its load coming and going in a period."""
    device = DeviceDetector("pump", DetectionConfig(warm_up=rows, trees=20, samples=64))
    feed(device, readings(loaded(np.sin(2.0 * np.pi * np.arange(rows) / period)) + newest))
    assert device._scorer is not None
    return device._examination._seen.exceeded(device._stream, device._scorer, "current")


def test_a_load_a_little_higher_than_the_few_that_were_seen_is_no_news() -> None:
    """It is, once enough loads have come and gone; and it is at once where the other metrics do not go along."""
    higher = loaded(np.full(12, 1.6))
    assert not exceeds(400, 200.0, higher)
    assert exceeds(4000, 40.0, higher)
    alone = loaded(np.full(12, 1.0))
    for row in alone:
        row["current"] = (row["current"] or 0.0) + 0.3
    assert exceeds(400, 200.0, alone)


def test_swings_are_counted_from_quarter_to_quarter() -> None:
    """Ten periods go up and down ten times each; noise does not swing more often, gaps do not count."""
    course = np.sin(2.0 * np.pi * np.arange(1000) / 100.0)
    assert swings(course) in {19, 20}
    noisy = course + 0.2 * np.random.default_rng(0).normal(size=1000)
    noisy[::7] = np.nan
    assert swings(noisy) in {19, 20}
    assert swings(course[:5]) == 0


def test_a_model_that_has_to_see_more_learns_what_it_doubts() -> None:
    """Else one that began in the morning would know the morning alone for ever."""
    device = DeviceDetector("press", QUICK)
    feed(device, readings(noise(300)))
    scorer, stream, learned = device._scorer, device._stream, device._learning.learned
    assert scorer is not None
    odd = Judgement(1.0, 1.0, 1.0, 1e-9, True, 0.0, 1.0, (1.0, 1.0, 1.0), 0.0)  # noqa: FBT003 - as it is defined
    values = stream.features.features[0]
    examined = Examined(np.arange(4), values, Finding(1e-9, opens=False, keeps=True, lasting=True), odd, resting=False)
    device._learning.take(examined, device._casebook, stream, scorer, was_open=False)
    assert device._learning.learned == learned
    doubtful = msgspec.structs.replace(examined, doubted=True)
    device._learning.take(doubtful, device._casebook, stream, scorer, was_open=False)
    assert device._learning.learned == learned + 1


def test_a_slow_device_may_open_at_the_level_of_an_alarm() -> None:
    """A reading every five minutes and one false incident a day: what is an alarm may ring."""
    assert opening_level(DetectionConfig(), 288.0) == pytest.approx(1.0 / (5 * 288))
    assert opening_level(DetectionConfig(false_incidents_per_day=100.0), 288.0) == DetectionConfig().alarm_level
