"""Schedule: when each reading of a simulation or recording is due."""

from __future__ import annotations

import math

_LONGEST_LAG_S = 30.0
_CLOCK_STEP_S = 0.5


class Schedule:
    """Maps the readings' own time to a steady clock, without drift: every due time counts from one anchor.

    A schedule that was held up catches up, but not with more than half a minute: then the readings' world has paused.
    `shift` is what live readings add to their times, so that they carry the time at which they are sent, also after
    such a pause, after a computer's sleep, or after its clock was set.

    Args:
        start: the readings' time at which the schedule starts, epoch seconds.
        speed: seconds of the readings' time per second; infinite for no waiting at all.
        steady: the steady clock now, seconds.
        wall: the wall clock now, epoch seconds.
    """

    def __init__(self, start: float, speed: float, *, steady: float, wall: float) -> None:
        self._start = start
        self._speed = speed
        self._anchor = steady
        self._offset = wall - steady
        self.shift = 0.0

    def wait(self, measured_at: float, steady: float) -> float:
        """Seconds until a reading is due; 0 if it is due now.

        Args:
            measured_at: the reading's time, epoch seconds.
            steady: the steady clock now, seconds.
        """
        if math.isinf(self._speed):
            return 0.0
        wait = self._anchor + (measured_at - self._start) / self._speed - steady
        if wait < -_LONGEST_LAG_S:
            self._anchor -= wait
            self.shift -= wait
        return max(0.0, wait)

    def follow(self, *, steady: float, wall: float) -> float:
        """Take over a step of the wall clock; return it in seconds, 0 for none."""
        step = wall - steady - self._offset
        if abs(step) < _CLOCK_STEP_S:
            return 0.0
        self._offset += step
        self.shift += step
        return step
