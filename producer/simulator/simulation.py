"""Simulation: a scenario that runs in time, live or faster."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from producer.schedule import Schedule
from producer.simulator.simulator import simulate, simulate_live

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.reading import Reading, Truth
    from producer.simulator.scenario import Scenario

Pair = tuple["Reading", "Truth | None"]


class Simulation:
    """Readings with the moment at which each is due.

    Args:
        scenario: what to simulate.
        seed: of everything drawn.
        pace: seconds of simulated time per second; infinite for no waiting.
        run: name of the run; None for live readings, which carry the time of sending.
        duration: seconds of simulated time; None for no end.
    """

    def __init__(
        self, scenario: Scenario, seed: int, *, pace: float = 1.0, run: str | None = None, duration: float | None = None
    ) -> None:
        self._scenario = scenario
        self._seed = seed
        self._pace = pace
        self._run = run
        self._duration = duration
        self._stream: Iterator[Pair] = iter(())
        self._next: Pair | None = None
        self._schedule: Schedule | None = None

    def start(self, wall: float, steady: float) -> None:
        """Let simulated time begin now (epoch seconds and seconds of a steady clock)."""
        start = datetime.fromtimestamp(wall, UTC)
        if self._run is None:
            self._stream = simulate_live(self._scenario, self._seed, start, self._duration)
        else:
            self._stream = simulate(self._scenario, self._seed, start, self._duration, self._run)
        self._schedule = Schedule(start.timestamp(), self._pace, steady=steady, wall=wall)
        self._next = next(self._stream, None)

    @property
    def started(self) -> bool:
        """Whether simulated time has begun."""
        return self._schedule is not None

    @property
    def exhausted(self) -> bool:
        """Whether the last reading was taken."""
        return self.started and self._next is None

    def wait(self, steady: float) -> float:
        """Seconds until the next reading is due; 0 if it is due now or there is none."""
        if self._next is None or self._schedule is None:
            return 0.0
        return self._schedule.wait(self._next[0].measured_at.timestamp(), steady)

    def take(self) -> Pair:
        """The next reading and its truth.

        Raises:
            StopIteration: there is none.
        """
        if self._next is None:
            raise StopIteration
        pair, self._next = self._next, next(self._stream, None)
        shift = self._schedule.shift if self._schedule and self._run is None else 0.0
        return pair if not shift else _shifted(pair, timedelta(seconds=shift))

    def follow_clock(self, wall: float, steady: float) -> float:
        """Take over a step of the wall clock; return it in seconds."""
        return self._schedule.follow(steady=steady, wall=wall) if self._schedule else 0.0


def _shifted(pair: Pair, shift: timedelta) -> Pair:
    reading, truth = pair
    moved = msgspec.structs.replace(reading, measured_at=reading.measured_at + shift)
    if truth is None or truth.start is None or truth.end is None:
        return moved, truth
    return moved, msgspec.structs.replace(
        truth, measured_at=truth.measured_at + shift, start=truth.start + shift, end=truth.end + shift
    )
