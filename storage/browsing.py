"""Alerts by filter, a page at a time: on any page of a million rows as quick as on the first."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_, select

from storage import tables
from storage.errors import BadCursorError
from storage.rows import SEVERITY_RANK, alert_of
from storage.word_search import Search, found, words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Engine, RowMapping, Select

    from contracts.alert import Alert, Status, Verdict
    from contracts.anomaly import Kind, Severity

MAX_PAGE = 1000
_WHOLE, _BEGINNINGS = "w", "b"


@dataclass(frozen=True, slots=True)
class Filters:
    """Which alerts are asked for; what is left out does not choose.

    Attributes:
        status: one of these.
        severity: at least this.
        since: opened at this time or later.
        until: opened before this time.
        text: words that all stand in device, label, reason or causes; where nothing holds them as whole words, each
            may be the beginning of one.
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
    words = words_of(filters.text)
    if filters.text is not None and not words:
        return Page([], None)
    limit = max(1, min(limit, MAX_PAGE))
    chosen = select(tables.alerts).where(*conditions(filters)).limit(limit + 1)
    with engine.connect() as connection:
        if not words:
            return _page(connection.execute(_in_time_order(chosen, after)).mappings().all(), limit, None)
        number, mark = (None, _WHOLE) if after is None else _position(after)
        search = Search(words, filters.device, whole=mark == _WHOLE, before=number, chosen=conditions(filters))
        rows = found(connection, search, limit + 1)
        if not rows and after is None:
            search = replace(search, whole=False)
            rows = found(connection, search, limit + 1)
    return _page(rows, limit, search)


def _page(rows: Sequence[RowMapping], limit: int, search: Search | None) -> Page:
    shown = [alert_of(row) for row in rows[:limit]]
    return Page(shown, _cursor(rows[limit - 1], search) if len(rows) > limit else None)


def conditions(filters: Filters) -> list[ColumnElement[bool]]:
    """Write filters, words aside, as conditions on `alerts`."""
    columns = tables.alerts.c
    these: list[ColumnElement[bool]] = []
    equal = {
        "device": filters.device,
        "verdict": filters.verdict,
        "run": filters.run,
        "site_incident": filters.site_incident,
    }
    these += [columns[name] == value for name, value in equal.items() if value is not None]
    these += [columns.status.in_(filters.status)] if filters.status else []
    these += [columns.kind.in_(filters.kinds)] if filters.kinds else []
    these += [columns.severity_rank >= SEVERITY_RANK[filters.severity]] if filters.severity else []
    these += [columns.opened_at >= filters.since] if filters.since else []
    these += [columns.opened_at < filters.until] if filters.until else []
    return these


def _in_time_order(chosen: Select[Any], after: str | None) -> Select[Any]:
    columns = tables.alerts.c
    if after is not None:
        number, mark = _position(after)
        if not isinstance(mark, datetime):
            raise BadCursorError(f"cursor {after[:80]!r}: expected one of a list without words")
        earlier = and_(columns.opened_at == mark, columns.id < number)
        chosen = chosen.where(columns.opened_at <= mark, or_(columns.opened_at < mark, earlier))
    return chosen.order_by(columns.opened_at.desc(), columns.id.desc())


def _cursor(row: RowMapping, search: Search | None) -> str:
    mark = row["opened_at"].isoformat() if search is None else _WHOLE if search.whole else _BEGINNINGS
    return urlsafe_b64encode(f"{row['id']} {mark}".encode()).decode().rstrip("=")


def _position(cursor: str) -> tuple[int, datetime | str]:
    wrong = BadCursorError(f"cursor {cursor[:80]!r}: expected the one that a page gave")
    try:
        number, _, mark = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition(" ")
        position = int(number), mark if mark in {_WHOLE, _BEGINNINGS} else datetime.fromisoformat(mark)
    except ValueError:
        raise wrong from None
    if isinstance(position[1], datetime) and position[1].tzinfo is None:
        raise wrong
    return position
