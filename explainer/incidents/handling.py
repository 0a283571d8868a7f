"""What people make of an incident, and the status that follows from their words and the detector's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import msgspec

from explainer.incidents.precedence import REOPENED

if TYPE_CHECKING:
    from datetime import datetime

    from contracts.alert import Status
    from contracts.service import Feedback
    from storage.records import AlertRecord

News = Literal[
    "opened",
    "worsened",
    "closed",
    "reopened",
    "woken",
    "reminded",
    "handled",
    "explained",
    "unexplained",
    "updated",
    "none",
]


@dataclass(frozen=True, slots=True)
class Change:
    """A record after a message, and what a person should hear of it (`updated` and `none`: nothing)."""

    record: AlertRecord
    news: News


def apply_feedback(record: AlertRecord, word: Feedback) -> Change:
    """Apply what a person said, unless the same or a later word is known already."""
    if record.handled_at is not None and word.at <= record.handled_at:
        return Change(record, "none")
    handling: dict[str, AlertRecord] = {
        "acknowledged": replace(record, handling="acknowledged", snoozed_until=None),
        "snoozed": replace(record, handling="snoozed", snoozed_until=word.until),
        "confirmed": replace(record, handling="acknowledged", snoozed_until=None, verdict="confirmed"),
        "false_positive": replace(record, handling="acknowledged", snoozed_until=None, verdict="false_positive"),
        "undo": replace(record, handling=None, snoozed_until=None, verdict=None),
    }
    changed = with_status(replace(handling[word.verdict], handled_at=word.at))
    return Change(changed, "none" if changed == record else "handled")


def wake(record: AlertRecord, now: datetime) -> Change:
    """End a snooze whose time has come."""
    if record.handling != "snoozed" or record.snoozed_until is None or record.snoozed_until > now:
        return Change(record, "none")
    woken = with_status(replace(record, handling=None, snoozed_until=None))
    return Change(woken, "woken" if woken.alert.status == "open" else "updated")


def with_status(record: AlertRecord) -> AlertRecord:
    """Derive the alert's status from the detector's last word and the person's."""
    status: Status = "closed"
    if record.phase == "open":
        # Handling speaks of the trouble as it was: one that came back afterwards is open again.
        came_back = REOPENED in record.phase_order
        outdated = came_back and record.handled_at is not None and record.handled_at < record.phase_at
        status = "open" if outdated or record.handling is None else record.handling
    until = record.snoozed_until if status == "snoozed" else None
    return with_alert(record, status=status, verdict=record.verdict, snoozed_until=until)


def with_alert(record: AlertRecord, **changes: object) -> AlertRecord:
    """Return a record with fields of its alert changed."""
    return replace(record, alert=msgspec.structs.replace(record.alert, **changes))
