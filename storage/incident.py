"""Everything that the book holds of one incident."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from storage import tables
from storage.queries import alert as alert_by_id
from storage.queries import anomaly_bodies
from storage.records import Attempt
from storage.similar import feedback_of, similar_to

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from contracts.alert import Alert
    from contracts.service import Feedback
    from storage.similar import Earlier


@dataclass(frozen=True, slots=True)
class WholeIncident:
    """An incident with all about it; `anomalies` are the first ones as JSON, `anomaly_count` counts them all."""

    alert: Alert
    anomalies: list[str]
    anomaly_count: int
    said: list[Feedback]
    attempts: list[Attempt]
    earlier: list[Earlier]


def whole_incident(engine: Engine, incident: str, *, anomalies: int = 1000) -> WholeIncident:
    """Return all that is known of an incident.

    Args:
        engine: the database.
        incident: its id, or so many of its first characters that it is the only one.
        anomalies: so many at most, oldest first.

    Raises:
        UnknownIncidentError: none is stored, or the beginning fits more than one.
    """
    alert = alert_by_id(engine, incident)
    bodies = anomaly_bodies(engine, alert.incident, anomalies)
    columns, names = tables.explanations.c, [field.name for field in fields(Attempt)]
    chosen = select(*(columns[name] for name in names)).where(columns.incident == alert.incident).order_by(columns.id)
    count = select(func.count()).select_from(tables.anomalies).where(tables.anomalies.c.incident == alert.incident)
    with engine.connect() as connection:
        return WholeIncident(
            alert=alert,
            anomalies=bodies,
            anomaly_count=connection.execute(count).scalar_one(),
            said=feedback_of(connection, [alert.incident]),
            attempts=[Attempt(**row) for row in connection.execute(chosen).mappings()],
            earlier=similar_to(connection, alert),
        )
