"""The rounds: reminders, digests, pruning; a little at a time, so that storing alerts never waits for them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from explainer.incidents.handling import Change
from explainer.upkeep.calendar import newest_due
from explainer.upkeep.digest import digest_text
from runtime.logs import get_logger
from storage import notifying, upkeep, week
from storage.upkeep import Pruned

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from contracts.service import Command
    from contracts.topics import Topics
    from explainer.messages.announcing import Announcer
    from explainer.messages.orders import Reply
    from explainer.outputs.notices import OutputNotifier
    from storage.book import AlertBook

_LOOK_EVERY_S = 10.0
_PRUNE_EVERY = timedelta(hours=1)
_BATCH = 50
_PRUNE_FOR_S = 0.05  # of one turn of the loop
_WEEK = timedelta(days=7)
_DIGEST, _PRUNED = "digest", "pruned"
_log = get_logger("explainer.upkeep")


@dataclass(frozen=True, slots=True)
class Habits:
    """What is done by itself; None is never."""

    keep_alerts: timedelta | None = None
    keep_dead_letters: timedelta | None = None
    remind_every: timedelta | None = None
    digest_weekday: int | None = None
    digest_hour: int = 7


@dataclass(slots=True)
class _Pruning:
    alerts_before: datetime | None
    letters_before: datetime | None
    reply: Reply | None = None
    gone: Pruned = Pruned()  # noqa: RUF009 - frozen


class Rounds:
    """Does what is due; only the service's thread calls it.

    Args:
        book: the database.
        announcer: tells of reminders.
        notifier: tells outputs of digests; None without outputs.
        topics: where the digest is published.
        habits: what is due when.
        now: the time now, aware, in the zone whose clock the digest follows.
        clock: monotonic seconds.
    """

    def __init__(  # noqa: PLR0913 - its collaborators
        self,
        *,
        book: AlertBook,
        announcer: Announcer,
        notifier: OutputNotifier | None,
        topics: Topics,
        habits: Habits,
        now: Callable[[], datetime],
        clock: Callable[[], float],
    ) -> None:
        self._book = book
        self._announcer = announcer
        self._notifier = notifier
        self._topics = topics
        self._habits = habits
        self._now = now
        self._clock = clock
        self._look_at = 0.0
        self._prunings: list[_Pruning] = []

    def turn(self) -> bool:
        """Do a little of what is due; tell whether publications were queued.

        Raises:
            UnavailableError: the database cannot be used now; the same is due again.
        """
        if self._prunings:
            self._prune_some()
        if self._clock() < self._look_at:
            return False
        self._look_at = self._clock() + _LOOK_EVERY_S
        self._prune_by_habit()
        return self._remind() | self._tell_digest()

    def prune(self, command: Command, reply: Reply) -> None:
        """Carry out `prune` (arguments: `older_than_days`): delete alerts that ended before, with all about them."""
        days = (command.arguments or {}).get("older_than_days")
        if isinstance(days, bool) or not isinstance(days, int | float) or not 0 < days <= 36_500:  # noqa: PLR2004
            reply.refuse("expected arguments {'older_than_days': <days, above 0>}")
            return
        before = self._now() - timedelta(days=days)
        self._prunings.append(_Pruning(before, before, reply))

    def _prune_by_habit(self) -> None:
        now, habits = self._now(), self._habits
        if self._prunings or (habits.keep_alerts is None and habits.keep_dead_letters is None):
            return
        with self._book.reading() as connection:
            last = upkeep.done_at(connection, _PRUNED)
        if last is None or not timedelta(0) <= now - last < _PRUNE_EVERY:
            alerts = now - habits.keep_alerts if habits.keep_alerts else None
            letters = now - habits.keep_dead_letters if habits.keep_dead_letters else None
            self._prunings.append(_Pruning(alerts, letters))

    def _prune_some(self) -> None:
        job, until = self._prunings[0], self._clock() + _PRUNE_FOR_S
        while (gone := self._prune_batch(job)) != Pruned():
            job.gone += gone
            if self._clock() >= until:
                return
        del self._prunings[0]
        if job.gone != Pruned():
            _log.info("pruned", alerts=job.gone.alerts, dead_letters=job.gone.dead_letters)
        if job.reply is not None:
            job.reply.done(alerts=job.gone.alerts, dead_letters=job.gone.dead_letters)

    def _prune_batch(self, job: _Pruning) -> Pruned:
        with self._book.writing() as entry:
            alerts = letters = 0
            if job.alerts_before is not None:
                alerts = upkeep.prune_alerts(entry.connection, job.alerts_before, _BATCH)
            if job.letters_before is not None:
                letters = upkeep.prune_dead_letters(entry.connection, job.letters_before, _BATCH)
            if not (alerts or letters or job.reply):
                upkeep.note_done(entry.connection, _PRUNED, self._now())
        return Pruned(alerts, letters)

    def _remind(self) -> bool:
        if self._habits.remind_every is None:
            return False
        now = self._now()
        with self._book.reading() as connection:
            lasting = upkeep.lasting(connection, now - self._habits.remind_every, _BATCH)
        if not lasting:
            return False
        changes = [Change(replace(record, reminded_at=now), "reminded") for record in lasting]
        with self._book.writing() as entry:
            entry.save(change.record for change in changes)
            self._announcer.announce(entry, changes, now)
        return True

    def _tell_digest(self) -> bool:
        if self._habits.digest_weekday is None:
            return False
        now = self._now()
        due = newest_due(now, self._habits.digest_weekday, self._habits.digest_hour)
        with self._book.reading() as connection:
            last = upkeep.done_at(connection, _DIGEST)
            if last is not None and last >= due:
                return False
            text = None
            if last is not None:
                text = digest_text(week.figures(connection, due - _WEEK, due), due - _WEEK, due)
        with self._book.writing() as entry:
            upkeep.note_done(entry.connection, _DIGEST, now)
            if text is None:  # the first start: the week before was not ours to watch
                return False
            entry.queue([(self._topics.digest(), text.encode())], now)
            if self._notifier is not None:
                notifying.owe(entry.connection, self._notifier.digest(text, now))
        return True
