"""Readings in: each one scored once, its anomaly owed; those of a recording wait where it runs ahead of its model."""

from __future__ import annotations

from collections import Counter, OrderedDict
from typing import TYPE_CHECKING

from runtime.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from contracts.reading import Reading
    from detector.device.outcome import Outcome
    from detector.device.tracked import Tracked
    from detector.fleet.fleet import Fleet
    from detector.messages.desks import Desks
    from detector.messages.outgoing import Outgoing
    from detector.refits.refits import Finished
    from detector.store.state import StateFile
    from runtime.bus import Message

REMEMBERED_IDS = 100_000
LIVE = "live"
_MOST_HELD = 50_000  # readings: beyond, no recording waits any more
_HELD_A_TURN = 100
_log = get_logger("detector.messages.scoring")


class Scoring:
    """Works inside the caller's transaction.

    Attributes:
        counters: totals since the start, by what became of the messages.
        progress: readings scored by run, until somebody clears it.
        touched: devices that something has happened to, until somebody clears it.
    """

    def __init__(self, state: StateFile, fleet: Fleet, outgoing: Outgoing, desks: Desks) -> None:
        self._state = state
        self._fleet = fleet
        self._outgoing = outgoing
        self._desks = desks
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._to_resume: set[str] = set()
        self.counters: Counter[str] = Counter()
        self.progress: Counter[str] = Counter()
        self.touched: dict[str, Tracked] = {}

    def resume(self) -> None:
        """Know readings again that were taken in before a restart, and that recordings may have waited for a fit."""
        self._seen.update(dict.fromkeys(self._state.readings.newest_ids(REMEMBERED_IDS)))
        self._to_resume = {tracked.name for tracked in self._fleet if tracked.detector.recorded}

    def accept(self, reading: Reading, name: str, message: Message) -> None:
        """Score a reading, unless one of this name was taken in; `message` is as it would have come on our own topic.

        Raises:
            TooManyDevicesError: it is of one device too many.
        """
        tracked = self._fleet.device(reading.device)
        if name in self._seen:
            self.counters["duplicates"] += 1
            return
        self._seen[name] = None
        if len(self._seen) > REMEMBERED_IDS:
            self._seen.popitem(last=False)
        if self._must_wait(tracked):
            self._fleet.hold(tracked, reading, name, message.received_at, message.payload)
            return
        outcome = self._fleet.process(tracked, reading, name, message.received_at, message.payload)
        self._conclude(tracked, reading, outcome, message.received_at)

    def raise_anomaly(self, outcome: Outcome, now: float) -> None:
        """Owe the anomaly of an outcome, if it has one."""
        if outcome.anomaly is not None:
            self.counters["anomalies"] += 1
            self._state.incidents.note(outcome.anomaly, now)
            self._outgoing.owe(self._state.outbox, outcome.anomaly, now)

    def look_at_fits(self) -> None:
        """Give devices the models that are ready, answer who asked for them, and score some of what waited for them."""
        self._over(self._desks.refits.finished())
        left = _HELD_A_TURN
        for tracked in self._fleet.holding():
            while left and tracked.held and not self._awaits(tracked):
                left -= 1
                reading, received_at, outcome = self._fleet.process_held(tracked)
                self._conclude(tracked, reading, outcome, received_at)

    def _must_wait(self, tracked: Tracked) -> bool:
        return bool(tracked.held) or self._awaits(tracked)

    def _awaits(self, tracked: Tracked) -> bool:
        if tracked.name in self._to_resume:
            self._to_resume.discard(tracked.name)
            self._over(self._desks.refits.look(tracked, wait=True))
        return self._desks.refits.awaited(tracked) and self._fleet.held < _MOST_HELD

    def _conclude(self, tracked: Tracked, reading: Reading, outcome: Outcome, received_at: datetime) -> None:
        self.counters["readings"] += 1
        self.counters["late"] += outcome.late
        self.progress[reading.run or LIVE] += 1
        self.touched[tracked.name] = tracked
        self.raise_anomaly(outcome, received_at.timestamp())
        self._over(self._desks.refits.look(tracked, wait=reading.clock == "replay"))

    def _over(self, fits: Iterable[Finished]) -> None:
        for fit in fits:
            self.touched[fit.tracked.name] = fit.tracked
            self.counters["fits" if fit.error is None else "fits_failed"] += 1
            if fit.error is not None:
                _log.error("a fit failed; it is tried again", device=fit.tracked.name, error=str(fit.error))
            self._desks.orders.over(fit)
