"""How a service starts, turns and stops: one path for every signal."""

from __future__ import annotations

import argparse
import gc
import signal
import sys
import threading
import time
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, TypeVar

from prometheus_client import CollectorRegistry, Gauge

from runtime.garbage import GarbageRounds
from runtime.health import Health, HealthPage, check
from runtime.logs import configure_logs, get_logger
from runtime.settings import ServiceSettings, SettingsError, describe_settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_S = TypeVar("_S", bound=ServiceSettings)
_LONGEST_TURN_S = 60.0
# The network's thread gives up the interpreter at every read and write, and gets it back only after this long while the
# loop computes; with Python's own 5 ms an anomaly waits for that several times on its way.
_SWITCH_S = 0.0005
_log = get_logger("runtime.lifecycle")


class Service(ABC):
    """One stage of the pipeline. `start` and `stop` are symmetrical; `step` is one turn of its loop.

    Attributes:
        name: the stage, such as `detector`.
        registry: its metrics.
    """

    name: str
    registry: CollectorRegistry

    @abstractmethod
    def start(self) -> None:
        """Open what the service needs."""

    @abstractmethod
    def step(self) -> None:
        """Do what there is to do; wait at most 0.2 s when there is nothing."""

    @abstractmethod
    def stop(self) -> None:
        """Finish what was begun and close everything; may be called twice."""

    @abstractmethod
    def health(self) -> Health:
        """Tell whether it can do its work; called from another thread."""

    def finished(self) -> bool:
        """Tell whether the work is done, for a service that has an end."""
        return False


def run_service(service: Service, settings: ServiceSettings) -> int:
    """Run a service until SIGTERM or SIGINT; return the exit code."""
    stop = threading.Event()

    def end(*_: object) -> None:
        stop.set()

    previous = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    beat, garbage = _Beat(), GarbageRounds()
    page = HealthPage(
        settings.health_host, settings.health_port, lambda: beat.judged(service.health()), service.registry
    )
    up = Gauge("tocsin_up", "1 while the service's loop turns", ["service"], registry=service.registry)
    up.labels(service.name).set_function(lambda: float(beat.is_fresh()))
    started = False
    try:
        if settings.health_port:
            page.start()
        _start(service)
        garbage.start()
        started = True
        _log.info("started", service=service.name)
        while not stop.is_set() and not service.finished():
            service.step()
            garbage.turn()
            beat.turn()
    except Exception as error:  # noqa: BLE001 - the last line of defence: it logs and ends the process
        _tell(error, service.name, started=started)
        return 1
    else:
        return 0
    finally:
        service.stop()
        garbage.stop()
        page.stop()
        _log.info("stopped", service=service.name)
        for number, handler in previous.items():
            signal.signal(number, handler)


def _start(service: Service) -> None:
    """Start without looking for garbage: what a start makes stays, and a look at all devices may take a second."""
    gc.disable()
    try:
        service.start()
    finally:
        gc.enable()


def _tell(error: Exception, service: str, *, started: bool) -> None:
    """Say why a service ends; a port that is taken or a file that cannot be opened is told without a traceback."""
    if not started and (isinstance(error, OSError) or error.__cause__ is not None):
        _log.error("cannot start", reason=str(error), service=service)
    else:
        _log.error("stopped by an error; what was acknowledged is stored", service=service, exc_info=error)


def service_main(
    name: str,
    settings_class: type[_S],
    build: Callable[[_S], Service],
    arguments: Sequence[str] | None = None,
) -> int:
    """Serve `python -m <name>`: `--help`, `--check`, or run.

    Returns:
        The exit code: 0 when all went well, 1 after an error or a failed check, 2 for wrong settings.
    """
    parser = argparse.ArgumentParser(
        prog=f"tocsin-{name}",
        description=f"The {name} of Tocsin.",
        epilog="settings (environment variables):\n" + describe_settings(settings_class),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--check", action="store_true", help="ask the running service whether it is ready, and exit")
    asked = parser.parse_args(arguments)
    try:
        settings = load_settings(settings_class)
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the person at the terminal
        return 2
    if asked.check:
        ready, words = check(settings.health_host, settings.health_port)
        print(words)  # noqa: T201
        return 0 if ready else 1
    configure_logs(settings.log_level, settings.log_format)
    try:
        service = build(settings)
    except SettingsError as error:  # a file that a setting names is wrong
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    sys.setswitchinterval(_SWITCH_S)
    return run_service(service, settings)


class _Beat:
    """Notices a loop that no longer turns."""

    def __init__(self) -> None:
        self._turned = time.monotonic()

    def turn(self) -> None:
        self._turned = time.monotonic()

    def is_fresh(self) -> bool:
        return time.monotonic() - self._turned < _LONGEST_TURN_S

    def judged(self, health: Health) -> Health:
        if self.is_fresh():
            return health
        return Health(ready=False, alive=False, details={**health.details, "loop": "has not turned for a minute"})
