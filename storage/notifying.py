"""What is owed to webhooks, mail and the like: written with the alert, kept until it was delivered or given up."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from storage.records import Notification
from storage.tables import notifications, tellings

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Connection


def owe(connection: Connection, owed: Sequence[Notification]) -> None:
    """Owe notifications; their ids are given here."""
    rows = [{name: value for name, value in asdict(one).items() if name != "id"} for one in owed]
    if rows:
        connection.execute(notifications.insert(), rows)


def due(connection: Connection, output: str, now: datetime, limit: int) -> list[Notification]:
    """Return what an output may be told now, oldest first."""
    columns = notifications.c
    chosen = select(notifications).where(columns.output == output, columns.next_at <= now)
    rows = connection.execute(chosen.order_by(columns.id).limit(limit)).mappings()
    return [Notification(**row) for row in rows]


def settle(connection: Connection, ids: Collection[int]) -> None:
    """Forget notifications that were delivered or given up."""
    connection.execute(delete(notifications).where(notifications.c.id.in_(ids)))


def postpone(connection: Connection, ids: Collection[int], until: datetime) -> None:
    """Count one failed attempt and try again later."""
    columns = notifications.c
    changed = update(notifications).where(columns.id.in_(ids))
    connection.execute(changed.values(attempts=columns.attempts + 1, next_at=until))


def forget_outputs(connection: Connection, known: Collection[str]) -> int:
    """Forget what is owed to outputs that are set no more; return how much that was."""
    return connection.execute(delete(notifications).where(notifications.c.output.not_in(known))).rowcount


def note_told(connection: Connection, outputs: Collection[str], at: datetime, *, forget_before: datetime) -> None:
    """Note that outputs were told something, and forget what lies far back."""
    connection.execute(delete(tellings).where(tellings.c.told_at < forget_before))
    if outputs:
        connection.execute(tellings.insert(), [{"output": name, "told_at": at} for name in outputs])


def told_since(connection: Connection, since: datetime) -> list[tuple[str, datetime]]:
    """Return which outputs were told something and when, oldest first."""
    chosen = select(tellings.c.output, tellings.c.told_at).where(tellings.c.told_at >= since)
    return [(row.output, row.told_at) for row in connection.execute(chosen.order_by(tellings.c.told_at))]
