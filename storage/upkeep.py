"""What happens to the database from time to time: old rows go, what was done when is noted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, or_, select

from storage import tables
from storage.inserting import insert_into
from storage.rows import alert_record

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.records import AlertRecord


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many rows went."""

    alerts: int = 0
    dead_letters: int = 0

    def __add__(self, other: Pruned) -> Pruned:
        return Pruned(self.alerts + other.alerts, self.dead_letters + other.dead_letters)


def prune_alerts(connection: Connection, before: datetime, limit: int) -> int:
    """Delete alerts that closed before a moment, oldest first, with all that belongs to them; return how many.

    What is still open stays, however old it is: it has no `closed_at`, not even when it opened again.
    """
    columns = tables.alerts.c
    # By `closed_at` alone: with the status beside it, SQLite would take that index and sort all that are closed.
    chosen = select(columns.id, columns.incident).where(columns.closed_at < before)
    rows = connection.execute(chosen.order_by(columns.closed_at).limit(limit)).all()
    if rows:
        incidents = [row.incident for row in rows]
        for table in (tables.anomalies, tables.explanations, tables.feedback):
            connection.execute(delete(table).where(table.c.incident.in_(incidents)))
        connection.execute(delete(tables.alerts).where(columns.id.in_([row.id for row in rows])))
    return len(rows)


def prune_dead_letters(connection: Connection, before: datetime, limit: int) -> int:
    """Delete refused messages received before a moment, oldest first; return how many."""
    columns = tables.dead_letters.c
    chosen = select(columns.id).where(columns.received_at < before).order_by(columns.received_at).limit(limit)
    ids = list(connection.execute(chosen).scalars())
    if ids:
        connection.execute(delete(tables.dead_letters).where(columns.id.in_(ids)))
    return len(ids)


def prunable(connection: Connection, before: datetime) -> int:
    """Count the alerts that `prune_alerts` would delete."""
    columns = tables.alerts.c
    chosen = select(func.count()).where(columns.closed_at < before)
    return connection.execute(chosen).scalar_one()


def lasting(connection: Connection, since: datetime, limit: int) -> list[AlertRecord]:
    """Return open incidents, replays aside, that people heard of last before a moment; handled ones are not open."""
    columns = tables.alerts.c
    unheard = or_(columns.reminded_at.is_(None), columns.reminded_at <= since)
    live = columns.run.is_(None)
    chosen = select(tables.alerts).where(columns.status == "open", columns.phase_at <= since, live, unheard)
    return [alert_record(row) for row in connection.execute(chosen.limit(limit)).mappings()]


def done_at(connection: Connection, chore: str) -> datetime | None:
    """Return when something was done last."""
    columns = tables.chores.c
    return connection.execute(select(columns.done_at).where(columns.name == chore)).scalar_one_or_none()


def note_done(connection: Connection, chore: str, at: datetime) -> None:
    """Note when something was done."""
    noted = insert_into(connection, tables.chores).values(name=chore, done_at=at)
    connection.execute(noted.on_conflict_do_update(index_elements=["name"], set_={"done_at": at}))
