"""Acknowledges and snoozes incidents, and says what became of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from contracts.service import Feedback
from tocsin.book.feedback_words import checked_note, who, whole_id
from tocsin.book.orders import explainer_orders
from tocsin.terminal import CommandError, output, printable
from tocsin.time_words import day_and_clock, moment

if TYPE_CHECKING:
    from tocsin.command_settings import CommandSettings


def snooze_end(span: str | None, until: str | None) -> datetime:
    """Return when a snooze ends, given as a span or as a time.

    Raises:
        CommandError: it is neither, or over already.
    """
    now = datetime.now(UTC)
    try:
        end = now + (now - moment(span, now)) if span is not None else moment(str(until), now)
    except (ValueError, OverflowError) as error:
        raise CommandError(f"{'--for' if span is not None else '--until'} {error}", code=2) from error
    if end <= now:
        raise CommandError(f"{day_and_clock(end)} is over already", code=2)
    return end


def handle(
    settings: CommandSettings,
    incident: str,
    verdict: Literal["acknowledged", "snoozed", "undo"],
    note: str | None,
    until: datetime | None = None,
) -> None:
    """Say what somebody does about an incident, and print what the book makes of it.

    Raises:
        CommandError: the incident is not known, or the explainer does not answer.
    """
    note = checked_note(note)
    whole = whole_id(settings, incident)
    word = Feedback(incident=whole, verdict=verdict, at=datetime.now(UTC), by=who(), note=note, until=until)
    with explainer_orders(settings) as explainer:
        alert = explainer.say(word)
    words = f"{printable(alert.device)}: {printable(alert.label)}: {alert.status}"
    words += f" until {day_and_clock(alert.snoozed_until)}" if alert.snoozed_until else ""
    output().print(words + (f", {alert.verdict.replace('_', ' ')}" if alert.verdict else ""))
