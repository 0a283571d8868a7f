"""Fits for the HTTP face, in a process of its own, so that no request waits for another one's fit."""

from __future__ import annotations

import asyncio
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, TypeVar

from detector.http.errors import RequestError
from detector.models.fit import FitError
from detector.refits.fit_process import end, fit_pool
from runtime.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import ProcessPoolExecutor

_Asked = TypeVar("_Asked")
_Fitted = TypeVar("_Fitted")
_MOST_WAITING = 32
_log = get_logger("detector.http.fits")


class Fits:
    """One worker process, started by the first fit; fits wait their turn, a bounded number of them."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._waiting = 0

    def stop(self) -> None:
        """Give up what is not done."""
        if self._pool is not None:
            end(self._pool)
            self._pool = None

    async def run(self, fit: Callable[[_Asked], _Fitted], asked: _Asked) -> _Fitted:
        """Run a fit in the process; `fit` and `asked` must be picklable.

        Raises:
            RequestError: too many fits are waiting, or the process died of this one.
            FitError: the rows do not make a model, whatever stopped it.
        """
        if self._waiting >= _MOST_WAITING:
            raise RequestError(503, f"{self._waiting} fits are waiting: try again later")
        if self._pool is None:
            self._pool = fit_pool()
        pool = self._pool
        self._waiting += 1
        try:
            return await asyncio.wrap_future(pool.submit(fit, asked))
        except BrokenProcessPool as error:
            self._replace(pool)
            raise RequestError(503, "the fitting process died: try again") from error
        except (FitError, asyncio.CancelledError):
            raise
        except Exception as error:  # an algorithm of another package can raise anything
            _log.exception("a fit failed")
            raise FitError(f"{type(error).__name__}: {str(error)[:200]}") from error
        finally:
            self._waiting -= 1

    def _replace(self, broken: ProcessPoolExecutor) -> None:
        if self._pool is broken:
            _log.error("the fitting process died; the next fit starts another")
            broken.shutdown(wait=False, cancel_futures=True)
            self._pool = None


def as_request_error(error: FitError) -> RequestError:
    """Tell a client why its rows make no model."""
    return RequestError(400, f"no model can be fitted on these rows: {error}")
