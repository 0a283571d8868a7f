"""Lists alerts from the database."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from contracts.codec import encode
from storage.browsing import MAX_PAGE, Filters, Page, page
from storage.errors import BadCursorError, UnknownIncidentError
from storage.incident import whole_incident
from tocsin.book.alert_database import reading
from tocsin.book.alert_table import alert_table
from tocsin.book.incident_in_full import incident_in_full
from tocsin.terminal import CommandError, errors, output
from tocsin.time_words import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from contracts.alert import Alert, Status
    from contracts.anomaly import Kind, Severity

_ID = re.compile("[0-9a-f]{1,32}")
_NOT_OVER: tuple[Status, ...] = ("open", "acknowledged", "snoozed")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which alerts are asked for; times as people write them."""

    since: str | None = None
    until: str | None = None
    device: str | None = None
    status: Sequence[Status] = ()
    only_open: bool = False
    severity: Severity | None = None
    kinds: Sequence[Kind] = ()
    text: str | None = None
    limit: int = 50
    after: str | None = None

    def filters(self) -> Filters:
        """Turn it into what the database understands.

        Raises:
            CommandError: a time is none.
        """
        return Filters(
            device=self.device,
            status=(*self.status, *_NOT_OVER) if self.only_open else tuple(self.status),
            severity=self.severity,
            kinds=self.kinds,
            since=_time("--since", self.since),
            until=_time("--until", self.until),
            text=self.text,
        )


def list_alerts(url: str, choice: Choice, *, as_json: bool) -> None:
    """Print alerts, newest first: a table, or one JSON a line.

    Raises:
        CommandError: the database cannot be read, or a time or the cursor is none.
    """
    filters, found, following = choice.filters(), 0, choice.after
    with reading(url) as engine:
        for one in _pages(engine, filters, choice):
            found += len(one.alerts)
            following = one.next
            _print_json(one.alerts) if as_json else _print_table(one.alerts)
    if not found and not as_json:
        errors().print("No alerts" + _as_chosen(choice))
    elif following is not None and output().is_terminal:
        errors().print(f"More: the same with --after {following}", style="dim")
    elif not as_json and output().is_terminal:
        errors().print(f"Alerts: {found}. One in full: tocsin alerts show INCIDENT", style="dim")


def show_alert(url: str, incident: str, *, as_json: bool) -> None:
    """Print all that is known of an incident.

    Raises:
        CommandError: no alert begins with this id, or more than one does.
    """
    with reading(url) as engine:
        try:
            whole = whole_incident(engine, incident)
        except UnknownIncidentError as error:
            remedies = ["`tocsin alerts` shows the first characters of each incident"]
            if not _ID.fullmatch(incident) or page(engine, Filters(device=incident), limit=1).alerts:
                remedies.insert(0, f"a device? tocsin alerts --device {shlex.quote(incident)}")
            raise CommandError(str(error), *remedies) from error
    if as_json:
        # msgspec writes the anomalies as they are: they are JSON already.
        document = {name: getattr(whole, name) for name in whole.__slots__}
        document["anomalies"] = [msgspec.Raw(body.encode()) for body in whole.anomalies]
        output().out(msgspec.json.encode(document).decode(), highlight=False)
    else:
        output().print(incident_in_full(whole))


def _pages(engine: Any, filters: Filters, choice: Choice) -> Iterator[Page]:  # noqa: ANN401 - storage's engine
    left, after = choice.limit, choice.after
    while left > 0:
        try:
            one = page(engine, filters, after=after, limit=min(left, MAX_PAGE))
        except BadCursorError as error:
            raise CommandError(f"--after: {error}", code=2) from error
        yield one
        left, after = left - len(one.alerts), one.next
        if after is None:
            return


def _print_table(alerts: Sequence[Alert]) -> None:
    console = output()
    if alerts:
        console.print(alert_table(alerts, for_people=console.is_terminal))


def _print_json(alerts: Sequence[Alert]) -> None:
    console = output()
    for alert in alerts:
        console.out(encode(alert).decode(), highlight=False)


def _time(option: str, words: str | None) -> datetime | None:
    try:
        return None if words is None else moment(words, datetime.now(UTC))
    except ValueError as error:
        raise CommandError(f"{option} {error}", code=2) from error


def _as_chosen(choice: Choice) -> str:
    words = " that are not over" if choice.only_open else ""
    words += f" of device {choice.device!r}" if choice.device else ""
    words += f" since {choice.since}" if choice.since else ""
    others = (choice.until, choice.status, choice.severity, choice.kinds, choice.text)
    if any(others):
        words += " that fit the other options" if words else " that fit these options"
    return words + "."
