"""What is asked about an incident, and whether the same was asked before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explainer.llm.interview import Finding
from explainer.llm.prompt import Background
from explainer.llm.reuse import answer_for, fingerprint
from storage import explaining

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from contracts.alert import Alert
    from explainer.site_notes import SiteNotes
    from explainer.words.knowledge import Knowledge
    from storage.book import AlertBook, BookEntry

_MOST_DEVICES = 2000  # whose names are looked for in an answer


@dataclass(frozen=True, slots=True)
class Questions:
    """Makes questions, and knows the earlier ones.

    Attributes:
        knowledge: tells which words mean which quantity.
        notes: what the site knows of its devices.
        asked: who is asked in which words: model, template.
        remembered_for: how long an answer is used again; nothing for never.
    """

    knowledge: Knowledge
    notes: SiteNotes
    asked: tuple[str, ...]
    remembered_for: timedelta

    @property
    def remembers(self) -> bool:
        """Tell whether answers are used again."""
        return bool(self.remembered_for)

    def background(self, entry: BookEntry, alert: Alert) -> Background:
        """Collect what a model is told beside the evidence."""
        notes = self.notes.notes_for(alert.device)
        others = explaining.devices(entry.connection, _MOST_DEVICES)
        if alert.site_incident is None:
            return Background(notes, others=others)
        site = explaining.site_incident(entry.connection, alert.site_incident)
        return Background(notes, site.devices, site.kinds, others)

    def fingerprint(self, alert: Alert) -> str:
        """Name the question about an alert; a site incident is a question of its own."""
        site = alert.site_incident or ""
        known = self.notes.notes_for(alert.device) or ""
        return fingerprint(alert, self.notes.class_name(alert.device), *self.asked, known, site)

    def remembered(self, book: AlertBook, alert: Alert, now: datetime) -> Finding | None:
        """Return the answer to the same question asked before, None where there is none or it does not fit."""
        if not self.remembers:
            return None
        with book.reading() as connection:
            known = explaining.known_answer(connection, self.fingerprint(alert), now - self.remembered_for)
            others = () if known is None else explaining.devices(connection, _MOST_DEVICES)
        answer = None if known is None else answer_for(alert, known, self.knowledge, others)
        return None if answer is None else Finding(outcome="cached", answer=answer)
