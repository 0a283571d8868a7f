"""Alerts by filter, a page at a time: on any page of a million rows as quick as on the first."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, column, func, or_, select, table, text

from storage import tables
from storage.errors import BadCursorError
from storage.rows import SEVERITY_RANK, alert_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Engine, Select

    from contracts.alert import Alert, Status, Verdict
    from contracts.anomaly import Kind, Severity

MAX_PAGE = 1000
MAX_WORDS = 16
_WORD = re.compile(r"[^\W_]+")
_words_index = table("alert_words", column("rowid"), column("alert_words"))
_SPACED = r"regexp_replace(device || ' ' || label || ' ' || reason || ' ' || causes_text, '[^[\:alnum\:]]+', ' ', 'g')"


@dataclass(frozen=True, slots=True)
class Filters:
    """Which alerts are asked for; what is left out does not choose.

    Attributes:
        status: one of these.
        severity: at least this.
        since: opened at this time or later.
        until: opened before this time.
        text: words that all stand in device, label, reason or causes, each at least as the beginning of a word there.
    """

    device: str | None = None
    status: Sequence[Status] = ()
    severity: Severity | None = None
    kinds: Sequence[Kind] = ()
    verdict: Verdict | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None
    run: str | None = None
    site_incident: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some alerts, newest first, and the cursor of the page after them; None when there is none."""

    alerts: list[Alert]
    next: str | None


def page(engine: Engine, filters: Filters | None = None, *, after: str | None = None, limit: int = 50) -> Page:
    """Return the next alerts: by the time they opened, newest first; with `text`, by the time they were first stored.

    Args:
        engine: the database.
        filters: which.
        after: the cursor that the page before gave; it stays right while alerts are added.
        limit: so many at most, 1 to 1000.

    Raises:
        BadCursorError: `after` is no cursor of such a page.
    """
    filters = filters or Filters()
    words = _words(filters.text)
    if filters.text is not None and not words:
        return Page([], None)
    limit = max(1, min(limit, MAX_PAGE))
    chosen = select(tables.alerts).where(*conditions(filters))
    if words:
        chosen = _found(chosen, _of_device(words, filters.device), engine.dialect.name, after)
    else:
        chosen = _in_time_order(chosen, after)
    with engine.connect() as connection:
        rows = connection.execute(chosen.limit(limit + 1)).mappings().all()
    shown = rows[:limit]
    more = len(rows) > limit
    return Page([alert_of(row) for row in shown], _cursor(shown[-1], by_time=not words) if more else None)


def conditions(filters: Filters) -> list[ColumnElement[bool]]:
    """Write filters, words aside, as conditions on `alerts`."""
    columns = tables.alerts.c
    found: list[ColumnElement[bool]] = []
    equal = {
        "device": filters.device,
        "verdict": filters.verdict,
        "run": filters.run,
        "site_incident": filters.site_incident,
    }
    found += [columns[name] == value for name, value in equal.items() if value is not None]
    found += [columns.status.in_(filters.status)] if filters.status else []
    found += [columns.kind.in_(filters.kinds)] if filters.kinds else []
    found += [columns.severity_rank >= SEVERITY_RANK[filters.severity]] if filters.severity else []
    found += [columns.opened_at >= filters.since] if filters.since else []
    found += [columns.opened_at < filters.until] if filters.until else []
    return found


def _words(words: str | None) -> list[str]:
    return _WORD.findall((words or "").lower())[:MAX_WORDS]


def _of_device(words: list[str], device: str | None) -> list[str]:
    """Look for the device's name, too: it is among the words, and leaves few alerts of a seldom device to look at."""
    return words + _words(device)


def _in_time_order(chosen: Select[Any], after: str | None) -> Select[Any]:
    columns = tables.alerts.c
    if after is not None:
        number, time = _position(after)
        if time is None:
            raise BadCursorError(f"cursor {after[:80]!r}: expected one of a list without words")
        earlier = and_(columns.opened_at == time, columns.id < number)
        chosen = chosen.where(columns.opened_at <= time, or_(columns.opened_at < time, earlier))
    return chosen.order_by(columns.opened_at.desc(), columns.id.desc())


def _found(chosen: Select[Any], words: list[str], dialect: str, after: str | None) -> Select[Any]:
    columns = tables.alerts.c
    before = None if after is None else _position(after)[0]
    if dialect == "sqlite":  # the index itself gives the newest first, and is not read further than the page
        index = _words_index.c
        query = " ".join(f'"{word}"*' for word in words)
        chosen = chosen.join(_words_index, columns.id == index.rowid).where(index.alert_words.match(query))
        chosen = chosen if before is None else chosen.where(index.rowid < before)
        return chosen.order_by(index.rowid.desc())
    query = " & ".join(f"{word}:*" for word in words)
    match = text(f"to_tsvector('simple', {_SPACED}) @@ to_tsquery('simple', :words)").bindparams(words=query)
    chosen = chosen.where(match)
    return (chosen if before is None else chosen.where(columns.id < before)).order_by(columns.id.desc())


def _cursor(row: Any, *, by_time: bool) -> str:  # noqa: ANN401 - a row of alerts
    time = f"{row['opened_at'].isoformat()}" if by_time else ""
    return urlsafe_b64encode(f"{row['id']} {time}".encode()).decode().rstrip("=")


def _position(cursor: str) -> tuple[int, datetime | None]:
    try:
        number, _, time = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition(" ")
        position = int(number), datetime.fromisoformat(time) if time else None
    except ValueError:
        raise BadCursorError(f"cursor {cursor[:80]!r}: expected the one that a page gave") from None
    if position[1] is not None and position[1].tzinfo is None:
        raise BadCursorError(f"cursor {cursor[:80]!r}: expected the one that a page gave")
    return position


def count(engine: Engine, filters: Filters | None = None) -> int:
    """Count the alerts that filters without words choose."""
    chosen = select(func.count()).select_from(tables.alerts).where(*conditions(filters or Filters()))
    with engine.connect() as connection:
        return connection.execute(chosen).scalar_one()
