from __future__ import annotations

import numpy as np
import pytest

from detector.models.coherence import fit_coherence
from detector.models.habits import Habits, looks_off
from detector.models.persistence import Persistence, shared_rows
from detector.models.residuals import Residuals
from detector.verdicts.kind import becomes, classify

USUAL = np.random.default_rng(3).normal(size=60)
NORMAL_Z = np.zeros(3)


@pytest.mark.parametrize("size", [6.0, -9.0, 30.0])
def test_shapes_are_named(size: float) -> None:
    """One odd value is a spike, several are a shift, slow ones a drift, swinging ones noise."""
    swings = size * np.array([1.0, -1.0, 0.6, -1.2, 1.1, -0.7, 0.9, -1.0])
    ramp = size * np.linspace(0.0, 1.0, 60)
    assert classify(NORMAL_Z, np.append(USUAL, size), 0.0, 1.0) == "spike"
    assert classify(NORMAL_Z, np.append(USUAL, np.full(6, size)), 0.0, 1.0) == "level_shift"
    assert classify(np.array([0.0, 0.0, 9.0]), np.append(USUAL, swings), 0.0, 1.0) == "noise"
    assert classify(NORMAL_Z, ramp + 0.2 * USUAL, 0.0, 1.0) == "drift"
    assert classify(NORMAL_Z, 10 * ramp + 5 * size + 0.1 * USUAL, 0.0, 1.0) == "drift"


def test_small_lasting_deviations_are_no_spikes() -> None:
    """What was found because it lasts is a shift or a drift, although no value alone is odd."""
    shift = np.concatenate([0.2 * USUAL[:32], 2.0 + 0.2 * USUAL[:28]])
    assert classify(NORMAL_Z, shift, 0.0, 1.0, lasting=True) == "level_shift"
    assert classify(NORMAL_Z, np.linspace(0, 2.5, 60), 0.0, 1.0, lasting=True) == "drift"


def test_names_settle() -> None:
    """An incident may get a better name early, not the name of its own end, and never one for a sure kind."""
    assert becomes("spike", "level_shift", 4)
    assert becomes("correlation", "drift", 50)
    assert becomes("level_shift", "noise", 10)
    assert not becomes("level_shift", "noise", 25)
    assert not becomes("noise", "spike", 11)
    assert not becomes("silence", "spike", 2)


def test_broken_correlation_is_a_disagreement() -> None:
    """Two metrics that follow a third agree; one that strays disagrees most, and what it should be is predicted."""
    rng = np.random.default_rng(1)
    load = rng.normal(size=(500, 1))
    z = load + 0.1 * rng.normal(size=(500, 3))
    coherence = fit_coherence(z, np.arange(500))
    usual = [coherence.disagreement(row, 0.0) for row in z]
    stray = np.array([1.0, 1.0, -0.5])
    assert coherence.disagreement(stray, 0.0) > 2.5 * np.quantile(usual, 0.99)
    assert int(np.argmax(coherence.disagreements(stray, 0.0))) == 2
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
