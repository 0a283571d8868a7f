"""Fits models in a process of its own, so that no reading waits for a fit."""

from __future__ import annotations

import time
from concurrent.futures import wait
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING

from detector.models.fit import run_fit
from detector.refits.fit_process import end, fit_pool, import_all
from runtime.logs import get_logger

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

    from detector.models.fit import FitJob, FittedModel

_LOOK_S = 0.2
_log = get_logger("detector.refits.fitting")


class FitWorker:
    """One worker process; at most one fit a device is on its way."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._running: dict[str, Future[FittedModel]] = {}
        self._hurry = False

    def start(self) -> None:
        """Start the process; it imports what it needs while the first readings come in."""
        self._pool = fit_pool()
        self._pool.submit(import_all)

    def stop(self) -> None:
        """Give up what was not begun; a device whose fit is lost asks again after the restart."""
        if self._pool is not None:
            end(self._pool)
            self._pool = None
        self._running.clear()

    def submit(self, device: str, job: FitJob) -> None:
        """Begin a device's fit, unless it was begun before."""
        if self._pool is not None and device not in self._running:
            self._running[device] = self._pool.submit(run_fit, job)

    def wait_for(self, device: str, seconds: float) -> None:
        """Wait until a device's fit is done, but no longer than this; for recordings, which wait for their model."""
        future, give_up = self._running.get(device), time.monotonic() + seconds
        while future is not None and not future.done() and not self._hurry and time.monotonic() < give_up:
            wait([future], _LOOK_S)

    def hurry(self) -> None:
        """Let nobody wait any more."""
        self._hurry = True

    def forget(self, device: str) -> None:
        """Let a device's fit come to nothing, whether it was begun or not."""
        future = self._running.pop(device, None)
        if future is not None:
            future.cancel()

    def finished(self) -> list[tuple[str, FittedModel | Exception]]:
        """Take the fits that are done, or what stopped them."""
        done = [(device, future) for device, future in self._running.items() if future.done()]
        for device, _ in done:
            del self._running[device]
        results: list[tuple[str, FittedModel | Exception]] = []
        for device, future in done:
            error = future.exception()
            if isinstance(error, BrokenProcessPool):
                self._restart()
            results.append((device, future.result() if error is None else _as_exception(error)))
        return results

    def waiting(self) -> int:
        """Count the fits on their way."""
        return len(self._running)

    def _restart(self) -> None:
        _log.error("the fitting process died; starting another")
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = fit_pool()


def _as_exception(error: BaseException) -> Exception:
    return error if isinstance(error, Exception) else RuntimeError(repr(error))
