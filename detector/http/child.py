"""The HTTP face as a process beside the detector's loop: what it does there costs no reading time, nor can it fall."""

from __future__ import annotations

import multiprocessing
import time
from typing import TYPE_CHECKING

from runtime.logs import get_logger

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

    from detector.settings import DetectorSettings

_LOOP_FIRST_S = 2.0
_FIRST_WAIT_S = 1.0
_LONGEST_WAIT_S = 60.0
_GOOD_RUN_S = 60.0
_LAST_REQUESTS_S = 6.0
_log = get_logger("detector.http.child")


class HttpChild:
    """Starts the process, starts it again when it has died, ends it.

    Args:
        settings: of the detector; without ports nothing is started.
    """

    def __init__(self, settings: DetectorSettings) -> None:
        self._settings = settings
        self._process: BaseProcess | None = None
        self._started_at = 0.0
        self._again_at = 0.0
        self._wait = _FIRST_WAIT_S

    def start(self) -> None:
        """Let the process be started, if there is a port to serve: a little later, so that the loop comes first."""
        if self._settings.http_ports:
            self._again_at = time.monotonic() + _LOOP_FIRST_S

    def watch(self) -> None:
        """Start the process when it is time, and again when it has died, after a growing pause."""
        process, now = self._process, time.monotonic()
        if process is not None and not process.is_alive():
            self._process = None
            self._wait = _FIRST_WAIT_S if now - self._started_at > _GOOD_RUN_S else min(2 * self._wait, _LONGEST_WAIT_S)
            self._again_at = now + self._wait
            _log.error("the HTTP face ended; it is started again", exit_code=process.exitcode, seconds=self._wait)
        elif process is None and self._again_at and now >= self._again_at:
            self._again_at = 0.0
            self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        # no daemon: it has a process of its own for fits
        self._process = context.Process(target=_serve, args=(self._settings,), name="detector-http", daemon=False)
        self._process.start()
        self._started_at = time.monotonic()

    def stop(self) -> None:
        """End the process; may be called twice."""
        self._again_at = 0.0
        if self._process is not None:
            self._process.terminate()
            self._process.join(_LAST_REQUESTS_S)
            if self._process.is_alive():
                self._process.kill()
                self._process.join()
            self._process = None


def _serve(settings: DetectorSettings) -> None:
    from detector.http.server import serve_for_detector  # noqa: PLC0415 - the detector itself needs no web framework

    serve_for_detector(settings)
