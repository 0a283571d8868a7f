"""The book read from its beginning to its end, a little at a time, however large it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Raw, Struct
from sqlalchemy import select

from contracts.anomaly import Contribution
from storage import tables
from storage.browsing import Filters, conditions
from storage.interchange import (
    FORMAT,
    VERSION,
    AlertLine,
    AnomalyLine,
    ExplanationLine,
    FeedbackLine,
    HeaderLine,
    Line,
)
from storage.rows import alert_of, feedback_from

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection, Engine, RowMapping, Table

    from contracts.alert import Alert

_PAGE = 200
_ROWS = 500
_BOOKKEEPING = tuple(name for name in AlertLine.__struct_fields__ if name != "alert")


class _Body(Struct, frozen=True):
    contributions: tuple[Contribution, ...] = ()


_body = msgspec.json.Decoder(_Body)


@dataclass(frozen=True, slots=True)
class ExportedAnomaly:
    """An anomaly for a table: what the database knows of it, its alert, and which metrics make it up."""

    anomaly: str
    phase: str
    measured_at: datetime
    severity: str
    kind: str
    score: float
    decision: float | None
    confidence: float
    alert: Alert
    contributions: tuple[Contribution, ...]


def export_lines(engine: Engine, filters: Filters | None = None) -> Iterator[Line]:
    """Yield the lines of an export: alerts that `filters` choose (words aside), oldest first, with all of theirs."""
    yield HeaderLine(format=FORMAT, version=VERSION, exported_at=datetime.now(UTC))
    with engine.connect() as connection:
        for page in _pages(connection, filters or Filters()):
            for row in page:
                yield AlertLine(alert=alert_of(row), **{name: row[name] for name in _BOOKKEEPING})
            incidents = [row["incident"] for row in page]
            for row in _of(connection, tables.anomalies, incidents):
                yield AnomalyLine(stored_at=row["stored_at"], body=Raw(row["body"]))
            for row in _of(connection, tables.feedback, incidents):
                yield FeedbackLine(digest=row["digest"], feedback=feedback_from(row))
            for row in _of(connection, tables.explanations, incidents):
                yield ExplanationLine(**{name: row[name] for name in ExplanationLine.__struct_fields__})


def export_alerts(engine: Engine, filters: Filters | None = None) -> Iterator[Alert]:
    """Yield the alerts that `filters` choose (words aside), oldest first."""
    with engine.connect() as connection:
        for page in _pages(connection, filters or Filters()):
            yield from (alert_of(row) for row in page)


def export_anomalies(engine: Engine, filters: Filters | None = None) -> Iterator[ExportedAnomaly]:
    """Yield the anomalies of the alerts that `filters` choose (words aside), oldest alert first."""
    with engine.connect() as connection:
        for page in _pages(connection, filters or Filters()):
            alerts = {row["incident"]: alert_of(row) for row in page}
            for row in _of(connection, tables.anomalies, list(alerts)):
                yield _exported(row, alerts[row["incident"]])


def _pages(connection: Connection, filters: Filters) -> Iterator[list[RowMapping]]:
    columns = tables.alerts.c
    chosen = select(tables.alerts).where(*conditions(filters)).order_by(columns.id).limit(_PAGE)
    last = 0
    while page := connection.execute(chosen.where(columns.id > last)).mappings().all():
        yield list(page)
        last = page[-1]["id"]


def _of(connection: Connection, table: Table, incidents: Sequence[str]) -> Iterator[RowMapping]:
    """Yield what belongs to some incidents, in the order in which it was stored."""
    chosen = select(table).where(table.c.incident.in_(incidents)).order_by(table.c.id)
    with connection.execution_options(stream_results=True).execute(chosen) as rows:
        yield from rows.yield_per(_ROWS).mappings()


def _exported(row: RowMapping, alert: Alert) -> ExportedAnomaly:
    names = ("anomaly", "phase", "measured_at", "severity", "kind", "score", "decision", "confidence")
    known: dict[str, Any] = {name: row[name] for name in names}
    return ExportedAnomaly(**known, alert=alert, contributions=_body.decode(row["body"]).contributions)
