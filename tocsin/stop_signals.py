"""Ctrl-C, SIGTERM and a closed terminal, as one flag that a loop looks at."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop:
    """How often the command was asked to end; `event` is set with the first time."""

    def __init__(self) -> None:
        self.times = 0
        self.event = threading.Event()

    def ask(self) -> None:
        """Ask it to end."""
        self.times += 1
        self.event.set()

    @property
    def asked(self) -> bool:
        """Whether it shall end."""
        return self.times > 0


@contextmanager
def stopping_by_signal() -> Iterator[Stop]:
    """Note the signals that ask a command to end, for the time of a block on the main thread."""
    stop = Stop()
    previous = {number: signal.signal(number, lambda *_: stop.ask()) for number in STOP_SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
