from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from detector.models.coherence import fit_coherence
from detector.models.habits import Habits, looks_off
from detector.models.persistence import Persistence, shared_rows
from detector.rows.residuals import Residuals
from detector.rows.stream import Stream
from detector.verdicts.course import EARLY, Course
from detector.verdicts.kind import may_become
from detector.verdicts.shape import Traces, shape_of, usual_swing

if TYPE_CHECKING:
    from contracts.anomaly import Kind

USUAL = np.random.default_rng(3).normal(size=64)
LATER = np.random.default_rng(4).normal(size=200)


def shape(since: np.ndarray, before: np.ndarray = USUAL, *, incoherent: bool = False) -> str:
    """Name the shape of what came since the opening, after usual noise of deviation 1."""
    course = np.concatenate([before, since])
    return shape_of(Traces(course, course, len(before), -2.6, 2.6, incoherent=incoherent))


@pytest.mark.parametrize("size", [7.0, -9.0, 30.0])
@pytest.mark.parametrize("rows", [20, 60, 190])
def test_shapes_are_named(size: float, rows: int) -> None:
    """One odd value is a spike, several are a shift, slow ones a drift, swinging ones noise."""
    later = LATER[:rows]
    assert shape(np.array([size])) == "spike"
    assert shape(size + later) == "level_shift"
    assert shape(size * np.linspace(0.3, 1.0, rows) + later) == "drift"
    assert shape(abs(size) * later) == "noise"


@pytest.mark.parametrize("size", [7.0, -30.0])
def test_the_end_of_a_trouble_does_not_change_its_name(size: float) -> None:
    """Abnormal rolling features behind a trouble belong to it: its shape is that of the values while it lasted."""
    quiet = LATER[100:130]
    assert shape(np.concatenate([size + LATER[:2], quiet])) == "spike"
    assert shape(np.concatenate([size + LATER[:15], quiet])) == "level_shift"
    assert shape(np.concatenate([size * np.linspace(0.3, 1.0, 50) + LATER[:50], quiet])) == "drift"
    assert shape(np.concatenate([abs(size) * LATER[:20], quiet])) == "noise"


def test_a_drift_found_late_is_a_drift() -> None:
    """What began before the incident opened counts."""
    ramp = np.linspace(0.0, 9.0, 100)
    assert shape(ramp[50:] + LATER[:50], np.concatenate([USUAL[:14], ramp[:50] + USUAL[:50]])) == "drift"


def test_metrics_that_disagree_within_their_usual_range_are_a_matter_of_correlation() -> None:
    """Where metrics disagree, the values tell whether one of them left its range or only the company of the others."""
    assert shape(1.0 + LATER[:60], incoherent=True) == "correlation"
    assert shape(8.0 + LATER[:60], incoherent=True) == "level_shift"


def test_remains_that_swing_while_the_values_do_not_are_no_noise() -> None:
    """A metric that left the company of the others shows the load in what they do not explain; its values are usual."""
    course = np.concatenate([USUAL, LATER[:40]])
    remains = np.concatenate([0.1 * USUAL, LATER[:40]])
    assert shape_of(Traces(course, remains, len(USUAL), -2.6, 2.6, incoherent=True)) == "correlation"
    assert shape_of(Traces(remains, remains, len(USUAL), -2.6, 2.6, incoherent=True)) == "noise"


def test_a_running_machine_is_no_noise_beside_its_rest() -> None:
    """What swings as it does in every run of the normal course, after a rest in which it hardly swung, is not noisy."""
    cycles = np.concatenate([np.concatenate([0.1 * LATER[:50], 90.0 + LATER[50:100]])] * 4)
    course = np.concatenate([0.1 * USUAL, 120.0 + LATER[:30]])
    usual = usual_swing(cycles)
    assert shape_of(Traces(course, course, len(USUAL), 0.0, 92.0, incoherent=False)) == "noise"
    assert shape_of(Traces(course, course, len(USUAL), 0.0, 92.0, incoherent=False, swing=usual)) == "level_shift"
    wild = np.concatenate([0.1 * USUAL, 90.0 + 6.0 * LATER[:30]])
    assert shape_of(Traces(wild, wild, len(USUAL), 0.0, 92.0, incoherent=False, swing=usual)) == "noise"


def test_noise_that_was_found_late_is_noise() -> None:
    """It swings no more than just before; it does than in the normal course, where that is known."""
    course = 8.0 * np.concatenate([USUAL, np.random.default_rng(4).normal(size=40)])
    late = Traces(course, course, len(USUAL), -2.6, 2.6, incoherent=False, swing=1.3, swing_of_remains=1.3)
    assert shape_of(late) == "noise"
    assert shape_of(replace(late, swing_of_remains=8.0)) != "noise"


def test_a_coarse_value_that_wavers_between_two_steps_is_no_noise() -> None:
    """A battery that was at 84 for long and goes down by ones, there and back at first, falls."""
    falling = np.round(np.linspace(83.6, 70.0, 60) + 0.3 * LATER[:60])
    assert shape(falling, np.full(64, 84.0)) == "drift"


@pytest.mark.parametrize("called", ["drift", "level_shift"])
def test_a_name_is_kept_where_another_is_hardly_better(called: Kind) -> None:
    """Between a step and a slope that fit about as well, an incident stays what it is called; a clear case decides."""
    before = np.zeros(64)
    between = np.concatenate([before, np.minimum(np.arange(40.0), 17.0)])
    step, slope = np.concatenate([before, np.full(40, 9.0)]), np.concatenate([before, np.arange(40.0)])
    short = np.concatenate([before, [30.0], np.zeros(40)])
    for course, kind in [(between, called), (step, "level_shift"), (slope, "drift"), (short, called)]:
        assert shape_of(Traces(course, course, 64, -1.0, 1.0, incoherent=False, called=called)) == kind
    assert shape_of(Traces(short, short, 64, -1.0, 1.0, incoherent=False)) == "spike"


def test_a_long_course_keeps_the_rows_in_which_noise_shows() -> None:
    """What is thinned swings more from row to row than it did; the rows around the opening stay as they came."""
    stream, course = Stream(60), Course()
    stream.know(["a", "b"])
    for n in range(64):
        stream.take(np.arange(2), np.array([n, 0.0]), float(n), float(n))
    course.begin(stream, incoherent=False)
    for n in range(64, 20_064):
        stream.take(np.arange(2), np.array([n, 0.0]), float(n), float(n))
        course.add(stream, abnormal=n < 15_000, incoherent=False)
    values = course.rows()[:, 0]
    assert len(values) < 6144 / 2
    assert values[: course.before + EARLY].tolist() == list(range(course.before + EARLY))
    assert values[-1] == pytest.approx(15_000, abs=30)
    assert np.all(np.diff(values) > 0.0)


def test_sure_kinds_have_no_shape() -> None:
    """An incident may turn out to be of another shape early; what a rule found is sure."""
    assert may_become("spike", "level_shift", 4)
    assert not may_become("spike", "level_shift", 40)
    assert not may_become("silence", "spike", 2)
    assert may_become("silence", "silence", 40)


def test_broken_correlation_is_a_disagreement() -> None:
    """Two metrics that follow a third agree; one that strays disagrees most, and what it should be is predicted."""
    rng = np.random.default_rng(1)
    load = rng.normal(size=(500, 1))
    z = load + 0.1 * rng.normal(size=(500, 3))
    coherence = fit_coherence(z, np.arange(500))
    usual = [coherence.disagreement(row, 0.0, coherence.level) for row in z]
    stray = np.array([1.0, 1.0, -0.5])
    assert coherence.disagreement(stray, 0.0, coherence.level) > 2.5 * np.quantile(usual, 0.99)
    assert int(np.argmax(coherence.disagreements(stray, 0.0, coherence.level))) == 2
    expected, deviation = coherence.predicted(stray, 2)
    assert expected == pytest.approx(1.0, abs=0.15)
    assert 0.0 < deviation < 0.5


def test_evidence_adds_up_and_is_dropped() -> None:
    """Many somewhat odd readings are as rare as one very odd one; when they stop, the evidence goes."""
    evidence = Persistence()
    first = evidence.add(0.002)
    for _ in range(60):
        last = evidence.add(0.002)
    assert first > 0.5
    assert last < 1e-8
    for _ in range(40):
        last = evidence.add(0.5)
    assert last == 1.0


def test_evidence_of_normal_readings_stays_small() -> None:
    """Independent readings of the normal course hardly ever add up to anything."""
    rng = np.random.default_rng(8)
    evidence = Persistence()
    least = min(evidence.add(float(p)) for p in rng.random(50_000))
    assert least > 1e-2


def test_rows_that_tell_the_same_are_counted() -> None:
    """A slowly wandering score shares its evidence over more rows than noise does."""
    rng = np.random.default_rng(2)
    noise = rng.random(800)
    slow = np.convolve(rng.random(860), np.ones(61) / 61, mode="valid")
    places = np.arange(800)
    assert shared_rows(noise, places) < shared_rows(slow, places)
    assert shared_rows(np.zeros(800), places) == shared_rows(noise, places)


def visited(states: list[list[float]], *, off: bool, rows: int = 6) -> Habits:
    """Visit states one after the other."""
    habits = Habits()
    for state in states:
        for _ in range(rows):
            habits.note(np.array(state), off=off)
        habits.passed()
    return habits


def test_an_off_state_must_come_back_the_same() -> None:
    """Three lasting visits of one off state are a habit; short ones, different ones and other troubles are not."""
    same = [[0.0, -15.0 + 0.1 * visit, 8.0] for visit in range(3)]
    assert visited(same, off=True).due
    assert not visited(same, off=True, rows=2).due
    assert not visited(same, off=False).due
    assert not visited([[0.0, -15.0, 8.0], [8.0, 0.0, -15.0], [0.0, -15.0, 8.0]], off=True).due


def test_off_means_that_most_metrics_are_near_zero() -> None:
    """Half of the metrics and two at least must have fallen; one that is always zero has no say."""
    usual = np.array([100.0, 50.0, 20.0, 0.0])
    assert looks_off(np.array([1.0, 2.0, 20.0, 0.0]), usual)
    assert not looks_off(np.array([1.0, 50.0, 20.0, 0.0]), usual)
    assert not looks_off(np.array([600.0, 300.0, 120.0, 9.0]), usual)
    assert not looks_off(np.array([0.0]), np.array([20.0]))


@pytest.mark.parametrize("values", ["noise", "daily", "flat"])
def test_single_metric_is_quiet_in_its_normal_course(values: str) -> None:
    """Residuals of noise, of a daily course and of a flat line are hardly ever rarer than one in a thousand."""
    rng = np.random.default_rng(4)
    n = np.arange(4000)
    course = {
        "noise": rng.normal(size=4000),
        "daily": 5 * np.sin(n / 46) + 0.3 * rng.normal(size=4000),
        "flat": 0.0 * n,
    }
    residuals = Residuals()
    rare = sum(residuals.add(float(value), 300.0 * at) < 1e-3 for at, value in enumerate(course[values]))
    assert rare <= 12


@pytest.mark.parametrize("leap", [15.0, -15.0])
def test_single_metric_that_leaps_is_rare(leap: float) -> None:
    """A value far outside of what one metric ever showed is rare at once."""
    rng = np.random.default_rng(4)
    residuals = Residuals()
    for at, value in enumerate(rng.normal(size=1000)):
        residuals.add(float(value), 60.0 * at)
    assert residuals.add(leap, 60_000.0) < 1e-3
