"""Whether the machine is in the off state that its model has seen, has just left it, or may be on its way there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from detector.models.off_state import off_state_of
from detector.rows.features import WINDOW

if TYPE_CHECKING:
    from detector.models.off_state import OffState
    from detector.models.scorer import Scorer
    from detector.rows.features import Floats
    from detector.rows.stream import Stream

Idle = Literal["off", "switching"]

_FALLS = 0.95  # of its level: a value so much lower than before is falling still
_RISES = 2.0  # times its usual move from row to row: less is noise
_LEAST_FALLING = 2  # metrics, as many as it takes to tell the off state
_SETTLES = 2 * WINDOW  # rows: the first ones after a switch are left out of the fit, and features need as many again


class Idling:
    """Follows the switching of one machine.

    A value lower than the running machine has it may be the first of a switch: it is judged only when the machine is
    not off after as many rows as a switch takes.

    Args:
        settling: rows until the rolling features have forgotten the off state.
        nearing: rows for which the machine may have been on its way to it.
        starting: rows that it may take to run again.
        level: the lowest level of the rows for which it may have been on its way.
    """

    __slots__ = ("_level", "_nearing", "_off", "_settling", "_starting")

    def __init__(self, settling: int = 0, nearing: int = 0, starting: int = 0, level: float = 1.0) -> None:
        self._off: OffState | None = None
        self._settling = settling
        self._nearing = nearing
        self._starting = starting
        self._level = level

    def follow(self, scorer: Scorer) -> None:
        """Take the off state from a model's reference."""
        several = len(scorer.columns) > 1
        self._off = off_state_of(scorer.ranges.rows(), scorer.model.positions) if several else None

    def look_back(self, rows: Floats) -> None:
        """Take rows (n, M), oldest first, that came before the off state was known: it may be in the features still."""
        if self._off is None or self._settling or self._nearing:
            return
        for values in rows:
            self._step(self._off, values)

    def take(self, stream: Stream, scorer: Scorer) -> Idle | None:
        """Take the newest row; return what the machine does, None where it runs."""
        if self._off is None:
            return None
        settled = not self._settling
        idle = self._step(self._off, stream.features.features[0, scorer.columns])
        if settled and self._settling:
            scorer.pause()
        return idle

    def may_begin(self, rows: Floats, *, incoherent: bool) -> bool:
        """Tell whether the newest of rows (n, M), oldest first, may have been read while the machine was switched off.

        Metrics that tell the off state have fallen together then, by more than they usually move, and none has risen
        clearly; they may still be as large as ever. The first one to fall is alone: it disagrees with the others.
        """
        if self._off is None or len(rows) <= _LEAST_FALLING:
            return False
        steps = np.diff(np.abs(rows[:, self._off.columns]), axis=0)
        moves = np.abs(np.nan_to_num(steps[:-1])).sum(axis=0) / np.maximum(np.isfinite(steps[:-1]).sum(axis=0), 1)
        falling, rising = np.count_nonzero(steps[-1] < -moves), np.count_nonzero(steps[-1] > _RISES * moves)
        return bool(falling >= (1 if incoherent else _LEAST_FALLING) and not rising)

    def _step(self, off: OffState, values: Floats) -> Idle | None:
        """Go on by the values (M,) of one row."""
        if off.holds(values):
            self._settling, self._nearing, self._starting = _SETTLES, 0, off.longest
            self._level = 1.0
            return "off"
        if self._settling:
            self._starting -= 1
            starts = self._starting > 0 and not off.runs(values)
            self._settling = _SETTLES if starts else self._settling - 1
            return "off"
        level = off.level(values)
        falls = level < _FALLS * self._level
        self._nearing = 0 if level >= 1.0 else 1 if falls else self._nearing + 1
        self._level = 1.0 if level >= 1.0 else min(level, self._level)
        return "switching" if 0 < self._nearing <= off.longest else None

    def state(self) -> tuple[int, int, int, float]:
        """Return what the constructor needs to rebuild it."""
        return self._settling, self._nearing, self._starting, self._level
