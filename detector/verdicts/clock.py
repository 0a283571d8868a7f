"""Whether a device's clock is right: its readings' times beside the times at which they arrive.

A time in the future is wrong at once. A time in the past may be that of a reading that waited: only readings that keep
coming at the device's own pace, all behind by the same, show a clock that is wrong. Such a clock is told once; from
then on its readings are taken at the time that it should have shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from detector.rows.stream import ARRIVAL, EVENT
from detector.verdicts.findings import ruled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detector.configuration.config import DetectionConfig
    from detector.rows.stream import Stream
    from detector.verdicts.findings import Finding

_PROOF = 5  # readings that are wrong by the same
_BEHIND = 10.0  # tolerances ahead are one tolerance behind: readings wait, but never come from the future
_PACE = 0.5  # of the usual interval: what comes faster has waited somewhere


class ClockWatch:
    """Follows how far a device's clock is off.

    Attributes:
        offset: seconds by which the device's clock is known to be ahead; 0 for a right one.
        reported: who read the messages found the clock wrong, and put the times right; told with the next reading.
    """

    __slots__ = ("_arrived", "_candidate", "_count", "offset", "reported")

    def __init__(self, offset: float = 0.0, candidate: float = 0.0, count: int = 0, arrived: float = 0.0) -> None:
        self.reported = False
        self.offset = offset
        self._candidate = candidate
        self._count = count
        self._arrived = arrived

    def take(
        self, measured: float, arrived: float, stream: Stream, config: DetectionConfig
    ) -> tuple[float, Finding | None]:
        """Return the event time (epoch s) of a reading with these times (epoch s), and what is wrong with its clock."""
        tolerance = config.clock_tolerance
        skew = measured - arrived
        if -_BEHIND * tolerance <= skew <= tolerance:
            self.offset, self._count = 0.0, 0
            self._arrived = arrived
            return measured, None
        finding = self._suspect(skew, arrived, stream, tolerance) if abs(skew - self.offset) > tolerance else None
        self._arrived = arrived
        if abs(skew - self.offset) <= tolerance:
            return measured - self.offset, finding
        return min(measured, arrived), finding

    def told(self) -> Finding | None:
        """Take the finding that was reported from outside."""
        reported, self.reported = self.reported, False
        return ruled("clock") if reported else None

    def state(self) -> tuple[float, float, int, float, bool]:
        """Return what `restored` needs."""
        return (self.offset, self._candidate, self._count, self._arrived, self.reported)

    @classmethod
    def restored(cls, state: Sequence[float]) -> ClockWatch:
        """Rebuild from `state`."""
        offset, candidate, count, arrived, *reported = state
        watch = cls(offset, candidate, int(count), arrived)
        watch.reported = any(reported)
        return watch

    def _suspect(self, skew: float, arrived: float, stream: Stream, tolerance: float) -> Finding | None:
        """Count readings that are wrong by the same; believe in the new offset once there are enough."""
        # By its own times too: of a device that came with a backlog, the usual arrivals are those of what had waited.
        pace = max(stream.interval(ARRIVAL), stream.interval(EVENT))
        waited = skew < 0.0 and arrived - self._arrived < _PACE * pace
        if waited or abs(skew - self._candidate) > tolerance:
            self._candidate, self._count = skew, 0
        self._count += not waited
        proved = self._count >= _PROOF
        if proved:
            self.offset, self._count = self._candidate, 0
        return ruled("clock") if proved or skew > 0.0 else None
