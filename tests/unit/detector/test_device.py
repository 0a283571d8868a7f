from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detector.device.device import DetectionConfig, DeviceDetector
from tests.unit.detector.streams import QUICK, START, Values, feed, named, noise, opened, readings

if TYPE_CHECKING:
    from collections.abc import Callable

    from contracts.anomaly import Anomaly
    from contracts.reading import Reading

ROWS = 400
FAULT = 320


def _device(config: DetectionConfig = QUICK) -> DeviceDetector:
    return DeviceDetector("press", config)


def _spike(rows: list[Values]) -> None:
    rows[FAULT]["m1"] = (rows[FAULT]["m1"] or 0.0) + 40.0


def _shift(rows: list[Values]) -> None:
    for row in rows[FAULT:]:
        row["m2"] = (row["m2"] or 0.0) - 45.0


def _noise(rows: list[Values]) -> None:
    rng = np.random.default_rng(9)
    for row in rows[FAULT:]:
        row["m0"] = (row["m0"] or 0.0) + 15.0 * float(rng.normal())


def _stuck(rows: list[Values]) -> None:
    for row in rows[FAULT:]:
        row["m3"] = rows[FAULT - 1]["m3"]


def _dropout(rows: list[Values]) -> None:
    for row in rows[FAULT:]:
        row["m3"] = None


@pytest.mark.parametrize(("fault", "metric"), [(_spike, "m1"), (_shift, "m2")])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_gross_fault_opens_within_three_readings(fault: Callable[[list[Values]], None], metric: str, seed: int) -> None:
    """A fault of many deviations opens an incident at once, and the first contribution names its metric."""
    rows = noise(ROWS, seed=seed)
    fault(rows)
    outcomes = feed(_device(), readings(rows))
    assert len(opened(outcomes[:FAULT])) == 0
    assert FAULT <= opened(outcomes)[0] < FAULT + 3
    anomaly = outcomes[opened(outcomes)[0]].anomaly
    assert anomaly is not None
    assert anomaly.contributions[0].metric == metric


@pytest.mark.parametrize(
    ("fault", "kind"),
    [(_spike, "spike"), (_shift, "level_shift"), (_noise, "noise"), (_stuck, "stuck"), (_dropout, "dropout")],
)
def test_kind_is_named(fault: Callable[[list[Values]], None], kind: str) -> None:
    """The incident of a fault ends up with the fault's name."""
    rows = noise(ROWS, seed=3)
    fault(rows)
    said = [o.anomaly for o in feed(_device(), readings(rows))[FAULT : FAULT + 60] if o.anomaly is not None]
    assert [anomaly.kind for anomaly in said if anomaly.incident.phase != "close"][-1] == kind


@pytest.mark.parametrize("metrics", [1, 2, 4, 17, 60])
def test_quiet_noise_opens_nothing(metrics: int) -> None:
    """Independent noise raises few alarms and no incident, with one metric and with sixty."""
    outcomes = feed(_device(), readings(noise(1000, metrics, seed=metrics)))
    assert opened(outcomes) == []
    assert sum(outcome.alarm for outcome in outcomes) <= 20


def test_robust_range_catches_gross_values_before_there_is_a_model() -> None:
    """While a device is learning, a value far outside of what it has shown opens an incident."""
    rows = noise(50, seed=2)
    rows[35]["m0"] = 500.0
    device = _device()
    outcomes = feed(device, readings(rows))
    assert opened(outcomes) == [35]
    anomaly = outcomes[35].anomaly
    assert anomaly is not None
    assert anomaly.model.version == 0
    assert anomaly.decision is None
    assert anomaly.contributions[0].metric == "m0"
    assert device.model is None


def test_states_follow_the_device() -> None:
    """A device is learning, ready, anomalous and ready again, and tells how much it has learned."""
    rows = noise(500, seed=1)
    for row in rows[200:220]:
        row["m0"] = 200.0
    device = _device()
    seen: list[str] = []
    for reading in readings(rows):
        feed(device, [reading])
        if not seen or seen[-1] != device.state:
            seen.append(device.state)
    assert seen == ["learning", "ready", "anomalous", "ready"]
    assert device.learned == device.needed == QUICK.warm_up


def test_anomaly_holds_its_evidence() -> None:
    """An opening carries contributions that sum to 1, expected values with bounds, the window and the incident."""
    rows = noise(ROWS, seed=5)
    _shift(rows)
    stream = readings(rows)
    outcomes = feed(_device(), stream)
    first = opened(outcomes)[0]
    anomaly = outcomes[first].anomaly
    assert anomaly is not None
    _check(anomaly, stream[first])
    assert anomaly.decision is not None
    assert anomaly.decision < 0.1
    assert anomaly.window is not None
    assert anomaly.window.times[-1] == stream[first].measured_at
    top = anomaly.contributions[0]
    assert top.observed == rows[first]["m2"]
    assert top.expected == pytest.approx(150, abs=3)
    assert top.lower is not None
    assert top.observed is not None
    assert top.observed < top.lower


def _check(anomaly: Anomaly, reading: Reading) -> None:
    assert anomaly.reading_id == named(reading)
    assert anomaly.values == reading.values
    assert sum(c.share for c in anomaly.contributions) == pytest.approx(1.0)
    assert anomaly.rarity_days is not None
    assert anomaly.rarity_days == anomaly.watched_days, "nothing like it was seen before"
    assert 0.5 < anomaly.score <= 1
    assert 0.5 < anomaly.confidence <= 1


def test_close_carries_no_reading() -> None:
    """After a quiet time the incident closes, without a reading, under the id that it was opened with."""
    rows = noise(ROWS, seed=6)
    _spike(rows)
    said = [o.anomaly for o in feed(_device(), readings(rows)) if o.anomaly is not None]
    assert [said[0].incident.phase, said[-1].incident.phase] == ["open", "close"]
    assert said[-1].incident.id == said[0].incident.id
    assert said[-1].reading_id is None
    assert said[-1].values is None
    assert len({anomaly.id for anomaly in said}) == len(said)


def test_late_readings_are_not_scored() -> None:
    """A reading older than the newest is reported as late and changes nothing."""
    device = _device()
    stream = readings(noise(100))
    feed(device, stream)
    before = device.snapshot()
    late = device.process(stream[50], named(stream[50]), START)
    assert late.late
    assert not late.alarm
    assert device.snapshot() == before


def test_silence_is_found_by_the_timer() -> None:
    """A live device that stops sending is silent after ten of its intervals, once, until it sends again."""
    device = _device()
    stream = readings(noise(60), interval=2.0, clock="device", run=None)
    feed(device, stream[:50])
    due = device.next_deadline
    assert due == pytest.approx(stream[49].measured_at.timestamp() + 20)
    now = stream[49].measured_at
    assert device.tick(now + timedelta(seconds=19)) is None
    outcome = device.tick(now + timedelta(seconds=21))
    assert outcome is not None
    assert outcome.anomaly is not None
    assert (outcome.anomaly.kind, outcome.anomaly.reading_id) == ("silence", None)
    assert device.state == "silent"
    assert device.tick(now + timedelta(seconds=99)) is None
    back = device.process(stream[59], named(stream[59]), now + timedelta(seconds=120))
    assert back.changed
    assert device.incident == outcome.anomaly.incident.id


def test_recorded_silence_follows_event_time() -> None:
    """In a recording the gap itself tells: the reading behind it opens the incident, and the clock does nothing."""
    device = _device()
    stream = readings(noise(100))
    feed(device, stream[:50])
    assert device.tick(START + timedelta(days=1)) is None
    outcome = feed(device, stream[90:91])[0]
    assert outcome.anomaly is not None
    assert outcome.anomaly.kind == "silence"
    assert outcome.anomaly.reading_id is None


def test_new_run_begins_again() -> None:
    """A second replay of a recording starts over in time, closes what was open, and keeps what was learned."""
    rows = noise(ROWS, seed=7)
    _shift(rows)
    device = _device()
    first = feed(device, readings(rows, run="one"))
    assert device.incident is not None
    second = feed(device, readings(rows, run="two"))
    assert not any(outcome.late for outcome in second)
    assert second[0].anomaly is not None
    assert second[0].anomaly.incident.phase == "close"
    assert device.model is not None
    ids = {o.anomaly.incident.id for o in first if o.anomaly} & {o.anomaly.incident.id for o in second[1:] if o.anomaly}
    assert ids == set()


@pytest.mark.parametrize("seed", [1, 2])
def test_a_fault_that_began_slowly_is_found_again(seed: int) -> None:
    """What came shortly before an incident opened is not learned: the same slow fault rings every time."""
    rows = noise(700, seed=seed)
    for number, row in enumerate(rows[300:500]):
        row["m1"] = (row["m1"] or 0.0) + 12.0 * min(number / 60, 1.0)
    device = _device()
    for run in ("one", "two", "three"):
        assert any(300 <= at < 500 for at in opened(feed(device, readings(rows, run=run))))


def test_clock_ahead_does_not_blind_the_device() -> None:
    """One reading from the far future does not make all later ones late."""
    device = _device()
    stream = readings(noise(60), clock="device", run=None)
    feed(device, stream[:50])
    future = stream[50].measured_at + timedelta(days=400)
    device.process(
        type(stream[50])(device="press", values=stream[50].values, measured_at=future), "a" * 32, stream[50].measured_at
    )
    later = readings(noise(200), clock="device", run=None)[150:]
    assert not any(outcome.late for outcome in feed(device, later))


def test_partial_readings_are_carried_together() -> None:
    """Metrics that come in readings of their own are judged together, and a fault in one is still found."""
    rows: list[Values] = []
    for row in noise(ROWS, 2, seed=8):
        rows += [{"m0": row["m0"]}, {"m1": row["m1"]}]
    for row in rows[600:620]:
        if "m1" in row:
            row["m1"] = 160.0
    outcomes = feed(_device(), readings(rows))
    assert len(opened(outcomes[:600])) == 0
    assert 600 <= opened(outcomes)[0] < 606


def test_metric_that_appears_later_is_learned() -> None:
    """A metric that was not there at first is told of once, and becomes part of the model when the reference grows."""
    rows = noise(500, 2, seed=8)
    for n, row in enumerate(rows[80:]):
        row["late"] = float(np.sin(n))
    device = _device()
    outcomes = feed(device, readings(rows))
    assert opened(outcomes) == [80]
    expectation = device.expectation()
    assert expectation is not None
    assert expectation.lower["late"] < expectation.expected["late"] < expectation.upper["late"]
    assert "late" in device._scorer.model.metrics  # type: ignore[union-attr] # it has one by now


def test_constant_metrics_are_quiet_until_they_leap() -> None:
    """A metric that never moves raises nothing, its first small step neither, a leap does."""
    rows = [{**row, "setpoint": 32.0, "zero": 0.0} for row in noise(ROWS, 2, seed=3)]
    rows[250]["setpoint"] = 32.5
    rows[FAULT]["setpoint"] = 5000.0
    outcomes = feed(_device(), readings(rows))
    assert opened(outcomes) == [FAULT]


def test_device_of_constants_alone_can_be_learned() -> None:
    """A device whose metrics never move gets a model, and stays quiet."""
    rows: list[Values] = [{"a": 5.0, "b": 0.0} for _ in range(300)]
    device = _device()
    assert opened(feed(device, readings(rows))) == []
    assert device.state == "ready"


def test_null_readings_alone_teach_nothing() -> None:
    """A device that sends null and nothing else goes on learning."""
    device = _device()
    feed(device, readings([{"a": None} for _ in range(200)]))
    assert (device.state, device.learned) == ("learning", 0)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    huge=st.lists(st.sampled_from([3.4e38, -3.4e38, 1e-38, 0.0, 1.0, None]), min_size=130, max_size=160),
    seed=st.integers(0, 5),
)
def test_huge_values_neither_overflow_nor_break(huge: list[float | None], seed: int) -> None:
    """Values up to the largest float32, in any order, give finite scores and decisions, and never a warning."""
    rows = noise(len(huge), 2, seed=seed)
    for row, value in zip(rows, huge, strict=True):
        row["m1"] = value
    device = _device(replace(QUICK, trees=5))
    for outcome in feed(device, readings(rows)):
        assert isfinite(outcome.score)
        assert 0 <= outcome.score <= 1
        assert outcome.decision is None or isfinite(outcome.decision)
    assert len(device.snapshot()) > 0


def test_values_outside_of_physical_limits_are_named() -> None:
    """Where limits are given, a value beyond them opens an incident from the first reading on."""
    device = _device(replace(QUICK, ranges={"m0": (0.0, 100.0)}))
    rows = noise(20, 1)
    rows[3]["m0"] = 101.0
    outcomes = feed(device, readings(rows))
    assert opened(outcomes) == [3]
    assert outcomes[3].anomaly is not None
    assert outcomes[3].anomaly.kind == "out_of_range"


def test_what_keeps_coming_back_becomes_normal() -> None:
    """A machine that goes to the same other state again and again is reported, and then known."""
    rows = noise(1800, 3, seed=11)
    for start in range(200, 1800, 100):
        for row in rows[start : start + 20]:
            row["m0"], row["m1"] = 2.0 + 0.01 * (row["m0"] or 0), 3.0 + 0.01 * (row["m1"] or 0)
    outcomes = feed(_device(), readings(rows))
    assert opened(outcomes)[0] == 200
    assert opened(outcomes)[-1] < 1200


def test_long_incident_never_becomes_normal() -> None:
    """However long an incident lasts, its rows are not learned."""
    rows = noise(1500, 3, seed=12)
    for row in rows[400:]:
        row["m0"] = (row["m0"] or 0.0) + 60.0
    device = _device()
    outcomes = feed(device, readings(rows))
    assert opened(outcomes)[0] in {400, 401, 402}
    assert all(outcome.alarm for outcome in outcomes[410:])
    assert device.state == "anomalous"


def test_recurring_gross_faults_ring_every_time() -> None:
    """A gross fault that comes back for the hundredth time rings as the first did."""
    rows = noise(7000, 4, seed=13)
    faults = range(400, 7000, 66)
    for start in faults:
        for row in rows[start : start + 3]:
            for metric, value in row.items():
                row[metric] = 6.0 * (value or 0.0)
    outcomes = feed(_device(), readings(rows))
    assert [n for n in faults if not outcomes[n].alarm] == []


@pytest.mark.parametrize("seed", range(6))
def test_gross_values_every_fiftieth_reading_are_all_flagged(seed: int) -> None:
    """After a warm-up of fifty readings, gross values in all four metrics are flagged, and hardly any other."""
    rng = np.random.default_rng(seed)
    rows: list[Values] = []
    for n in range(200):
        row = rng.normal([72, 45, 1013, 3000], [2, 3, 5, 50])
        if n >= 50 and n % 50 == 0:
            row = np.array([120.0, 90.0, 900.0, 5000.0])
        rows.append({f"m{m}": float(value) for m, value in enumerate(row)})
    outcomes = feed(_device(DetectionConfig(warm_up=50)), readings(rows, interval=0.1))
    injected = {50, 100, 150}
    flagged = {n for n, outcome in enumerate(outcomes) if outcome.alarm}
    assert injected <= flagged
    assert len(flagged - injected) <= 4


def test_metrics_that_never_come_twice_ask_for_no_fit() -> None:
    """A device that names its metrics anew with every reading goes on learning, and asks for no fit that must fail."""
    device = _device()
    outcomes = feed(device, readings([{f"m{n}": 1.0 * n} for n in range(120)]))
    assert opened(outcomes) == []
    assert device.fit_job is None
    assert device.state == "learning"
