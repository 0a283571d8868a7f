"""Publishes what the database owes to the broker, in order, and forgets it once the broker took it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runtime.bus import MessageTooLargeError
from runtime.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable

    from explainer.meters import Meters
    from runtime.bus import Bus
    from runtime.bus import Publication as Handle
    from storage.book import AlertBook
    from storage.records import Publication

MAX_IN_FLIGHT = 100
_SETTLE_AFTER_S = 0.2
_RETRY_AFTER_S = 30.0
_log = get_logger("explainer.messages.publishing")


@dataclass(slots=True)
class _Sent:
    publication: Publication
    handle: Handle
    again_at: float | None = None


class OutboxPublisher:
    """Keeps at most 100 publications under way; one that the broker refuses is tried again after 30 s.

    Args:
        book: the database.
        bus: the broker.
        meters: counts what was taken and refused.
        clock: monotonic seconds.
    """

    def __init__(self, book: AlertBook, bus: Bus, meters: Meters, clock: Callable[[], float]) -> None:
        self._book = book
        self._bus = bus
        self._meters = meters
        self._clock = clock
        self._under_way: dict[int, _Sent] = {}
        self._taken: list[int] = []
        self._settle_at: float | None = None
        self._last = 0
        self._more = True

    def wake(self) -> None:
        """Say that the database owes more."""
        self._more = True

    def turn(self) -> None:
        """Publish what is owed, collect what was taken.

        Raises:
            UnavailableError: the database cannot be used now; nothing is lost.
        """
        self._collect()
        if self._more and self._bus.connected and len(self._under_way) < MAX_IN_FLIGHT:
            self._send_next(MAX_IN_FLIGHT - len(self._under_way))
            self._collect()
        self._settle_when_due()

    def finish(self) -> None:
        """Forget what was taken so far; called before the end."""
        self._collect()
        self._settle()

    @property
    def idle(self) -> bool:
        """Tell whether nothing is owed as far as is known."""
        return not (self._more or self._under_way or self._taken)

    def _send_next(self, limit: int) -> None:
        owed = self._book.publications(limit, after=self._last)
        self._more = len(owed) == limit
        for publication in owed:
            self._last = publication.id
            self._send(publication)

    def _send(self, publication: Publication) -> None:
        try:
            handle = self._bus.publish(publication.topic, publication.payload, retain=publication.retain)
        except (MessageTooLargeError, ValueError) as error:
            # It would be refused for ever, and hold up nobody else's message.
            _log.error("a message cannot be published and is dropped", topic=publication.topic, error=str(error))
            self._meters.refused.inc()
            self._take(publication.id)
            return
        self._under_way[publication.id] = _Sent(publication, handle)

    def _collect(self) -> None:
        now = self._clock()
        for number, sent in list(self._under_way.items()):
            if sent.again_at is not None:
                if now >= sent.again_at and self._bus.connected:
                    self._send(sent.publication)
            elif sent.handle.done and sent.handle.refused is None:
                del self._under_way[number]
                self._meters.published.inc()
                self._take(number)
            elif sent.handle.done:
                self._meters.refused.inc()
                _log.warning("the broker refused", topic=sent.publication.topic, reason=sent.handle.refused)
                sent.again_at = now + _RETRY_AFTER_S
        self._meters.owed.set(len(self._under_way))

    def _take(self, number: int) -> None:
        self._under_way.pop(number, None)
        self._taken.append(number)
        if self._settle_at is None:
            self._settle_at = self._clock() + _SETTLE_AFTER_S

    def _settle_when_due(self) -> None:
        if self._settle_at is not None and (len(self._taken) >= MAX_IN_FLIGHT or self._clock() >= self._settle_at):
            self._settle()

    def _settle(self) -> None:
        if self._taken:
            with self._book.writing() as entry:
                entry.settle(self._taken)
        self._taken, self._settle_at = [], None
