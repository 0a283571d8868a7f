"""Pacing: how far the published readings may run ahead of what the detector has taken in."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from contracts.service import ServiceStatus

LIVE: Final = "live"  # the detector's position for readings without a run
MAX_AHEAD: Final = 20_000
_PATIENCE_S = 10.0


class Pacer:
    """Counts readings sent against the positions that detectors publish.

    A run's position is exact. The live position counts other publishers' readings too, so there only its growth counts,
    from the first status on, and it never takes the lead. A killed broker may have lost readings for good: when a
    detector that is there and speaks makes no progress for `patience` seconds, what is missing is given up. Readings of
    a run that the detector could not use are no longer on the way: they are counted in `unusable`, by its reasons.

    Args:
        run: name of the run, None for live readings.
        limit: readings that may be on the way at most.
        sent: readings of the run that were sent before.
        patience: seconds.
    """

    def __init__(
        self, run: str | None, limit: int = MAX_AHEAD, *, sent: int = 0, patience: float = _PATIENCE_S
    ) -> None:
        self.key = run or LIVE
        self._live = run is None
        self._limit = limit
        self._patience = patience
        self._sent = sent
        self._positions: dict[str, int] = {}
        self._online: set[str] = set()
        self._origin: int | None = None if self._live else 0
        self._moved_at = 0.0
        self.given_up = 0
        self.unusable: Counter[str] = Counter()
        self._refused = 0

    @property
    def detector_online(self) -> bool:
        """Whether at least one detector says that it is there."""
        return bool(self._online)

    @property
    def taken(self) -> int:
        """Readings that the detectors have taken in, as far as they have said."""
        return sum(self._positions.values())

    @property
    def ahead(self) -> int:
        """Readings sent that no detector has taken in yet."""
        if self._origin is None:
            return 0
        return max(0, self._sent - (self.taken - self._origin) - self._refused - self.given_up)

    @property
    def allowance(self) -> int:
        """Readings that may be sent now: live ones go on without a detector, a run waits for one."""
        if not self._online:
            return self._limit if self._live else 0
        return max(0, self._limit - self.ahead)

    def sent(self, count: int = 1) -> None:
        """Note readings that were sent."""
        self._sent += count

    def observe(self, status: ServiceStatus, now: float) -> None:
        """Take a detector's status.

        Args:
            status: of any service; others than detectors are ignored.
            now: seconds of a steady clock.
        """
        if status.service != "detector":
            return
        before = self.taken
        if status.position is not None:
            self._positions[status.instance] = status.position.get(self.key, 0)
        if status.state == "offline":
            self._online.discard(status.instance)
        elif status.instance not in self._online:
            self._online.add(status.instance)
            self._moved_at = now
        self._judge(before, now)

    def refuse(self, reason: str, now: float) -> None:
        """Note that the detector could not use a reading of the run.

        Args:
            reason: the detector's word for it.
            now: seconds of a steady clock.
        """
        if not self.ahead and not self.given_up:
            return  # its dead letter was delivered twice
        if not self.ahead:
            self.given_up -= 1
        self._refused += 1
        self.unusable[reason] += 1
        self._moved_at = now

    def _judge(self, before: int, now: float) -> None:
        taken = self.taken
        if self._live and (self._origin is None or taken < before or self._sent < taken - self._origin + self.given_up):
            self._rebase(taken)
        missing = self._sent - self._refused - taken + (self._origin or 0)
        self.given_up = max(0, min(self.given_up, missing))  # some came after all
        if taken != before or not self.ahead:
            self._moved_at = now
        elif self._online and now - self._moved_at >= self._patience:
            self.given_up += self.ahead
            self._moved_at = now

    def _rebase(self, taken: int) -> None:
        """Start counting anew with nothing on the way: others' readings moved the position, or it began again."""
        self._origin, self._sent, self.given_up = taken, 0, 0
