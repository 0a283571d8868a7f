"""One batch of messages, one transaction: anomalies, alerts, feedback and dead letters stored, publications owed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from contracts.service import Feedback, Receipt
from explainer.incidents.handling import Change, apply_feedback, wake
from explainer.incidents.incidents import merge
from explainer.llm.applying import owing
from explainer.messages.reading_messages import HeardAnomaly, HeardFeedback, HeardLetter, Refusal
from storage.records import StoredAnomaly

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from contracts.anomaly import Anomaly
    from contracts.service import DeadLetter
    from explainer.incidents.circumstances import Circumstances
    from explainer.incidents.incidents import Wording
    from explainer.messages.announcing import Announcer
    from explainer.messages.dead_letters import LetterLimit
    from explainer.messages.reading_messages import Word
    from storage.book import AlertBook, BookEntry
    from storage.records import AlertRecord


@dataclass(slots=True)
class Outcome:
    """What a batch came to: for the receipts, the meters and the log."""

    stored: list[Anomaly] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    thinned: list[str] = field(default_factory=list)
    rejected: list[str] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    publications: int = 0

    @property
    def receipt(self) -> Receipt:
        """What the detector need not send again."""
        stored = (*(anomaly.id for anomaly in self.stored), *self.duplicates, *self.thinned)
        return Receipt(stored=tuple(dict.fromkeys(stored)), rejected=tuple(dict.fromkeys(self.rejected)))


class Intake:
    """Stores batches.

    Args:
        book: the database.
        describe: words for an anomaly's evidence.
        announcer: the messages that tell of a change.
        circumstances: what stands around a new incident.
        limit: holds back floods of dead letters.
        clock: the time now, aware.
        keep_updates: one in so many anomalies of phase `update` is stored itself.
        explain: whether a model shall be asked about new incidents.
    """

    def __init__(  # noqa: PLR0913 - its collaborators
        self,
        *,
        book: AlertBook,
        describe: Callable[[Anomaly], Wording],
        announcer: Announcer,
        circumstances: Circumstances,
        limit: LetterLimit,
        clock: Callable[[], datetime],
        keep_updates: int = 1,
        explain: bool = False,
    ) -> None:
        self._book = book
        self._describe = describe
        self._announcer = announcer
        self._circumstances = circumstances
        self._limit = limit
        self._clock = clock
        self._keep_updates = keep_updates
        self._explain = explain

    def store(self, words: Sequence[Word]) -> Outcome:
        """Store a batch in one transaction.

        Raises:
            UnavailableError: the database cannot be used now; nothing of the batch is stored.
        """
        with self._book.writing() as entry:
            return self._store(entry, words)

    def wake_snoozed(self) -> Outcome:
        """Open the alerts whose snooze is over; find out on the way whether the database still takes writes.

        Raises:
            UnavailableError: it does not.
        """
        now = self._clock()
        self._book.ping()
        incidents = self._book.snoozed_until(now)
        outcome = Outcome()
        if incidents:
            with self._book.writing() as entry:
                outcome.changes = [wake(record, now) for record in entry.records(incidents).values()]
                entry.save(change.record for change in outcome.changes)
                self._owe(entry, outcome)
        return outcome

    def _store(self, entry: BookEntry, words: Sequence[Word]) -> Outcome:
        outcome = Outcome()
        anomalies = [word for word in words if isinstance(word, HeardAnomaly)]
        said = [word for word in words if isinstance(word, HeardFeedback)]
        incidents = {word.anomaly.incident.id for word in anomalies} | {word.feedback.incident for word in said}
        records = entry.records(incidents) if incidents else {}
        before = dict(records)
        kept = self._merge_anomalies(entry, anomalies, records, outcome)
        self._merge_feedback(entry, said, records, outcome)
        entry.save(record for incident, record in records.items() if before.get(incident) != record)
        entry.add_anomalies(kept)
        self._add_letters(entry, words, outcome)
        self._owe(entry, outcome)
        return outcome

    def _merge_anomalies(
        self, entry: BookEntry, heard: list[HeardAnomaly], records: dict[str, AlertRecord], outcome: Outcome
    ) -> list[StoredAnomaly]:
        if not heard:
            return []
        known = entry.known_anomalies([word.anomaly.id for word in heard])
        fresh = {word.anomaly.incident.id for word in heard} - set(records)
        kept = []
        for word in heard:
            anomaly = word.anomaly
            if anomaly.id in known:
                outcome.duplicates.append(anomaly.id)
                continue
            known.add(anomaly.id)
            self._keep(records, self._merged(entry, records, anomaly), outcome)
            if self._is_kept(anomaly):
                kept.append(StoredAnomaly(anomaly, word.body, self._clock()))
                outcome.stored.append(anomaly)
            else:
                outcome.thinned.append(anomaly.id)
        self._apply_earlier_feedback(entry, fresh, records, outcome)
        return kept

    def _merged(self, entry: BookEntry, records: dict[str, AlertRecord], anomaly: Anomaly) -> Change:
        known = records.get(anomaly.incident.id)
        change = merge(known, anomaly, self._describe)
        if known is not None:
            return change
        record = self._circumstances.around(entry, change.record, records)
        return Change(owing(record, self._clock()) if self._explain else record, change.news)

    def _keep(self, records: dict[str, AlertRecord], change: Change, outcome: Outcome) -> None:
        records[change.record.alert.incident] = change.record
        outcome.changes.append(change)

    def _is_kept(self, anomaly: Anomaly) -> bool:
        # By the id, so that the choice is the same when the anomaly is delivered again.
        return anomaly.incident.phase != "update" or int(anomaly.id[:8], 16) % self._keep_updates == 0

    def _merge_feedback(
        self, entry: BookEntry, said: list[HeardFeedback], records: dict[str, AlertRecord], outcome: Outcome
    ) -> None:
        entry.add_feedback((word.digest, word.feedback) for word in said)
        for word in said:
            self._apply(word.feedback, records, outcome)

    def _apply_earlier_feedback(
        self, entry: BookEntry, incidents: set[str], records: dict[str, AlertRecord], outcome: Outcome
    ) -> None:
        """Apply what was said of an incident before its first anomaly came."""
        if incidents:
            for feedback in entry.feedback_of(incidents):
                self._apply(feedback, records, outcome)

    def _apply(self, feedback: Feedback, records: dict[str, AlertRecord], outcome: Outcome) -> None:
        record = records.get(feedback.incident)
        if record is not None:
            self._keep(records, apply_feedback(record, feedback), outcome)

    def _add_letters(self, entry: BookEntry, words: Sequence[Word], outcome: Outcome) -> None:
        letters = [word for word in words if isinstance(word, (Refusal, HeardLetter))]
        outcome.letters = [word.letter for word in letters]
        outcome.rejected = [word.anomaly for word in letters if isinstance(word, Refusal) and word.anomaly]
        now = self._clock()
        entry.add_dead_letters(
            (word.digest, word.letter)
            for word in letters
            if self._limit.allows(word.letter.device or word.letter.service, now)
        )

    def _owe(self, entry: BookEntry, outcome: Outcome) -> None:
        outcome.publications = self._announcer.announce(entry, outcome.changes, self._clock())
