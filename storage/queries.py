"""Reads for people: the command line, the web page, exports."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, text

from storage import tables
from storage.errors import UnknownIncidentError
from storage.rows import alert_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

    from contracts.alert import Alert

_BEGINNING = re.compile("[0-9a-f]{0,32}")


def alert(engine: Engine, incident: str) -> Alert:
    """Return one alert.

    Args:
        engine: the database.
        incident: the incident's id, or so many of its first characters that it is the only one.

    Raises:
        UnknownIncidentError: none is stored, or the beginning fits more than one.
    """
    if not _BEGINNING.fullmatch(incident):
        raise UnknownIncidentError(f"incident {incident!r}: no alert begins so")
    column = tables.alerts.c.incident
    # A range, which the index serves: LIKE would look at every row.
    chosen = select(tables.alerts).where(column >= incident, column < incident + "g").limit(2)
    with engine.connect() as connection:
        rows = connection.execute(chosen).mappings().all()
    if len(rows) != 1:
        raise UnknownIncidentError(f"incident {incident!r}: {'more than one' if rows else 'no'} alert begins so")
    return alert_of(rows[0])


def anomaly_bodies(engine: Engine, incident: str, limit: int = 1000) -> list[str]:
    """Return the anomalies of an incident as the JSON they came as, oldest first."""
    columns = tables.anomalies.c
    chosen = select(columns.body).where(columns.incident == incident).order_by(columns.measured_at, columns.id)
    with engine.connect() as connection:
        return list(connection.execute(chosen.limit(limit)).scalars())


def dead_letters(engine: Engine, limit: int = 50) -> list[dict[str, Any]]:
    """Return refused messages, newest first, as rows of `dead_letters`."""
    order = tables.dead_letters.c.received_at.desc()
    with engine.connect() as connection:
        chosen = select(tables.dead_letters).order_by(order).limit(limit)
        return [dict(row) for row in connection.execute(chosen).mappings()]


def dead_letter_counts(engine: Engine, since: datetime) -> list[dict[str, Any]]:
    """Count refused messages received since then by service, reason, device and topic, the most frequent first.

    Returns:
        Rows with these columns, `count`, and one `detail` of each kind.
    """
    columns = tables.dead_letters.c
    kind = (columns.service, columns.reason, columns.device, columns.topic)
    count = func.count().label("count")
    chosen = select(*kind, count, func.max(columns.detail).label("detail")).where(columns.received_at >= since)
    with engine.connect() as connection:
        rows = connection.execute(chosen.group_by(*kind).order_by(count.desc(), columns.reason, columns.topic))
        return [dict(row) for row in rows.mappings()]


def counts(engine: Engine) -> dict[str, int]:
    """Count the rows of every table."""
    with engine.connect() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(text(name))).scalar_one()
            for name in tables.metadata.tables
        }
