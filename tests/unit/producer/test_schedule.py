from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.schedule import Schedule

NOON = 1_800_000_000.0


def schedule(speed: float = 1.0) -> Schedule:
    return Schedule(NOON, speed, steady=100.0, wall=NOON)


def test_due_times_count_from_one_anchor() -> None:
    """A reading is due as long after the start as its time says, however late the one before was."""
    plan = schedule()
    assert plan.wait(NOON + 10, 100) == 10
    assert plan.wait(NOON + 10, 109.5) == pytest.approx(0.5)
    assert plan.wait(NOON + 10, 112) == 0
    assert plan.wait(NOON + 20, 112) == 8


@pytest.mark.parametrize(("speed", "wait"), [(2.0, 30.0), (60.0, 1.0), (0.5, 120.0), (math.inf, 0.0)])
def test_speed(speed: float, wait: float) -> None:
    """N times faster waits an N-th; infinitely fast waits never."""
    assert schedule(speed).wait(NOON + 60, 100) == pytest.approx(wait)


def test_a_short_delay_is_caught_up() -> None:
    """Up to half a minute is caught up, and leaves the times alone."""
    plan = schedule()
    assert plan.wait(NOON + 1, 125) == 0
    assert plan.wait(NOON + 30, 125) == 5
    assert plan.shift == 0


def test_a_long_delay_pauses_the_readings_world() -> None:
    """After more than half a minute the schedule goes on from now, and live readings carry the time of sending."""
    plan = schedule()
    assert plan.wait(NOON + 1, 161) == 0
    assert plan.shift == 60
    assert plan.wait(NOON + 3, 161) == 2


def test_a_step_of_the_clock_shifts_the_times_not_the_pace() -> None:
    """Setting the computer's clock moves the readings' times with it; waits stay as they are."""
    plan = schedule()
    assert plan.follow(steady=110, wall=NOON + 10.2) == 0
    assert plan.follow(steady=120, wall=NOON + 20 - 3600) == -3600
    assert plan.follow(steady=121, wall=NOON + 21 - 3600) == 0
    assert plan.shift == -3600
    assert plan.wait(NOON + 25, 121) == 4


@given(st.lists(st.floats(0, 100), min_size=1, max_size=50), st.floats(0.1, 100))
def test_no_drift(gaps: list[float], speed: float) -> None:
    """However many readings are sent, the last is due at its own time, to the microsecond."""
    plan = schedule(speed)
    time, steady = NOON, 100.0
    for gap in gaps:
        time += gap
        steady += plan.wait(time, steady)
    assert steady == pytest.approx(100 + (time - NOON) / speed, abs=1e-5)
