from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest

from producer.simulator.fault_plan import FaultPlan
from producer.simulator.scenario import FaultKind
from producer.simulator.scenario_files import load_scenario
from tests.unit.producer.plants import column, one_fault, plant, played, seconds

METRICS: dict[str, Any] = {
    "a": {"baseline": 10, "noise": 0.05, "follows": {"load": 1.0}, "decimals": 6},
    "b": {"baseline": -5, "noise": 0.05, "follows": {"load": 2.0}, "decimals": 6},
}
DRIVERS: dict[str, Any] = {"load": {"time_constant_s": 5}}


def with_fault(kind: str, **how: Any) -> tuple[Any, Any, Any]:
    """The same stream with and without one fault of metric `a`, and the truths."""
    metrics = {"metrics": ["a"]} if "metrics" not in how else {}
    faulty = played(plant(METRICS, drivers=DRIVERS, faults=one_fault(kind, **metrics, **how)), 300)
    healthy = played(plant(METRICS, drivers=DRIVERS), 300)
    return faulty, healthy, [truth for _, truth in faulty if truth]


def test_truth_belongs_to_every_faulty_reading_and_to_no_other() -> None:
    """A reading has a truth exactly when it lies within a fault."""
    faulty, _, truths = with_fault("level_shift")
    start, end = seconds(truths[0].start), seconds(truths[0].end)
    for reading, truth in faulty:
        assert (truth is not None) == (start <= seconds(reading.measured_at) < end)
        if truth:
            assert (truth.device, truth.measured_at, truth.run) == (reading.device, reading.measured_at, reading.run)
            assert (truth.anomalous, truth.fault, truth.metrics) == (True, "level_shift", ("a",))
    assert len(truths) == 20


def test_only_the_faulty_metric_changes() -> None:
    """The other metric, and the time around the fault, stay as they were."""
    faulty, healthy, truths = with_fault("level_shift")
    np.testing.assert_array_equal(column(faulty, "b"), column(healthy, "b"))
    same = [truth is None for _, truth in faulty]
    np.testing.assert_array_equal(column(faulty, "a")[same], column(healthy, "a")[same])
    assert truths


@pytest.mark.parametrize("kind", ["spike", "level_shift"])
def test_offset_faults_have_their_size(kind: str) -> None:
    """Spike and level shift add their size in multiples of the spread."""
    faulty, healthy, truths = with_fault(kind, size=[8, 8])
    added = (column(faulty, "a") - column(healthy, "a"))[[truth is not None for _, truth in faulty]]
    np.testing.assert_allclose(np.abs(added), 8 * np.hypot(1, 0.05), atol=1e-5)
    assert np.sign(added[0]) == np.sign(truths[0].size)


def test_spike_lasts_one_to_three_readings_by_default() -> None:
    """A spike is over after three readings at most."""
    spikes = one_fault("spike")
    del spikes[0]["duration_s"]
    for seed in range(8):
        truths = [truth for _, truth in played(plant(METRICS, drivers=DRIVERS, faults=spikes), 200, seed) if truth]
        assert 1 <= len(truths) <= 3


def test_drift_grows_steadily() -> None:
    """Drift starts at nothing and grows in a line to its size."""
    faulty, healthy, truths = with_fault("drift", size=[10, 10])
    added = (column(faulty, "a") - column(healthy, "a"))[[truth is not None for _, truth in faulty]]
    steps = np.diff(added)
    assert abs(added[0]) < 0.1 * abs(added[-1])
    np.testing.assert_allclose(steps, steps.mean(), rtol=0.1)
    assert abs(added[-1]) == pytest.approx(10, rel=0.1)
    assert len(truths) == 20


def test_stuck_repeats_the_last_value() -> None:
    """A stuck sensor goes on sending the value from before the fault, also over the end of a block."""
    faulty, healthy, _ = with_fault("stuck", first_after_s=[245, 245], duration_s=[30, 30])
    bad = np.flatnonzero([truth is not None for _, truth in faulty])
    assert len(bad) == 30
    assert set(column(faulty, "a")[bad]) == {column(healthy, "a")[bad[0] - 1]}


def test_noise_burst_widens_the_spread() -> None:
    """A burst of noise multiplies the spread and leaves the mean."""
    faulty, healthy, _ = with_fault("noise", size=[6, 6], duration_s=[150, 150])
    added = (column(faulty, "a") - column(healthy, "a"))[[truth is not None for _, truth in faulty]]
    assert added.std() == pytest.approx(6, rel=0.2)
    assert abs(added.mean()) < 2


def test_dropout_is_null_or_absent() -> None:
    """A dropped-out metric is null or left out, the others go on."""
    seen = set()
    for seed in range(8):
        pairs = played(plant(METRICS, drivers=DRIVERS, faults=one_fault("dropout", metrics=["a"])), 150, seed)
        bad = [reading for reading, truth in pairs if truth]
        assert all(reading.values.get("a") is None and reading.values["b"] is not None for reading in bad)
        seen |= {"a" in reading.values for reading in bad}
    assert seen == {True, False}


def test_dropout_of_the_only_metric_is_null() -> None:
    """A device with one metric sends null, never an empty reading."""
    for seed in range(4):
        pairs = played(plant({"a": {"baseline": 1, "noise": 0.1}}, faults=one_fault("dropout")), 150, seed)
        assert all("a" in reading.values for reading, _ in pairs)


def test_silence_sends_nothing_and_is_told_before() -> None:
    """During silence there is no reading; its truth comes with the last reading before it."""
    faulty, healthy, truths = with_fault("silence")
    (truth,) = truths
    start, end = seconds(truth.start), seconds(truth.end)
    assert truth.measured_at == truth.start
    assert truth.metrics == ()
    assert not [r for r, _ in faulty if start <= seconds(r.measured_at) < end]
    assert len(healthy) - len(faulty) == 20
    (last,) = [seconds(reading.measured_at) for reading, found in faulty if found]
    assert start - 1.1 < last < start


def test_broken_correlation_keeps_the_spread() -> None:
    """The metric alone looks healthy, but no longer moves with the other one."""
    faulty, _, _ = with_fault("correlation", duration_s=[2000, 2000])
    scenario = plant(METRICS, drivers=DRIVERS, faults=one_fault("correlation", duration_s=[9000, 9000], metrics=["a"]))
    faulty = played(scenario, 9000)
    bad = [truth is not None for _, truth in faulty]
    a, b = column(faulty, "a"), column(faulty, "b")
    assert abs(np.corrcoef(a[bad], b[bad])[0, 1]) < 0.15
    assert a[bad].std() == pytest.approx(1, rel=0.15)
    assert np.corrcoef(a[np.invert(bad)], b[np.invert(bad)])[0, 1] > 0.95


def test_broken_correlation_needs_a_partner() -> None:
    """A device whose metrics follow nothing together cannot have it."""
    lonely = {"a": {"baseline": 1, "follows": {"load": 1.0}}, "b": {"baseline": 1, "noise": 1}}
    pairs = played(plant(lonely, drivers=DRIVERS, faults=one_fault("correlation")), 300)
    assert not [truth for _, truth in pairs if truth]


def test_physical_limits_turn_the_fault() -> None:
    """A fault that would end beyond a limit goes the other way."""
    metrics = {"a": {"baseline": 1, "noise": 0.1, "low": 0, "high": 100}}
    for seed in range(6):
        pairs = played(plant(metrics, faults=one_fault("level_shift", size=[20, 20])), 130, seed)
        assert all(truth.size > 0 for _, truth in pairs if truth and truth.size)


def test_slow_devices_have_longer_faults() -> None:
    """By default a fault covers some readings, however slow the device is."""
    faults = one_fault("level_shift")
    del faults[0]["duration_s"]
    pairs = played(plant(METRICS, drivers=DRIVERS, interval_s=60, faults=faults), 86_400)
    assert len([truth for _, truth in pairs if truth]) >= 14


@pytest.mark.parametrize("name", ["factory", "storm", "fleet"])
def test_no_device_has_two_faults_at_a_time(name: str) -> None:
    """The faults of one device never overlap, and everything planned lies on a device that is warm."""
    scenario = load_scenario(name)
    faults = FaultPlan(scenario, 5).extend(4000)
    intervals = {member.device: member.group.interval_s for member in scenario.members()}
    until: dict[str, float] = {}
    for fault in faults:
        assert fault.start >= until.get(fault.device, 0.0)
        assert fault.start / intervals[fault.device] >= min(schedule.after_rows for schedule in scenario.faults)
        until[fault.device] = fault.end
    assert len(faults) > 30


@pytest.mark.parametrize("seed", range(6))
def test_factory_begins_with_one_gross_fault(seed: int) -> None:
    """The first fault of the factory comes 30 to 45 s after the start on a fast device, then about one a minute."""
    faults = FaultPlan(load_scenario("factory"), seed).extend(3600)
    assert 30 <= faults[0].start <= 45
    assert faults[0].device.startswith(("press", "pump"))
    assert 45 <= len(faults) <= 75
    assert len({fault.device for fault in faults[:5]}) >= 4


def test_all_kinds_happen() -> None:
    """In time the factory shows every kind of fault."""
    kinds: set[FaultKind] = {fault.kind for fault in FaultPlan(load_scenario("factory"), 1).extend(7200)}
    assert kinds == set(get_args(FaultKind))
