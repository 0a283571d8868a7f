"""Earlier incidents that resemble one, and what people said of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from storage import tables
from storage.queries import alert as alert_by_id
from storage.records import Opening
from storage.rows import alert_of, feedback_from

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection, Engine

    from contracts.alert import Alert
    from contracts.service import Feedback

_LOOKED_AT = 200
_LEAST_LIKENESS = 0.5
_KIND, _METRICS = 0.5, 0.5


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier incident.

    Attributes:
        alert: what was told of it.
        likeness: 0 to 1, see `likeness`.
        said: what people said of it, oldest first.
    """

    alert: Alert
    likeness: float
    said: tuple[Feedback, ...] = ()


def similar(engine: Engine, incident: str | Alert, limit: int = 5) -> list[Earlier]:
    """Return earlier incidents of the same device that resemble one, the most alike first, among equals the newest.

    Args:
        engine: the database.
        incident: an alert, stored or not, or the id of a stored one.
        limit: so many at most; the device's last 200 before it are looked at.

    Raises:
        UnknownIncidentError: no alert has this id.
    """
    alert = alert_by_id(engine, incident) if isinstance(incident, str) else incident
    with engine.connect() as connection:
        return similar_to(connection, alert, limit)


def similar_to(connection: Connection, alert: Alert, limit: int = 5) -> list[Earlier]:
    """Return as `similar` does, over a connection that is open already."""
    columns = tables.alerts.c
    chosen = select(tables.alerts).where(columns.device == alert.device, columns.opened_at < alert.opened_at)
    newest = chosen.order_by(columns.opened_at.desc()).limit(_LOOKED_AT)
    others = [alert_of(row) for row in connection.execute(newest).mappings()]
    ranked = [(likeness(alert, other), other) for other in others if other.incident != alert.incident]
    alike = [pair for pair in ranked if pair[0] >= _LEAST_LIKENESS]
    alike.sort(key=lambda pair: (pair[0], pair[1].opened_at), reverse=True)
    said = feedback_of(connection, [other.incident for _, other in alike[:limit]])
    return [
        Earlier(other, round(value, 3), tuple(word for word in said if word.incident == other.incident))
        for value, other in alike[:limit]
    ]


def likeness(one: Alert, other: Alert) -> float:
    """Tell how alike two incidents are, 0 to 1: half for the kind, half for the metrics' common shares."""
    mine = {part.metric: part.share for part in one.evidence.contributions}
    common = sum(min(mine.get(part.metric, 0.0), part.share) for part in other.evidence.contributions)
    if not mine and not other.evidence.contributions:  # a silence has no metrics
        common = 1.0
    return _KIND * (one.evidence.kind == other.evidence.kind) + _METRICS * min(1.0, common)


def feedback_of(connection: Connection, incidents: Collection[str]) -> list[Feedback]:
    """Return what people said of these incidents, oldest first."""
    columns = tables.feedback.c
    chosen = select(tables.feedback).where(columns.incident.in_(incidents)).order_by(columns.at, columns.id)
    return [feedback_from(row) for row in connection.execute(chosen).mappings()]


def opened_last(connection: Connection, limit: int) -> list[Opening]:
    """Return when the incidents stored last opened, oldest first."""
    columns = tables.alerts.c
    chosen = select(columns.incident, columns.device, columns.run, columns.opened_at, columns.site_incident)
    rows = connection.execute(chosen.order_by(columns.id.desc()).limit(limit)).all()
    return [Opening(*row) for row in reversed(rows)]
