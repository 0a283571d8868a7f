"""Fits models in a process of its own and writes them in a thread of its own, so that no reading waits for either."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING

from detector.models.fit import run_fit
from detector.refits.fit_process import end, fit_pool, import_all
from runtime.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future, ProcessPoolExecutor

    from detector.models.fit import FitJob, FittedModel

_log = get_logger("detector.refits.fitting")


def _as_it_is(model: FittedModel) -> FittedModel:
    return model


class FitWorker:
    """One worker process; at most one fit a device is on its way.

    Attributes:
        keep: writes a model that was fitted, and returns it as it is to be used; called in a thread of its own.
    """

    def __init__(self) -> None:
        self.keep: Callable[[FittedModel], FittedModel] = _as_it_is
        self._pool: ProcessPoolExecutor | None = None
        self._writer: ThreadPoolExecutor | None = None
        self._fits: dict[str, Future[FittedModel]] = {}
        self._kept: dict[str, Future[FittedModel]] = {}

    def start(self) -> None:
        """Start the process; it imports what it needs while the first readings come in."""
        self._writer = ThreadPoolExecutor(1, "models")
        self._pool = fit_pool()
        self._pool.submit(import_all)

    def stop(self) -> None:
        """Give up what was not begun; a device whose fit is lost asks again after the restart."""
        if self._pool is not None:
            end(self._pool)
            self._pool = None
        if self._writer is not None:
            self._writer.shutdown(cancel_futures=True)
            self._writer = None
        self._fits.clear()
        self._kept.clear()

    def submit(self, device: str, job: FitJob) -> None:
        """Begin a device's fit, unless it was begun before."""
        if self._writer is not None and device not in self._kept:
            fit = self._fits[device] = self._begin(job)
            self._kept[device] = self._writer.submit(self._kept_when_fitted, fit)

    def forget(self, device: str) -> None:
        """Let a device's fit come to nothing, whether it was begun or not."""
        for futures in (self._fits, self._kept):
            future = futures.pop(device, None)
            if future is not None:
                future.cancel()

    def finished(self) -> list[tuple[str, FittedModel | Exception]]:
        """Take the models that are fitted and written, or what stopped them."""
        done = [(device, future) for device, future in self._kept.items() if future.done()]
        for device, _ in done:
            del self._kept[device]
            self._fits.pop(device, None)
        return [(device, _result(future)) for device, future in done]

    def _begin(self, job: FitJob) -> Future[FittedModel]:
        pool = self._pool
        if pool is None:
            raise RuntimeError("a fit for a worker that was not started")
        try:
            return pool.submit(run_fit, job)
        except BrokenProcessPool:
            _log.error("the fitting process died; starting another")
            pool.shutdown(wait=False, cancel_futures=True)
            self._pool = fit_pool()
            return self._pool.submit(run_fit, job)

    def _kept_when_fitted(self, fit: Future[FittedModel]) -> FittedModel:
        # Fits end in the order in which they were begun: there is one process.
        return self.keep(fit.result())


def _result(future: Future[FittedModel]) -> FittedModel | Exception:
    error = future.exception()
    if error is None:
        return future.result()
    return error if isinstance(error, Exception) else RuntimeError(repr(error))
