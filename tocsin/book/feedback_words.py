"""Says what somebody thinks of an incident."""

from __future__ import annotations

import getpass
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from contracts.service import Feedback
from storage import queries
from storage.errors import UnknownIncidentError
from tocsin.book.alert_database import reading
from tocsin.models.ordering import say
from tocsin.terminal import CommandError, output, printable

if TYPE_CHECKING:
    from tocsin.command_settings import CommandSettings

_WHOLE = re.compile("[0-9a-f]{32}")
_MAX_NOTE, _MAX_NAME = 1000, 64
_EFFECTS = {
    "confirmed": "it is never learned from",
    "false_positive": "the like of it stays silent on this device; `undo` takes that back",
    "undo": "nothing is said of it any more",
}


def say_of(settings: CommandSettings, incident: str, verdict: Any, note: str | None) -> None:  # noqa: ANN401 - checked by the contract
    """Publish feedback, and say what the detector makes of it.

    Raises:
        CommandError: the incident is not known, or the detector cannot be reached.
    """
    note = checked_note(note)
    said = {"incident": whole_id(settings, incident), "verdict": verdict, "at": datetime.now(UTC), "by": who()}
    answer = say(settings, msgspec.convert(said | ({"note": note} if note else {}), Feedback))
    output().print(f"{printable(str(answer.device))}: {_EFFECTS[verdict]}.")


def checked_note(note: str | None) -> str | None:
    """Return a note that a message can hold; an empty one is none.

    Raises:
        CommandError: it is too long.
    """
    if note is not None and len(note) > _MAX_NOTE:
        raise CommandError(f"--note of {len(note)} characters: expected {_MAX_NOTE} at most", code=2)
    return note or None


def whole_id(settings: CommandSettings, incident: str) -> str:
    """Complete the first characters of an incident's id from the alert database."""
    if _WHOLE.fullmatch(incident):
        return incident
    with reading(settings.database_url) as engine:
        try:
            return queries.alert(engine, incident).incident
        except UnknownIncidentError as error:
            raise CommandError(str(error), "`tocsin alerts` shows the first characters of each incident") from error


def who() -> str:
    """Name whoever says something."""
    try:
        return getpass.getuser()[:_MAX_NAME]
    except (OSError, KeyError):  # an account without a name, as in a container
        return "operator"
