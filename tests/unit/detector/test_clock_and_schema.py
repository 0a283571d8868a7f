"""A clock that is wrong, metrics that change, values that do not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from detector.device.device import DeviceDetector, FitJob, run_fit
from detector.models.scorer import Scorer
from detector.rows.stream import Stream
from detector.verdicts.stuckness import Stuckness
from tests.unit.detector.streams import QUICK, feed, named, noise, opened, readings

if TYPE_CHECKING:
    from contracts.anomaly import Kind
    from contracts.reading import Reading
    from detector.device.device import Outcome
    from tests.unit.detector.streams import Values

ROWS, FROM = 300, 150


def judged(stream: list[Reading], off: float, *, until: int = ROWS, arrivals: float = 1.0) -> list[Outcome]:
    """Judge live readings; from one on the device's clock is off by so many seconds, and they arrive so far apart."""
    device, outcomes = DeviceDetector("press", QUICK), []
    for n, reading in enumerate(stream):
        wrong = FROM <= n < until
        moved = reading.measured_at + timedelta(seconds=off if wrong else 0.0)
        late = arrivals * (n - FROM) - (n - FROM) if wrong else 0.0
        sent = msgspec.structs.replace(reading, measured_at=moved)
        outcomes.append(device.process(sent, named(reading), reading.measured_at + timedelta(seconds=late)))
        job = device.fit_job
        if job is not None:
            device.adopt(run_fit(job))
    return outcomes


def live(rows: int = ROWS) -> list[Reading]:
    """Return healthy live readings, one a second."""
    return readings(noise(rows, seed=2), clock="device", run=None)


def kinds(outcomes: list[Outcome]) -> list[Kind]:
    """Return the kinds of the incidents that opened."""
    return [outcomes[n].anomaly.kind for n in opened(outcomes)]  # type: ignore[union-attr] # it opened


@pytest.mark.parametrize("off", [90.0, 3600.0, 3.2e8])
def test_a_clock_in_the_future_is_told_once(off: float) -> None:
    """Readings from the future open one incident at once, which closes although the clock stays wrong."""
    outcomes = judged(live(), off)
    assert (opened(outcomes), kinds(outcomes)) == ([FROM], ["clock"])
    assert not any(outcome.late or outcome.alarm for outcome in outcomes[FROM + 10 :])


def test_a_backlog_from_the_first_reading_on_is_no_wrong_clock() -> None:
    """Old readings that come one after another, faster than they were measured, are judged by their own times."""
    device, stream = DeviceDetector("press", QUICK), live()
    arrives = stream[-1].measured_at + timedelta(hours=1)
    for n, reading in enumerate(stream):
        gap = 0.2 if n % 40 > 30 else 0.01  # s: now quick, now slow, as a busy broker delivers
        arrives += timedelta(seconds=gap)
        outcome = device.process(reading, named(reading), arrives)
        assert not outcome.late
        assert outcome.anomaly is None or outcome.anomaly.kind != "clock"


@pytest.mark.parametrize("off", [-3600.0, -1.7e9])
def test_a_clock_that_jumps_back_is_told_and_readings_go_on(off: float) -> None:
    """A device whose clock jumped back is not late for ever: after five readings it is told, and judged again."""
    outcomes = judged(live(), off)
    assert (opened(outcomes), kinds(outcomes)) == ([FROM + 4], ["clock"])
    assert not any(outcome.late for outcome in outcomes[FROM + 5 :])


def test_a_clock_that_is_set_right_is_no_news() -> None:
    """When a wrong clock is right again, nothing opens."""
    assert opened(judged(live(), 3600.0, until=200)) == [FROM]


def test_readings_that_waited_are_no_clock_trouble() -> None:
    """Old readings that come quickly one after the other have waited somewhere; they are late, and nothing more."""
    outcomes = judged(live(), -3600.0, until=200, arrivals=0.01)
    assert opened(outcomes) == []
    assert all(outcome.late for outcome in outcomes[FROM:200])


def test_replays_know_no_clock_trouble() -> None:
    """Recorded readings may be of any time."""
    stream = readings(noise(ROWS, seed=2), clock="replay")
    assert opened(judged(stream, 3.2e8, until=FROM)) == []
    device = DeviceDetector("press", QUICK)
    for reading in stream:
        outcome = device.process(reading, named(reading), reading.measured_at + timedelta(days=400))
        assert outcome.anomaly is None


def test_another_unit_is_told_at_once() -> None:
    """A metric that comes in another unit after learning opens an incident of its kind, which names the metric."""
    stream = [msgspec.structs.replace(one, units={"m1": "bar", "m2": "K"}) for one in readings(noise(ROWS, 3))]
    stream[FROM:] = [msgspec.structs.replace(one, units={"m1": "psi", "m2": "K"}) for one in stream[FROM:]]
    outcomes = feed(DeviceDetector("press", QUICK), stream)
    anomaly = outcomes[FROM].anomaly
    assert (opened(outcomes), kinds(outcomes)) == ([FROM], ["schema"])
    assert anomaly is not None
    assert anomaly.contributions[0].metric == "m1"


def test_a_renamed_metric_is_a_change_of_schema() -> None:
    """A metric that ends where another begins was renamed; its end is not told as a dropout."""
    rows: list[Values] = noise(ROWS, 3, seed=5)
    for row in rows[FROM:]:
        row["m1 (new)"] = row.pop("m1")
    outcomes = feed(DeviceDetector("press", QUICK), readings(rows))
    assert opened(outcomes) == [FROM]
    assert {o.anomaly.kind for o in outcomes if o.anomaly is not None} == {"schema"}


def test_metrics_that_come_now_and_then_are_no_change() -> None:
    """A device that sends now this, now that, has no metric that is new."""
    rows = [{"a": row["m0"]} if n % 3 else {"b": row["m1"]} for n, row in enumerate(noise(ROWS, 2, seed=5))]
    for row in rows[FROM::50]:
        row["rare"] = 1.0
    assert opened(feed(DeviceDetector("press", QUICK), readings(rows))) == []


def test_a_metric_that_stays_away_is_not_awaited_for_ever() -> None:
    """After a day without it a metric is gone: the incident ends."""
    config = replace(QUICK, update_every=3600.0)
    rows: list[Values] = noise(ROWS + 1200, 3, seed=5)
    for row in rows[FROM:]:
        del row["m2"]
    device = DeviceDetector("press", config)
    outcomes = feed(device, readings(rows, interval=100.0))
    assert kinds(outcomes) == ["dropout"]
    assert [o.anomaly.kind for o in outcomes if o.anomaly is not None][-1] == "schema"
    assert device.state == "ready"


def test_how_long_a_value_may_stay_depends_on_how_often_it_does() -> None:
    """A fine metric is stuck after a few readings, a coarse one after many, one that hardly ever moves never."""
    rng = np.random.default_rng(1)
    fine, coarse = rng.normal(size=400), np.round(rng.normal(size=400))
    resting = np.where(np.arange(400) % 80 < 20, 0.0, fine)
    rows = np.column_stack([fine, coarse, resting, np.repeat([1.0, 2.0], 200)])
    names = ("fine", "coarse", "resting", "still")
    model = run_fit(FitJob("press", 1, "zscore", names, rows, np.arange(400), 400, 10, 32, 400, 400))
    longest = dict(zip(model.metrics, Stuckness(Scorer(model, np.arange(len(model.metrics)))).longest, strict=True))
    assert longest["fine"] <= 6
    assert 12 <= longest["coarse"] <= 40
    assert longest["resting"] == 40
    assert longest["still"] > 10**6


@pytest.mark.parametrize(("each", "held", "stuck"), [(1, 60, True), (8, 60, False), (8, 300, True)])
def test_a_metric_that_moved_slowly_just_before_may_rest_for_longer(each: int, held: int, *, stuck: bool) -> None:
    """A coarse value under steady control repeats more often than the busy reference shows."""
    rng = np.random.default_rng(1)
    rows = np.round(rng.normal(size=(400, 2)))
    model = run_fit(FitJob("press", 1, "zscore", ("a", "b"), rows, np.arange(400), 400, 10, 32, 400, 400))
    stream = Stream(60)
    stream.know(model.metrics)
    for value in [*np.repeat([-1.0, 0.0, 1.0, 0.0] * 40, each), *[1.0] * held]:
        stream.features.push(np.array([0]), np.array([value]))
    assert (Stuckness(Scorer(model, np.arange(2))).find(stream) is not None) == stuck


def test_a_stuck_metric_is_found_within_a_few_readings() -> None:
    """A metric of fine resolution that stops moving is named within eight readings."""
    rows = noise(ROWS, 3, seed=6)
    for row in rows[FROM:]:
        row["m1"] = rows[FROM - 1]["m1"]
    outcomes = feed(DeviceDetector("press", QUICK), readings(rows))
    assert FROM + 4 <= opened(outcomes)[0] <= FROM + 8
    assert kinds(outcomes) == ["stuck"]
