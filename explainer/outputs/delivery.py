"""Takes what the database owes to the outputs, each by a thread of its own, so that none holds up anything else."""

from __future__ import annotations

import queue
import random
from collections import deque
from datetime import timedelta
from typing import TYPE_CHECKING

from explainer.outputs.courier import Courier, Delivered
from explainer.outputs.notices import read, summary
from runtime.logs import get_logger
from storage import notifying

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from explainer.meters import Meters
    from explainer.outputs.rules import Output
    from explainer.outputs.senders import Sender
    from storage.book import AlertBook
    from storage.records import Notification

FIRST_WAIT_S, LONGEST_WAIT_S = 30.0, 3600.0
_SUMMARY_FROM = 4
_PAGE = 500
_LOOK_EVERY_S = 1.0
_HOUR = timedelta(hours=1)
_log = get_logger("explainer.outputs")


class Outputs:
    """Hands out what is owed and writes down what became of it; only the service's thread calls it.

    Args:
        outputs: who is told.
        book: the database.
        meters: counts.
        make_sender: how to reach an output.
        now: the time now, aware.
        clock: monotonic seconds.
        keep_trying: how long a notification is owed.
    """

    def __init__(  # noqa: PLR0913 - its collaborators
        self,
        *,
        outputs: Sequence[Output],
        book: AlertBook,
        meters: Meters,
        make_sender: Callable[[Output], Sender],
        now: Callable[[], datetime],
        clock: Callable[[], float],
        keep_trying: timedelta,
    ) -> None:
        self._outputs = {output.name: output for output in outputs}
        self._book = book
        self._meters = meters
        self._now = now
        self._clock = clock
        self._keep_trying = keep_trying
        self._done: queue.SimpleQueue[Delivered] = queue.SimpleQueue()
        self._couriers: Mapping[str, Courier] = {
            output.name: Courier(output, make_sender, self._done.put) for output in outputs
        }
        self._busy: set[str] = set()
        self._unwritten: list[Delivered] = []
        self._sent: dict[str, deque[datetime]] = {output.name: deque() for output in outputs}
        self._look_at = 0.0

    def start(self) -> None:
        """Forget what is owed to outputs that are set no more, recall what was told in the last hour, then begin."""
        with self._book.writing() as entry:
            forgotten = notifying.forget_outputs(entry.connection, list(self._outputs))
            for name, at in notifying.told_since(entry.connection, self._now() - _HOUR):
                if name in self._sent:
                    self._sent[name].append(at)
        if forgotten:
            _log.warning("notifications of outputs that are set no more are forgotten", notifications=forgotten)
        for courier in self._couriers.values():
            courier.start()

    def stop(self) -> None:
        """Give up what is under way; it is still owed."""
        for courier in self._couriers.values():
            courier.stop()

    def turn(self) -> None:
        """Write down what became of what was given, and give what may be given.

        Raises:
            UnavailableError: the database cannot be used now; nothing is lost.
        """
        while not self._done.empty():
            self._unwritten.append(self._done.get())
        if self._unwritten:
            self._write()
            self._look_at = 0.0
        if self._outputs and self._clock() >= self._look_at:
            self._look_at = self._clock() + _LOOK_EVERY_S
            self._give()

    def _give(self) -> None:
        now = self._now()
        for name, output in self._outputs.items():
            if name in self._busy or not self._has_room(output):
                continue
            with self._book.reading() as connection:
                due = notifying.due(connection, name, now, _PAGE)
            if due:
                self._hand(name, due)

    def _hand(self, name: str, due: list[Notification]) -> None:
        digests = [one for one in due if one.news == "digest"]  # a text of its own: it fits into no summary
        chosen = tuple(due) if len(due) >= _SUMMARY_FROM and not digests else (*digests, due[0])[:1]
        notices = [read(one) for one in chosen]
        self._busy.add(name)
        self._sent[name].append(self._now())
        self._couriers[name].give(chosen, notices[0] if len(chosen) == 1 else summary(notices))

    def _has_room(self, output: Output) -> bool:
        sent, now = self._sent[output.name], self._now()
        while sent and not now - _HOUR < sent[0] <= now:  # a clock set back must not mute it
            sent.popleft()
        return len(sent) < output.per_hour

    def _write(self) -> None:
        with self._book.writing() as entry:
            for one in self._unwritten:
                ids = [notification.id for notification in one.notifications]
                if one.error is None or self._is_given_up(one):
                    notifying.settle(entry.connection, ids)
                else:
                    notifying.postpone(entry.connection, ids, self._again_at(one))
            told = [one.notifications[0].output for one in self._unwritten]
            notifying.note_told(entry.connection, told, self._now(), forget_before=self._now() - _HOUR)
        for one in self._unwritten:
            self._tell(one)
        self._unwritten = []

    def _is_given_up(self, one: Delivered) -> bool:
        oldest = min(notification.queued_at for notification in one.notifications)
        return one.error is not None and (one.error.hopeless or self._now() - oldest > self._keep_trying)

    def _again_at(self, one: Delivered) -> datetime:
        attempts = min(max(notification.attempts for notification in one.notifications), 10)
        wait = min(FIRST_WAIT_S * 2**attempts, LONGEST_WAIT_S) * random.uniform(0.8, 1.2)  # noqa: S311 - no secret
        asked = (one.error.retry_after if one.error else None) or 0.0
        return self._now() + timedelta(seconds=max(wait, min(asked, LONGEST_WAIT_S)))

    def _tell(self, one: Delivered) -> None:
        name, count = one.notifications[0].output, len(one.notifications)
        self._busy.discard(name)
        if one.error is None:
            self._meters.notified.labels(name, "delivered").inc(count)
            return
        given_up = self._is_given_up(one)
        self._meters.notified.labels(name, "given_up" if given_up else "failed").inc(count)
        _log.warning(
            "an output was not told", output=name, error=str(one.error), given_up=given_up, notifications=count
        )
