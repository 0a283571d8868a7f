"""The figures of a span of time, for the digest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import case, func, select

from storage import tables
from storage.rows import alert_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from contracts.alert import Alert

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class DeviceFigures:
    """A device's incidents, and for how many seconds those that are over lasted together."""

    device: str
    incidents: int
    severe: int
    seconds: float


@dataclass(frozen=True, slots=True)
class SpanFigures:
    """What happened between two moments; replays count in `replayed` alone.

    Attributes:
        by_severity: incidents opened, by severity.
        by_kind: the same by kind, the most frequent first.
        devices: those with the most incidents.
        open: incidents of any time that are open now and handled by nobody, newest first.
        open_count: how many these are.
        verdicts: incidents opened, by what people said of them.
        refused: refused messages, by device or service, the most frequent first.
        explained: models' answers that became an alert's text.
        cost: of all attempts; None where nothing is charged.
        before: incidents opened in a span of the same length before.
    """

    by_severity: dict[str, int]
    by_kind: dict[str, int]
    devices: list[DeviceFigures]
    open: list[Alert]
    open_count: int
    verdicts: dict[str, int]
    refused: dict[str, int]
    replayed: int
    explained: int
    cost: float | None
    before: int

    @property
    def incidents(self) -> int:
        """Incidents opened."""
        return sum(self.by_severity.values())


def figures(connection: Connection, start: datetime, end: datetime) -> SpanFigures:
    """Count what happened from `start` on, before `end`."""
    columns = tables.alerts.c
    opened = [columns.opened_at >= start, columns.opened_at < end]
    live = [*opened, columns.run.is_(None)]
    unhandled = [columns.status == "open", columns.run.is_(None)]
    shown = select(tables.alerts).where(*unhandled).order_by(columns.opened_at.desc()).limit(_SHOWN)
    explained, cost = _explanations(connection, start, end)
    return SpanFigures(
        by_severity=_counts(connection, columns.severity, live),
        by_kind=_counts(connection, columns.kind, live),
        devices=_devices(connection, live),
        open=[alert_of(row) for row in connection.execute(shown).mappings()],
        open_count=_count(connection, unhandled),
        verdicts=_counts(connection, columns.verdict, [*live, columns.verdict.is_not(None)]),
        refused=_refused(connection, start, end),
        replayed=_count(connection, [*opened, columns.run.is_not(None)]),
        explained=explained,
        cost=cost,
        before=_opened(connection, start - (end - start), start),
    )


def _opened(connection: Connection, start: datetime, end: datetime) -> int:
    columns = tables.alerts.c
    return _count(connection, [columns.opened_at >= start, columns.opened_at < end, columns.run.is_(None)])


def _count(connection: Connection, conditions: list[ColumnElement[bool]]) -> int:
    return connection.execute(select(func.count()).select_from(tables.alerts).where(*conditions)).scalar_one()


def _counts(
    connection: Connection, column: ColumnElement[str], conditions: list[ColumnElement[bool]]
) -> dict[str, int]:
    count = func.count()
    chosen = select(column, count).where(*conditions).group_by(column).order_by(count.desc(), column)
    return {str(name): number for name, number in connection.execute(chosen)}


def _devices(connection: Connection, conditions: list[ColumnElement[bool]]) -> list[DeviceFigures]:
    columns = tables.alerts.c
    severe = func.sum(case((columns.severity_rank > 1, 1), else_=0))
    count = func.count()
    chosen = select(columns.device, count, severe, func.sum(columns.duration_s)).where(*conditions)
    rows = connection.execute(chosen.group_by(columns.device).order_by(count.desc(), columns.device).limit(_SHOWN))
    return [DeviceFigures(device, number, int(bad), float(seconds or 0)) for device, number, bad, seconds in rows]


def _refused(connection: Connection, start: datetime, end: datetime) -> dict[str, int]:
    columns = tables.dead_letters.c
    source, count = func.coalesce(columns.device, columns.service), func.count()
    chosen = select(source, count).where(columns.received_at >= start, columns.received_at < end)
    rows = connection.execute(chosen.group_by(source).order_by(count.desc(), source).limit(_SHOWN))
    return {str(name): number for name, number in rows}


def _explanations(connection: Connection, start: datetime, end: datetime) -> tuple[int, float | None]:
    columns = tables.explanations.c
    good = func.sum(case((columns.outcome == "explained", 1), else_=0))
    chosen = select(good, func.sum(columns.cost)).where(columns.started_at >= start, columns.started_at < end)
    explained, cost = connection.execute(chosen).one()
    return int(explained or 0), None if cost is None else float(cost)
