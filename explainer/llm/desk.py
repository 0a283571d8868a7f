"""Works off the explanations owed: threads ask, the service's own thread decides and writes."""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explainer.llm.applying import applied, attempt_of, expired, given_up, owing
from runtime.logs import get_logger
from storage.records import Attempt

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from explainer.announcing import Announcer
    from explainer.llm.applying import Prices
    from explainer.llm.interview import Finding, Interviewer
    from explainer.llm.limits import Breaker, Budget
    from explainer.meters import Meters
    from storage.book import AlertBook
    from storage.records import AlertRecord

MAX_REQUESTS = 4  # of one attempt: a call and a repair, each of which may fail on the way
_LOOK_EVERY_S = 0.5
_EXPIRE_EVERY_S = 60.0
_FIRST_REST_S, _LONGEST_REST_S = 15.0, 3600.0
_PAGE = 50
_log = get_logger("explainer.llm")


@dataclass(frozen=True, slots=True)
class DeskRules:
    """How many are asked about at once, and for how long an explanation stays owed."""

    concurrency: int
    owed_for: timedelta


@dataclass(frozen=True, slots=True)
class _Running:
    number: int
    attempt: Attempt
    reserved: int


class ExplanationDesk:
    """Starts attempts, most severe incident first, and writes down what they found.

    Args:
        book: the database; only the thread that calls `turn` uses it.
        interviewer: asks and checks.
        announcer: the messages that tell of a change.
        budget: how much may be asked.
        breaker: whether asking makes sense.
        rules: how many at once, how long.
        prices: of tokens.
        meters: counts.
        now: the time now, aware.
        clock: monotonic seconds.
    """

    def __init__(  # noqa: PLR0913 - its collaborators
        self,
        *,
        book: AlertBook,
        interviewer: Interviewer,
        announcer: Announcer,
        budget: Budget,
        breaker: Breaker,
        rules: DeskRules,
        prices: Prices,
        meters: Meters,
        now: Callable[[], datetime],
        clock: Callable[[], float],
    ) -> None:
        self._book = book
        self._interviewer = interviewer
        self._announcer = announcer
        self._budget = budget
        self._breaker = breaker
        self._rules = rules
        self._prices = prices
        self._meters = meters
        self._now = now
        self._clock = clock
        self._running: dict[str, _Running] = {}
        self._found: queue.SimpleQueue[tuple[str, Finding]] = queue.SimpleQueue()
        self._unwritten: list[tuple[str, Finding]] = []
        self._rests: dict[str, tuple[float, float]] = {}  # incident: until when, and how long it was
        self._rest_until = self._look_at = self._expire_at = 0.0

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
            self._start_attempts()
        self._meters.breaker_open.set(self._breaker.failing)
        return published

    def order(self, incident: str) -> str | None:
        """Owe the explanation of an incident anew; return what stands against it, None when nothing does."""
        if incident in self._running:
            return "it is being explained just now"
        with self._book.writing() as entry:
            record = entry.records([incident]).get(incident)
            if record is None:
                return f"no alert is stored for incident {incident!r}"
            entry.save([owing(record, self._now())])
        self._rests.pop(incident, None)
        self._look_at = 0.0
        return None

    @property
    def state(self) -> str:
        """Say in a few words how asking goes; called from any thread."""
        if self._breaker.failing:
            return "does not answer; tried again from time to time"
        return f"{len(self._running)} explanations under way"

    def _start_attempts(self) -> None:
        owed = self._book.owed_count()
        self._meters.llm_owed.set(owed)
        free = (1 if self._breaker.failing else self._rules.concurrency) - len(self._running)
        if not owed or free <= 0 or self._breaker.resting or self._clock() < self._rest_until:
            return
        allowance = self._budget.allowance(self._book, self._now()) - self._reserved()
        for record in self._next_owed(free):
            if allowance <= 0:
                return
            reserved = min(allowance, MAX_REQUESTS)
            allowance -= reserved
            self._start_attempt(record, reserved)

    def _reserved(self) -> int:
        # The database counts a running attempt as one request already.
        return sum(one.reserved - 1 for one in self._running.values())

    def _next_owed(self, count: int) -> list[AlertRecord]:
        now = self._clock()
        self._rests = {incident: rest for incident, rest in self._rests.items() if rest[0] + _LONGEST_REST_S > now}
        resting = {incident for incident, (until, _length) in self._rests.items() if until > now}
        owed = self._book.owed(count + len(resting) + _PAGE)
        return [record for record in owed if record.alert.incident not in resting][:count]

    def _start_attempt(self, record: AlertRecord, reserved: int) -> None:
        incident, interviewer = record.alert.incident, self._interviewer
        attempt = Attempt(
            incident=incident,
            started_at=self._now(),
            provider=interviewer.provider.name,
            model=interviewer.provider.model,
            template=interviewer.template.name,
        )
        with self._book.writing() as entry:
            number = entry.start_attempt(attempt)
        self._running[incident] = _Running(number, attempt, reserved)

        def work() -> None:
            self._found.put((incident, interviewer.explain(record.alert, reserved)))

        threading.Thread(target=work, name=f"explain-{incident[:8]}", daemon=True).start()

    def _write_findings(self) -> bool:
        while not self._found.empty():
            self._unwritten.append(self._found.get())
        published = False
        while self._unwritten:
            incident, finding = self._unwritten[0]
            published = self._write(incident, finding) or published
            del self._unwritten[0]
            self._look_at = 0.0
        return published

    def _write(self, incident: str, finding: Finding) -> bool:
        running = self._running[incident]
        attempt = attempt_of(running.attempt, finding, self._prices)
        with self._book.writing() as entry:
            record = entry.records([incident])[incident]
            change = applied(record, attempt, finding)
            entry.finish_attempt(running.number, attempt)
            entry.save([change.record])
            published = self._announcer.announce(entry, [change], self._now())
        del self._running[incident]
        self._learn(incident, finding)
        self._count(attempt, finding)
        return bool(published)

    def _learn(self, incident: str, finding: Finding) -> None:
        """Draw the conclusions for what is asked next."""
        if not finding.hopeless:
            self._breaker.tell(None if finding.answered else finding.error)
        if finding.retry_after is not None:
            self._rest_until = self._clock() + min(finding.retry_after, _LONGEST_REST_S)
        if given_up(finding):
            self._rests.pop(incident, None)
            return
        _until, length = self._rests.get(incident, (0.0, _FIRST_REST_S / 2))
        length = min(length * 2, _LONGEST_REST_S)
        self._rests[incident] = (self._clock() + length, length)
        _log.warning("no explanation yet", incident=incident, error=finding.error, again_in_s=length)

    def _count(self, attempt: Attempt, finding: Finding) -> None:
        self._meters.explanations.labels(attempt.outcome).inc()
        self._meters.llm_calls.labels("answered").inc(finding.answered)
        self._meters.llm_calls.labels("failed").inc(finding.requests - finding.answered)
        self._meters.llm_tokens.labels("prompt").inc(finding.prompt_tokens)
        self._meters.llm_tokens.labels("answer").inc(finding.answer_tokens)
        self._meters.llm_latency.observe(finding.latency_s)

    def _expire(self) -> bool:
        """Stop owing what nobody waits for any more."""
        old = self._book.owed_before(self._now() - self._rules.owed_for, _PAGE)
        if not old:
            return False
        with self._book.writing() as entry:
            changes = [expired(record) for record in entry.records(old).values()]
            entry.save(change.record for change in changes)
            self._announcer.announce(entry, changes, self._now())
        return True
