"""Duty cycles: when a machine runs, and how far each metric has followed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from producer.simulator.autoregression import Floats
    from producer.simulator.profiles import Duty


class DutyCycle:
    """The running and off periods of one machine, drawn in advance as far as asked for.

    Args:
        duty: ranges of the periods.
        ramps_s: (metrics,) time constants with which the metrics follow a switch.
        random: the stream that draws the periods; the first one is a running period.
    """

    def __init__(self, duty: Duty, ramps_s: Floats, random: np.random.Generator) -> None:
        self._duty = duty
        self._ramps = ramps_s
        self._random = random
        self._switches = [0.0]
        self._levels = [np.ones_like(ramps_s)]
        self._running = [True]
        self._end = random.uniform(*duty.on_s)

    def level(self, times: Floats) -> Floats:
        """How far each metric is from its off value (0) towards its running value (1).

        Args:
            times: (rows,) seconds since the start, rising; must not go back from call to call.

        Returns:
            (rows, metrics), each in [0, 1].
        """
        self._extend(float(times[-1]))
        switches = np.asarray(self._switches)
        period = np.searchsorted(switches, times, side="right") - 1
        target = np.asarray(self._running, dtype=float)[period, None]
        decay = np.exp(-(times - switches[period])[:, None] / self._ramps)
        level: Floats = target + (np.asarray(self._levels)[period] - target) * decay
        self._forget(int(period[-1]))
        return level

    def _extend(self, until: float) -> None:
        while self._end <= until:
            running, lasted = self._running[-1], self._end - self._switches[-1]
            decay = np.exp(-lasted / self._ramps)
            self._levels.append(float(running) + (self._levels[-1] - float(running)) * decay)
            self._switches.append(self._end)
            self._running.append(not running)
            self._end += self._random.uniform(*(self._duty.off_s if running else self._duty.on_s))

    def _forget(self, period: int) -> None:
        del self._switches[:period], self._levels[:period], self._running[:period]
