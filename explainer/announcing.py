"""An alert as the messages that tell of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.codec import encode
from explainer.bell import bell_text

if TYPE_CHECKING:
    from contracts.topics import Topics
    from explainer.incidents import Change


@dataclass(frozen=True, slots=True)
class Announcer:
    """Makes the publications that a change of an alert owes."""

    topics: Topics

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
