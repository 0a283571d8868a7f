from __future__ import annotations

from datetime import timedelta
from functools import cache

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.device.device import DeviceDetector, FittedModel, Outcome, SnapshotError, run_fit
from detector.store.snapshot import pack, unpack
from tests.unit.detector.streams import QUICK, START, Values, named, noise, readings

ROWS = 330


def _eventful() -> list[Values]:
    rows = noise(ROWS, 3, seed=4)
    for n in range(150, 165):
        rows[n]["m1"] = 130.0
    rows[200]["m0"] = 500.0
    rows[220]["m2"] = None
    for n in range(230, 240):
        rows[n] = {"m0": rows[n]["m0"]}
    for n in range(260, ROWS):
        rows[n]["new"] = float(n % 7)
    return rows


@cache
def _whole() -> tuple[list[Outcome], list[bytes], list[FittedModel | None]]:
    """Outcomes of the whole stream, and what was saved behind each reading."""
    detector = DeviceDetector("press", QUICK)
    outcomes, snapshots, models = [], [], []
    model: FittedModel | None = None
    for reading in readings(_eventful()):
        outcomes.append(detector.process(reading, named(reading), reading.measured_at))
        job = detector.fit_job
        if job is not None:
            model = run_fit(job)
            detector.adopt(model)
        snapshots.append(detector.snapshot())
        models.append(model)
    return outcomes, snapshots, models


@settings(max_examples=40, deadline=None)
@given(cut=st.integers(0, ROWS - 2), length=st.integers(1, 80))
def test_restored_detector_goes_on_exactly(cut: int, length: int) -> None:
    """Whatever reading a snapshot was taken after, what follows is the same to the last bit as without it."""
    outcomes, snapshots, models = _whole()
    detector = DeviceDetector.restore("press", QUICK, snapshots[cut], models[cut])
    for n, reading in enumerate(readings(_eventful())[cut + 1 : cut + 1 + length], cut + 1):
        assert detector.process(reading, named(reading), reading.measured_at) == outcomes[n]
        if models[n] is not models[n - 1] and models[n] is not None:
            detector.adopt(models[n])  # type: ignore[arg-type] # checked above
        assert detector.snapshot() == snapshots[n]


def test_fit_is_deterministic() -> None:
    """The same job gives the same model, so that a lost fit can be done again."""
    detector = DeviceDetector("press", QUICK)
    for reading in readings(noise(QUICK.warm_up)):
        detector.process(reading, named(reading), reading.measured_at)
    job = detector.fit_job
    assert job is not None
    one, other = run_fit(job), run_fit(job)
    assert one.tail == other.tail
    assert np.array_equal(one.judge.forest.threshold, other.judge.forest.threshold)  # type: ignore[attr-defined]


def test_eventful_stream_has_events() -> None:
    """The stream of these tests opens and closes incidents and changes models, else they would prove little."""
    outcomes, _, models = _whole()
    phases = {outcome.anomaly.incident.phase for outcome in outcomes if outcome.anomaly is not None}
    assert {"open", "close"} <= phases
    assert models[-1] is not None
    assert models[-1].version >= 2


def test_snapshot_is_small() -> None:
    """A snapshot of a device of three metrics takes some kilobytes."""
    assert max(map(len, _whole()[1])) < 24_000


def test_snapshot_of_another_device_or_model_is_refused() -> None:
    """A snapshot is only restored with its own device and model version."""
    _, snapshots, models = _whole()
    with pytest.raises(SnapshotError, match="expected 'other'"):
        DeviceDetector.restore("other", QUICK, snapshots[-1], models[-1])
    with pytest.raises(SnapshotError, match="with None"):
        DeviceDetector.restore("press", QUICK, snapshots[-1], None)


def test_snapshot_of_another_version_is_refused() -> None:
    """A snapshot that lacks what this version keeps is refused, not half restored."""
    _, snapshots, models = _whole()
    state = unpack(snapshots[-1])
    del state["learning"]
    with pytest.raises(SnapshotError, match="another version"):
        DeviceDetector.restore("press", QUICK, pack(state), models[-1])


@given(damage=st.binary(max_size=40))
def test_damaged_snapshot_is_refused(damage: bytes) -> None:
    """Bytes that are no snapshot raise a SnapshotError, whatever they are."""
    with pytest.raises(SnapshotError):
        unpack(damage)


@given(
    shape=st.lists(st.integers(0, 5), min_size=1, max_size=3),
    dtype=st.sampled_from(["f8", "i8", "?", "f4"]),
    number=st.floats(allow_nan=False),
)
def test_snapshot_is_exact(shape: list[int], dtype: str, number: float) -> None:
    """Arrays of any shape and kind, and numbers with infinities, come back bit by bit and writable."""
    array = (np.random.default_rng(0).normal(size=shape) * 1e3).astype(dtype)
    state = unpack(pack({"array": array, "number": number, "list": [1, None, "x"]}))
    assert state["array"].tobytes() == array.tobytes()
    assert state["array"].shape == array.shape
    assert state["array"].flags.writeable
    assert state["number"] == number


def test_timers_after_a_restart_wait_for_the_device() -> None:
    """The time the detector was down is not taken for the device's silence."""
    detector = DeviceDetector("press", QUICK)
    stream = readings(noise(40), clock="device", run=None)
    for reading in stream:
        detector.process(reading, named(reading), reading.measured_at)
    again = DeviceDetector.restore("press", QUICK, detector.snapshot(), None)
    later = stream[-1].measured_at + timedelta(hours=5)
    assert again.next_deadline == 0.0
    assert again.tick(later) is None
    assert again.next_deadline is not None
    assert again.next_deadline > later.timestamp()
    silent = again.tick(later + timedelta(minutes=1))
    assert silent is not None
    assert silent.anomaly is not None
    assert silent.anomaly.kind == "silence"


def test_outcomes_are_messages() -> None:
    """Every anomaly of the stream can be written and read as a message."""
    for outcome in _whole()[0]:
        if outcome.anomaly is not None:
            written = msgspec.json.encode(outcome.anomaly)
            assert msgspec.json.decode(written, type=type(outcome.anomaly)) == outcome.anomaly
    assert START.tzinfo is not None


def test_a_snapshot_without_its_model_is_revived_with_an_earlier_one() -> None:
    """The earlier model judges on, the stream goes on where it was; without any model the device learns anew."""
    _, snapshots, models = _whole()
    earlier = next(model for model in models if model is not None)
    assert models[-1] is not None
    assert models[-1].version > earlier.version
    revived = DeviceDetector.revive("press", QUICK, snapshots[-1], earlier)
    assert revived.model == earlier.named()
    last = readings(_eventful())[-1]
    later = msgspec.structs.replace(last, measured_at=last.measured_at + timedelta(seconds=1))
    assert not revived.process(later, named(later), later.measured_at).late
    anew = DeviceDetector.revive("press", QUICK, snapshots[-1], None)
    assert (anew.state, anew.model) in {("learning", None), ("anomalous", None)}
    with pytest.raises(SnapshotError, match="press"):
        DeviceDetector.revive("pump", QUICK, snapshots[-1], None)


def test_a_fit_can_be_asked_for_though_none_is_due() -> None:
    """It takes in the model's reference and what came since, and its model is the next version."""
    _, snapshots, models = _whole()
    detector = DeviceDetector.restore("press", QUICK, snapshots[-1], models[-1])
    assert models[-1] is not None
    assert detector.fit_job is None
    job = detector.job_now()
    assert job.version == models[-1].version + 1
    assert len(job.rows) >= len(models[-1].rows)
    detector.adopt(run_fit(job))
    assert detector.model is not None
    assert detector.model.version == job.version
