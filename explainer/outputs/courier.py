"""The thread of one output: what it takes longer than others to send holds up nobody."""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explainer.outputs.errors import DeliveryError
from runtime.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable

    from explainer.outputs.notices import Notice
    from explainer.outputs.rules import Output
    from explainer.outputs.senders import Sender
    from storage.records import Notification

_log = get_logger("explainer.outputs")


@dataclass(frozen=True, slots=True)
class Delivered:
    """How it went with one notice, which stands for one or more notifications."""

    notifications: tuple[Notification, ...]
    error: DeliveryError | None = None


class Courier:
    """The thread of one output: takes notices, says how it went."""

    def __init__(
        self, output: Output, make_sender: Callable[[Output], Sender], done: Callable[[Delivered], None]
    ) -> None:
        self._output = output
        self._make_sender = make_sender
        self._done = done
        self._given: queue.SimpleQueue[tuple[tuple[Notification, ...], Notice] | None] = queue.SimpleQueue()
        self._sender: Sender | None = None

    def start(self) -> None:
        """Begin to wait for notices."""
        threading.Thread(target=self._run, name=f"output-{self._output.name}", daemon=True).start()

    def stop(self) -> None:
        """End after the notice in hand; what was not delivered is still owed."""
        self._given.put(None)

    def give(self, notifications: tuple[Notification, ...], notice: Notice) -> None:
        """Have a notice delivered."""
        self._given.put((notifications, notice))

    def _run(self) -> None:
        while (given := self._given.get()) is not None:
            self._done(Delivered(given[0], self._failure(given[1])))

    def _failure(self, notice: Notice) -> DeliveryError | None:
        try:
            if self._sender is None:
                self._sender = self._make_sender(self._output)
            self._sender.send(notice)
        except DeliveryError as error:
            return error
        except Exception as error:  # noqa: BLE001 - the thread's loop: one bad notice must not end it
            _log.error("an output failed", output=self._output.name, error=type(error).__name__)
            return DeliveryError(type(error).__name__)
        return None
