"""Tells of changes: as messages on the bus, and to the outputs that want to hear of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from contracts.codec import encode
from explainer.bell import bell_text
from storage import notifying

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from contracts.topics import Topics
    from explainer.incidents.handling import Change
    from storage.book import BookEntry
    from storage.records import Notification


class Notifier(Protocol):
    """Makes what webhooks, mail and the like are owed."""

    def notifications(self, change: Change, now: datetime) -> Sequence[Notification]:
        """Return what each output shall hear of a change; nothing where none wants to."""


@dataclass(frozen=True, slots=True)
class Announcer:
    """Owes what a change of an alert is told with, in the transaction that stores the change."""

    topics: Topics
    notifier: Notifier | None = None

    def announce(self, entry: BookEntry, changes: Iterable[Change], now: datetime) -> int:
        """Owe the messages of changes, and return how many there are for the bus."""
        changes = list(changes)
        owed = [publication for change in changes for publication in self.publications(change)]
        entry.queue(owed, now)
        if self.notifier is not None:
            notifier = self.notifier
            notifying.owe(entry.connection, [one for change in changes for one in notifier.notifications(change, now)])
        return len(owed)

    def publications(self, change: Change) -> list[tuple[str, bytes]]:
        """Return topic and payload of each message; a mere update owes none."""
        if change.news in {"none", "updated"}:
            return []
        alert = change.record.alert
        owed = [(self.topics.alerts(alert.device), encode(alert))]
        text = bell_text(alert, change.news)
        if text is not None:
            owed.append((self.topics.bell(alert.device), text.encode()))
        return owed
