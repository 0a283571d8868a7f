"""Which device gets a new model, when, and why: as it learns, by interval, or because somebody ordered it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from detector.device.tracked import Tracked
    from detector.fleet.fleet import Fleet
    from detector.models.fit import FitJob
    from detector.refits.fitting import FitWorker
    from detector.stock.model_stock import ModelStock

_READINGS_UNTIL_NEXT_FIT = 200  # after a fit that failed
_WAIT_S = 30.0  # that a recording waits for its model at most


@dataclass(frozen=True, slots=True)
class Finished:
    """A fit that is over: `error` says what stopped it; `order` is the id of the command that asked for it."""

    tracked: Tracked
    reason: str
    error: Exception | None = None
    order: str | None = None


@dataclass(frozen=True, slots=True)
class _Running:
    reason: str
    order: str | None = None


class Refits:
    """Sends fits to the worker and gives devices the models that come back.

    Args:
        fleet: the devices.
        stock: numbers the versions.
        worker: fits in a process of its own.
        every: seconds after which a device that is ready gets a new model; None for never.
    """

    def __init__(self, fleet: Fleet, stock: ModelStock, worker: FitWorker, every: float | None = None) -> None:
        self._fleet = fleet
        self._stock = stock
        self._worker = worker
        self._every = every
        self._running: dict[str, _Running] = {}
        self._again_at: dict[str, int] = {}
        self._awaited_until: dict[str, float] = {}

    def look(self, tracked: Tracked, *, wait: bool) -> list[Finished]:
        """Begin the fit that is due, if any; `wait` where a recording must not run ahead of its model (`awaited`)."""
        if tracked.fitting or tracked.pinned or tracked.readings < self._again_at.get(tracked.name, 0):
            return []
        job = tracked.detector.fit_job
        reason = "grown" if tracked.version else "first"
        if job is None and self._is_over(tracked):
            job, reason = tracked.detector.job_now(), "interval"
        if job is None or self._stock.must_wait(job):
            return []
        self._submit(tracked, job, _Running(reason))
        if not wait:
            return []
        self._awaited_until[tracked.name] = time.monotonic() + _WAIT_S
        return self.finished()

    def awaited(self, tracked: Tracked) -> bool:
        """Tell whether a device's next reading has to wait for its model."""
        if tracked.name not in self._awaited_until:
            return False
        if tracked.fitting and time.monotonic() < self._awaited_until[tracked.name]:
            return True
        del self._awaited_until[tracked.name]
        return False

    def order(self, tracked: Tracked, job: FitJob, order: str) -> bool:
        """Begin a fit that somebody ordered; tell whether it could be: not while another one is on its way."""
        if tracked.fitting:
            return False
        self._submit(tracked, job, _Running("ordered", order))
        return True

    def abandon(self, tracked: Tracked) -> str | None:
        """Let a fit that is on its way come to nothing; return the order that asked for it, if any."""
        running = self._running.pop(tracked.name, None)
        tracked.fitting = False
        self._worker.forget(tracked.name)
        self._stock.give_up(tracked.name)
        return None if running is None else running.order

    def finished(self) -> list[Finished]:
        """Give devices the models that are ready; return all fits that are over."""
        over = []
        for name, result in self._worker.finished():
            running = self._running.pop(name, _Running("first"))
            tracked = self._fleet[name]
            tracked.fitting = False
            if isinstance(result, Exception):
                self._stock.give_up(name)
                self._again_at[name] = tracked.readings + _READINGS_UNTIL_NEXT_FIT
                over.append(Finished(tracked, running.reason, result, running.order))
            else:
                self._fleet.models.adopt(tracked, result, running.reason)
                over.append(Finished(tracked, running.reason, None, running.order))
        return over

    def _submit(self, tracked: Tracked, job: FitJob, running: _Running) -> None:
        self._running[tracked.name] = running
        tracked.fitting = True
        self._worker.submit(tracked.name, self._stock.numbered(tracked, job, anew=running.order is not None))

    def _is_over(self, tracked: Tracked) -> bool:
        """Tell whether the interval since the last fit is over; an open incident puts it off."""
        if self._every is None or not tracked.fitted_at or tracked.detector.incident is not None:
            return False
        return time.time() - tracked.fitted_at >= self._every
