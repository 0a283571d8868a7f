"""Works off the explanations owed: decides which are asked for, and has written down what was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explainer.llm.applying import expired, given_up, owing
from explainer.llm.interview import MAX_REQUESTS
from explainer.llm.stops import Stops
from explainer.llm.under_way import UnderWay
from explainer.llm.waiting import Waiting
from runtime.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from explainer.llm.interview import Finding, Interviewer
    from explainer.llm.ledger import Ledger
    from explainer.llm.limits import Allowance, Breaker, Budget
    from explainer.llm.questions import Questions
    from explainer.meters import Meters
    from storage.book import AlertBook
    from storage.records import AlertRecord

_LOOK_EVERY_S = 0.5
_EXPIRE_EVERY_S = 60.0
_PAGE = 50
_log = get_logger("explainer.llm")


@dataclass(frozen=True, slots=True)
class DeskRules:
    """How many are asked about at once, how long an incident is watched first, how long an explanation stays owed."""

    concurrency: int
    watched_for: timedelta
    owed_for: timedelta


class ExplanationDesk:
    """Starts attempts, most severe incident first, and has written down what they found.

    Args:
        book: the database; only the thread that calls `turn` uses it.
        interviewer: asks and checks.
        questions: what is asked about an incident, and what was asked before.
        ledger: writes attempts and what follows from them.
        budget: how much may be asked.
        breaker: whether asking makes sense.
        rules: how many at once, how long.
        meters: counts.
        now: the time now, aware.
        clock: monotonic seconds.
    """

    def __init__(  # noqa: PLR0913 - its collaborators
        self,
        *,
        book: AlertBook,
        interviewer: Interviewer,
        questions: Questions,
        ledger: Ledger,
        budget: Budget,
        breaker: Breaker,
        rules: DeskRules,
        meters: Meters,
        now: Callable[[], datetime],
        clock: Callable[[], float],
    ) -> None:
        self._book = book
        self._interviewer = interviewer
        self._questions = questions
        self._ledger = ledger
        self._budget = budget
        self._breaker = breaker
        self._rules = rules
        self._meters = meters
        self._now = now
        self._clock = clock
        self._waiting = Waiting(clock)
        self._under_way = UnderWay(interviewer)
        self._ordered: set[str] = set()
        self._stops = Stops(book, meters, now)
        self._look_at = self._expire_at = 0.0

    def start(self) -> None:
        """Owe again what was being fetched when the service last ended."""
        with self._book.writing() as entry:
            cut_off = entry.interrupt_attempts()
        if cut_off:
            _log.warning("attempts were cut off and count as one request each", attempts=cut_off)

    def stop(self) -> None:
        """Give up what is being fetched; it is owed again at the next start."""
        self._interviewer.stop()

    def turn(self) -> bool:
        """Write down what was found, start what may be started; tell whether publications were queued.

        Raises:
            UnavailableError: the database cannot be used now; what was found is kept.
        """
        published = self._write_findings()
        if self._clock() >= self._expire_at:
            self._expire_at = self._clock() + _EXPIRE_EVERY_S
            published = self._expire() or published
        if self._clock() >= self._look_at:
            self._look_at = self._clock() + _LOOK_EVERY_S
            published = self._ledger.share() or published
            published = self._start_attempts() or published
        self._meters.breaker_open.set(self._breaker.failing)
        return published

    def order(self, incident: str) -> str | None:
        """Owe the explanation of an incident anew; return what stands against it, None when nothing does."""
        if incident in self._under_way:
            return "it is being explained just now"
        with self._book.writing() as entry:
            record = entry.records([incident]).get(incident)
            if record is None:
                return f"no alert is stored for incident {incident!r}"
            entry.save([owing(record, self._now() - self._rules.watched_for)])
        self._waiting.forget(incident)
        self._ordered.add(incident)
        self._look_at = 0.0
        return None

    @property
    def state(self) -> str:
        """Say in a few words how asking goes; called from any thread."""
        if self._breaker.failing:
            return "does not answer; tried again from time to time"
        if self._stops.budget is not None:
            return f"waits: {self._stops.budget} used up"
        return f"{len(self._under_way)} explanations under way"

    def _start_attempts(self) -> bool:
        with self._book.reading() as connection:
            owed = self._book.owed_count()
            self._meters.llm_owed.set(owed)
            allowance = self._budget.allowance(connection, self._now())
            waiting = self._waiting.next(connection, _PAGE, self._now() - self._rules.watched_for) if owed else []
        published = self._answer_from_memory(waiting)
        self._ask(waiting, allowance)
        self._stops.note(allowance, owed)
        return published

    def _ask(self, waiting: list[AlertRecord], allowance: Allowance) -> None:
        """Start as many attempts as may be under way, none of which asks what another asks already."""
        if self._breaker.resting or self._waiting.everything_rests:
            return
        free = (1 if self._breaker.failing else self._rules.concurrency) - len(self._under_way)
        left = allowance.requests - self._under_way.further_requests
        asked = self._under_way.fingerprints if self._questions.remembers else set()
        for record in waiting:
            if free <= 0 or left <= 0:
                break
            fingerprint = self._questions.fingerprint(record.alert)
            if fingerprint in asked:
                continue  # the same question is under way: its answer will do
            if self._questions.remembers:
                asked.add(fingerprint)
            reserved = min(left, MAX_REQUESTS)
            self._ordered.discard(record.alert.incident)
            self._under_way.start(record, self._ledger.begin(record, reserved))
            free, left = free - 1, left - reserved

    def _answer_from_memory(self, waiting: list[AlertRecord]) -> bool:
        """Explain what was asked before, and leave the others in the list."""
        published = False
        for record in list(waiting):
            if record.alert.incident in self._ordered:
                continue
            finding = self._questions.remembered(self._book, record.alert, self._now())
            if finding is not None:
                published = self._ledger.remember(record, finding) or published
                waiting.remove(record)
        return published

    def _write_findings(self) -> bool:
        published = False
        while (found := self._under_way.found()) is not None:
            begun, finding = found
            published = self._ledger.finish(begun, finding) or published
            self._under_way.settle()
            self._learn(begun.attempt.incident, finding)
            self._look_at = 0.0
        return published

    def _learn(self, incident: str, finding: Finding) -> None:
        """Draw the conclusions for what is asked next."""
        if not finding.hopeless:
            self._breaker.tell(None if finding.answered else finding.error)
        if finding.retry_after is not None:
            self._waiting.rest_all(finding.retry_after)
        if given_up(finding):
            self._waiting.forget(incident)
            return
        length = self._waiting.rest(incident)
        _log.warning("no explanation yet", incident=incident, error=finding.error, again_in_s=length)

    def _expire(self) -> bool:
        """Stop owing what nobody waits for any more."""
        old = self._book.owed_before(self._now() - self._rules.owed_for, _PAGE)
        return self._ledger.change(old, expired) if old else False
