"""Lines of an export taken into a book; what the book has already stays as it is, so that any part may come again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

import msgspec
from sqlalchemy import select

from contracts.anomaly import Anomaly
from storage import tables
from storage.errors import ImportLineError
from storage.inserting import insert_into
from storage.interchange import AlertLine, AnomalyLine, ExplanationLine, FeedbackLine
from storage.records import AlertRecord, Handling, StoredAnomaly
from storage.rows import alert_row, anomaly_row, feedback_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection, Table

    from storage.interchange import Line

_anomaly = msgspec.json.Decoder(Anomaly)
_STATES = {"done", "failed"}


@dataclass(frozen=True, slots=True)
class Imported:
    """How many rows of a kind were new."""

    alerts: int = 0
    anomalies: int = 0
    feedback: int = 0
    explanations: int = 0


def take_in(connection: Connection, lines: Iterable[Line]) -> Imported:
    """Store lines; those about an incident that neither they nor the book have are left out.

    Nothing is owed on account of an import: a model is not asked about old incidents.

    Raises:
        ImportLineError: a line holds what no book could.
    """
    every = list(lines)
    alerts = [line for line in every if isinstance(line, AlertLine)]
    anomalies = [_stored(line) for line in every if isinstance(line, AnomalyLine)]
    words = [line for line in every if isinstance(line, FeedbackLine)]
    attempts = [line for line in every if isinstance(line, ExplanationLine)]
    new_alerts = _add(connection, tables.alerts, "incident", [alert_row(_record(line)) for line in alerts])
    known = _known(connection, [*(one.anomaly.incident.id for one in anomalies), *(one.incident for one in attempts)])
    rows = [anomaly_row(one) for one in anomalies if one.anomaly.incident.id in known]
    said = [feedback_row(line.digest, line.feedback) for line in words]
    return Imported(
        alerts=new_alerts,
        anomalies=_add(connection, tables.anomalies, "anomaly", rows),
        feedback=_add(connection, tables.feedback, "digest", said),
        explanations=_add_attempts(connection, [line for line in attempts if line.incident in known]),
    )


def _record(line: AlertLine) -> AlertRecord:
    for name, value, allowed in (
        ("phase", line.phase, ("open", "closed")),
        ("handling", line.handling, (None, *get_args(Handling))),
    ):
        if value not in allowed:
            raise ImportLineError(f"alert {line.alert.incident}: {name} {value!r}, expected one of {allowed}")
    explanation = msgspec.structs.replace(line.alert.explanation, pending=False)
    names = (
        "phase",
        "phase_at",
        "phase_order",
        "evidence_order",
        "handling",
        "handled_at",
        "snoozed_until",
        "reminded_at",
    )
    kept: dict[str, Any] = {name: getattr(line, name) for name in names}
    state: Any = line.explanation_state if line.explanation_state in _STATES else "none"
    alert = msgspec.structs.replace(line.alert, explanation=explanation)
    return AlertRecord(alert=alert, verdict=line.alert.verdict, explanation_state=state, **kept)


def _stored(line: AnomalyLine) -> StoredAnomaly:
    body = bytes(line.body)
    try:
        return StoredAnomaly(_anomaly.decode(body), body.decode(), line.stored_at)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ImportLineError(f"anomaly: {error}") from error


def _known(connection: Connection, incidents: Sequence[str]) -> set[str]:
    column = tables.alerts.c.incident
    return set(connection.execute(select(column).where(column.in_(set(incidents)))).scalars())


def _add_attempts(connection: Connection, attempts: Sequence[ExplanationLine]) -> int:
    """Add what is not there yet; an attempt is known by its incident and the time it started."""
    columns = tables.explanations.c
    chosen = select(columns.incident, columns.started_at).where(
        columns.incident.in_({one.incident for one in attempts})
    )
    there = {(incident, started) for incident, started in connection.execute(chosen)}
    rows = {
        (one.incident, one.started_at): {name: getattr(one, name) for name in ExplanationLine.__struct_fields__}
        for one in attempts
        if (one.incident, one.started_at) not in there
    }
    if rows:
        connection.execute(tables.explanations.insert(), list(rows.values()))
    return len(rows)


def _add(connection: Connection, table: Table, key: str, rows: list[dict[str, Any]]) -> int:
    """Insert rows whose key is not there yet, and return how many these were."""
    unique = {row[key]: row for row in rows}
    column = table.c[key]
    there = set(connection.execute(select(column).where(column.in_(list(unique)))).scalars())
    fresh = [row for name, row in unique.items() if name not in there]
    if fresh:
        connection.execute(insert_into(connection, table).on_conflict_do_nothing(index_elements=[key]), fresh)
    return len(fresh)
