from __future__ import annotations

import pytest

from producer.simulator.simulation import Simulation
from tests.unit.producer.plants import START, one_fault, plant, seconds

WALL = START.timestamp()
FAULTY = plant({"t": {"baseline": 1, "noise": 0.1}}, faults=one_fault("level_shift"))


def test_live_readings_carry_the_time_of_sending_after_a_pause() -> None:
    """After the computer has slept for an hour, readings and truths are an hour later than planned."""
    simulation = Simulation(FAULTY, 1)
    simulation.start(WALL, steady=0.0)
    assert simulation.follow_clock(WALL + 3600, steady=0.0) == 3600
    taken = [simulation.take() for _ in range(130)]
    assert 3600 <= seconds(taken[0][0].measured_at) < 3602
    truths = [truth for _, truth in taken if truth and truth.start and truth.end]
    assert len(truths) == 20
    for truth in truths:
        assert truth.start
        assert truth.end
        assert 3700 <= seconds(truth.start) <= seconds(truth.measured_at) < seconds(truth.end)


def test_a_run_keeps_its_times() -> None:
    """The times of a run belong to the run, whatever the clock does."""
    simulation = Simulation(FAULTY, 1, pace=60.0, run="r", duration=5.0)
    simulation.start(WALL, steady=0.0)
    simulation.follow_clock(WALL + 3600, steady=0.0)
    times = []
    while not simulation.exhausted:
        times.append(seconds(simulation.take()[0].measured_at))
    assert len(times) == 5
    assert times[-1] < 5
    with pytest.raises(StopIteration):
        simulation.take()


def test_nothing_is_due_before_the_start() -> None:
    """A simulation that has not begun has nothing to send and no clock to follow."""
    simulation = Simulation(FAULTY, 1)
    assert (simulation.started, simulation.exhausted, simulation.wait(0.0)) == (False, False, 0.0)
    assert simulation.follow_clock(WALL, 0.0) == 0.0
