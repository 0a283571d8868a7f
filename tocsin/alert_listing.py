"""Lists alerts from the database."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from contracts.codec import encode
from storage import queries
from storage.errors import UnknownIncidentError
from tocsin.alert_database import reading
from tocsin.alert_table import alert_in_full, alert_table
from tocsin.terminal import CommandError, errors, output
from tocsin.time_words import moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contracts.alert import Alert, Status

_ID = re.compile("[0-9a-f]{1,32}")
_NOT_OVER: tuple[Status, ...] = ("open", "acknowledged", "snoozed")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which alerts are asked for."""

    since: str | None = None
    device: str | None = None
    only_open: bool = False
    limit: int = 50


def list_alerts(url: str, choice: Choice, *, as_json: bool) -> None:
    """Print alerts, newest first: a table, or one JSON a line.

    Raises:
        CommandError: the database cannot be read, or `since` is no time.
    """
    since = _since(choice.since)
    with reading(url) as engine:
        alerts = queries.recent_alerts(
            engine,
            since=since,
            device=choice.device,
            status=_NOT_OVER if choice.only_open else (),
            limit=choice.limit,
        )
    if as_json:
        _print_json(alerts)
    elif not alerts:
        errors().print("No alerts" + _as_chosen(choice))
    else:
        _print_table(alerts, choice)


def show_alert(url: str, incident: str, *, as_json: bool) -> None:
    """Print one alert in full.

    Raises:
        CommandError: no alert begins with this id, or more than one does.
    """
    with reading(url) as engine:
        try:
            alert = queries.alert(engine, incident)
        except UnknownIncidentError as error:
            remedies = ["`tocsin alerts` shows the first characters of each incident"]
            if not _ID.fullmatch(incident) or queries.recent_alerts(engine, device=incident, limit=1):
                remedies.insert(0, f"a device? tocsin alerts --device {shlex.quote(incident)}")
            raise CommandError(str(error), *remedies) from error
    if as_json:
        _print_json([alert])
    else:
        output().print(alert_in_full(alert))


def _print_table(alerts: Sequence[Alert], choice: Choice) -> None:
    console = output()
    console.print(alert_table(alerts, for_people=console.is_terminal))
    if console.is_terminal:
        more = f"the newest {choice.limit}; --limit shows more" if len(alerts) == choice.limit else f"{len(alerts)}"
        console.print(f"Alerts: {more}. One in full: tocsin alerts INCIDENT", style="dim")


def _print_json(alerts: Sequence[Alert]) -> None:
    console = output()
    for alert in alerts:
        console.out(encode(alert).decode(), highlight=False)


def _since(words: str | None) -> datetime | None:
    try:
        return None if words is None else moment(words, datetime.now(UTC))
    except ValueError as error:
        raise CommandError(f"--since {error}", code=2) from error


def _as_chosen(choice: Choice) -> str:
    words = " that are not over" if choice.only_open else ""
    words += f" of device {choice.device!r}" if choice.device else ""
    return words + (f" since {choice.since}" if choice.since else "") + "."
