"""Writes attempts at explaining, and what follows from them, each in one transaction with the alert."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from explainer.llm.applying import applied, attempt_of, shared
from explainer.llm.prompt import NO_BACKGROUND
from storage import explaining
from storage.records import Attempt

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from explainer.incidents.handling import Change
    from explainer.llm.interview import Finding, Interviewer
    from explainer.llm.prices import Prices
    from explainer.llm.prompt import Background
    from explainer.llm.questions import Questions
    from explainer.messages.announcing import Announcer
    from explainer.meters import Meters
    from storage.book import AlertBook
    from storage.records import AlertRecord

_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Begun:
    """An attempt under way: its row, how many requests it may send, what the model is told beside the evidence."""

    number: int
    attempt: Attempt
    reserved: int
    background: Background = NO_BACKGROUND


@dataclass(frozen=True, slots=True)
class Ledger:
    """Keeps the book of attempts.

    Attributes:
        book: the database.
        announcer: the messages that tell of a change.
        interviewer: who is asked.
        questions: what is asked.
        prices: of tokens.
        meters: counts.
        now: the time now, aware.
    """

    book: AlertBook
    announcer: Announcer
    interviewer: Interviewer
    questions: Questions
    prices: Prices
    meters: Meters
    now: Callable[[], datetime]

    def begin(self, record: AlertRecord, reserved: int) -> Begun:
        """Write down that an incident is asked about, before it is."""
        attempt = self._attempt(record)
        with self.book.writing() as entry:
            background = self.questions.background(entry, record.alert)
            return Begun(entry.start_attempt(attempt), attempt, reserved, background)

    def finish(self, begun: Begun, finding: Finding) -> bool:
        """Write down what an attempt found; tell whether anything is published for it."""
        attempt = attempt_of(begun.attempt, finding, self.prices)
        incident = attempt.incident
        with self.book.writing() as entry:
            record = entry.records([incident]).get(incident)
            if record is None:  # deleted meanwhile
                return False
            change = applied(record, attempt, finding, begun.background.devices)
            entry.finish_attempt(begun.number, attempt)
            entry.save([change.record])
            published = self.announcer.announce(entry, [change], self.now())
        self._count(attempt, finding)
        return bool(published)

    def remember(self, record: AlertRecord, finding: Finding) -> bool:
        """Write down that an earlier answer was used again."""
        attempt = attempt_of(self._attempt(record), finding, self.prices)
        with self.book.writing() as entry:
            change = applied(record, attempt, finding)
            entry.start_attempt(attempt)
            entry.save([change.record])
            published = self.announcer.announce(entry, [change], self.now())
        self.meters.explanations.labels("cached").inc()
        return bool(published)

    def share(self) -> bool:
        """Give those of site incidents what was found for the first of each."""
        with self.book.reading() as connection:
            pairs = explaining.followers(connection, _AT_ONCE)
            sites = {leader.alert.incident for _one, leader in pairs}
            devices = {site: explaining.site_incident(connection, site).devices for site in sites}
        if not pairs:
            return False
        with self.book.writing() as entry:
            changes = [shared(one, leader, devices[leader.alert.incident]) for one, leader in pairs]
            for one, _leader in pairs:
                entry.start_attempt(replace(self._attempt(one), outcome="shared"))
            entry.save(change.record for change in changes)
            published = self.announcer.announce(entry, changes, self.now())
        self.meters.explanations.labels("shared").inc(len(pairs))
        return bool(published)

    def change(self, incidents: Collection[str], by: Callable[[AlertRecord], Change]) -> bool:
        """Change alerts; tell whether there were any."""
        with self.book.writing() as entry:
            changes = [by(record) for record in entry.records(incidents).values()]
            entry.save(change.record for change in changes)
            self.announcer.announce(entry, changes, self.now())
        return bool(changes)

    def _attempt(self, record: AlertRecord) -> Attempt:
        return Attempt(
            incident=record.alert.incident,
            started_at=self.now(),
            provider=self.interviewer.provider.name,
            model=self.interviewer.provider.model,
            template=self.interviewer.template.name,
            fingerprint=self.questions.fingerprint(record.alert),
        )

    def _count(self, attempt: Attempt, finding: Finding) -> None:
        self.meters.explanations.labels(attempt.outcome).inc()
        self.meters.llm_calls.labels("answered").inc(finding.answered)
        self.meters.llm_calls.labels("failed").inc(finding.requests - finding.answered)
        self.meters.llm_tokens.labels("prompt").inc(finding.prompt_tokens)
        self.meters.llm_tokens.labels("answer").inc(finding.answer_tokens)
        self.meters.llm_latency.observe(finding.latency_s)
