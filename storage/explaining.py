"""What explaining asks of the database: what is owed, which answers are known already, what was spent."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, String, case, cast, func, or_, select

from storage import tables
from storage.records import BudgetStop, Spending
from storage.rows import alert_record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from storage.records import AlertRecord

__all__ = ["Connection"]  # who calls these functions names it, but never SQLAlchemy
_WAITS = ("owed", "running")


@dataclass(frozen=True, slots=True)
class KnownAnswer:
    """A model's answer to an earlier question: its raw text, whose incident it was, who gave it."""

    incident: str
    device: str
    answer: str
    provider: str
    model: str


@dataclass(frozen=True, slots=True)
class SiteIncident:
    """Devices that failed together: how many, and how many of them with each kind of trouble."""

    devices: int
    kinds: dict[str, int]


def owed(connection: Connection, limit: int, before: datetime | None = None) -> list[AlertRecord]:
    """Return incidents that a model shall be asked about: the most severe first, among equals the newest.

    Of a site incident, only the first is asked about; the others take its answer, see `followers`. With `before`, only
    what has been owed since before it.
    """
    columns = tables.alerts.c
    leads = or_(columns.site_incident.is_(None), columns.site_incident == columns.incident)
    chosen = select(tables.alerts).where(columns.explanation_state == "owed", leads)
    if before is not None:
        chosen = chosen.where(columns.owed_since <= before)
    ordered = chosen.order_by(columns.severity_rank.desc(), columns.phase_at.desc()).limit(limit)
    return [alert_record(row) for row in connection.execute(ordered).mappings()]


def followers(connection: Connection, limit: int) -> list[tuple[AlertRecord, AlertRecord]]:
    """Return incidents that wait for the answer to the first of their site incident, which has one or never will.

    Each comes with that first one.
    """
    columns = tables.alerts.c
    waiting = (columns.explanation_state == "owed") & (columns.site_incident != columns.incident)
    rows = connection.execute(select(tables.alerts).where(waiting).order_by(columns.id).limit(limit)).mappings().all()
    if not rows:
        return []
    chosen = select(tables.alerts).where(columns.incident.in_({row["site_incident"] for row in rows}))
    leaders = {row["incident"]: alert_record(row) for row in connection.execute(chosen).mappings()}
    pairs = [(alert_record(row), leaders.get(row["site_incident"])) for row in rows]
    return [(one, leader) for one, leader in pairs if leader is not None and leader.explanation_state not in _WAITS]


def site_incident(connection: Connection, site: str) -> SiteIncident:
    """Count what failed together."""
    columns = tables.alerts.c
    of_site = columns.site_incident == site
    devices = select(func.count(func.distinct(columns.device))).where(of_site)
    kinds = select(columns.kind, func.count()).where(of_site).group_by(columns.kind)
    return SiteIncident(connection.execute(devices).scalar_one(), {row[0]: row[1] for row in connection.execute(kinds)})


def devices(connection: Connection, limit: int) -> tuple[str, ...]:
    """Return the names of devices in the book, by name; one step in an index each, however many alerts there are."""
    alerts = tables.alerts
    seen = select(func.min(alerts.c.device).label("device")).cte("seen", recursive=True)
    following = select(func.min(alerts.c.device)).where(alerts.c.device > seen.c.device).scalar_subquery()
    seen = seen.union_all(select(following).where(seen.c.device.is_not(None)))
    return tuple(connection.scalars(select(seen.c.device).where(seen.c.device.is_not(None)).limit(limit)))


def known_answer(connection: Connection, fingerprint: str, since: datetime) -> KnownAnswer | None:
    """Return the newest grounded answer to the same question, None where there is none."""
    columns, alerts = tables.explanations.c, tables.alerts
    chosen = (
        select(columns.incident, alerts.c.device, columns.answer, columns.provider, columns.model)
        .join(alerts, alerts.c.incident == columns.incident)
        .where(columns.fingerprint == fingerprint, columns.outcome == "explained", columns.started_at >= since)
        .where(columns.answer.is_not(None))
        .order_by(columns.id.desc())
        .limit(1)
    )
    row = connection.execute(chosen).one_or_none()
    return None if row is None else KnownAnswer(*row)


def spent_since(connection: Connection, start: datetime) -> Spending:
    """Sum what explaining took since a moment; an attempt under way or cut off counts as one request at least."""
    columns = tables.explanations.c
    # An attempt under way has not said yet what it took: count what it is sure to take.
    requests = func.sum(case((columns.outcome == "running", 1), else_=columns.requests))
    tokens = func.sum(columns.prompt_tokens + columns.answer_tokens)
    chosen = select(requests, tokens, func.sum(columns.cost)).where(columns.started_at >= start)
    row = connection.execute(chosen).one()
    return Spending(requests=int(row[0] or 0), tokens=int(row[1] or 0), cost=float(row[2] or 0.0))


def note_stop(connection: Connection, stop: BudgetStop) -> None:
    """Write down that a budget was used up."""
    connection.execute(tables.budget_stops.insert().values(**asdict(stop)))


def budget_stops(connection: Connection, since: datetime) -> list[BudgetStop]:
    """Return when budgets were used up, oldest first."""
    columns = tables.budget_stops.c
    chosen = select(columns.at, columns.budget, columns.used, columns.allowed, columns.owed)
    rows = connection.execute(chosen.where(columns.at >= since).order_by(columns.id))
    return [BudgetStop(*row) for row in rows]


def costs(connection: Connection, since: datetime, by: Sequence[str]) -> list[dict[str, Any]]:
    """Sum what explaining took since a moment.

    Args:
        connection: to the database.
        since: a bound on when an attempt started.
        by: any of `day`, `provider`, `model`, `template`, `device`.

    Returns:
        Rows with these columns and `attempts`, `calls`, `prompt_tokens`, `answer_tokens`, `cost`, `grounded`,
        `ungrounded`, `cached`, `shared` (both: calls that were saved), in the order of the columns.
    """
    groups = [_group(name).label(name) for name in by]
    columns = tables.explanations.c
    sums = [
        func.count().label("attempts"),
        func.sum(columns.requests).label("calls"),
        func.sum(columns.prompt_tokens).label("prompt_tokens"),
        func.sum(columns.answer_tokens).label("answer_tokens"),
        func.coalesce(func.sum(columns.cost), 0.0).label("cost"),
        *(
            func.sum(case((columns.outcome == outcome, 1), else_=0)).label(name)
            for outcome, name in (
                ("explained", "grounded"),
                ("ungrounded", "ungrounded"),
                ("cached", "cached"),
                ("shared", "shared"),
            )
        ),
    ]
    source = tables.explanations.join(tables.alerts, tables.alerts.c.incident == columns.incident)
    chosen = select(*groups, *sums).select_from(source).where(columns.started_at >= since)
    rows = connection.execute(chosen.group_by(*groups).order_by(*groups) if groups else chosen).mappings()
    return [dict(row) for row in rows]


def _group(name: str) -> ColumnElement[Any]:
    columns = tables.explanations.c
    groups: dict[str, ColumnElement[Any]] = {
        "day": func.substr(cast(columns.started_at, String), 1, 10),
        "provider": columns.provider,
        "model": columns.model,
        "template": columns.template,
        "device": tables.alerts.c.device,
    }
    return groups[name]
