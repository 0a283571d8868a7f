"""What the detector has raised, and what people have said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from contracts.anomaly import Anomaly
from contracts.codec import encode

if TYPE_CHECKING:
    import sqlite3

    from contracts.service import Feedback

SCHEMA = """
CREATE TABLE IF NOT EXISTS raised (
    anomaly_id TEXT PRIMARY KEY, incident_id TEXT NOT NULL, phase TEXT NOT NULL, raised_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS incidents (
    id TEXT PRIMARY KEY,
    device TEXT NOT NULL,
    opened_at REAL NOT NULL,
    closed_at REAL,
    raised_at REAL NOT NULL,
    evidence BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS incidents_by_device ON incidents (device, opened_at);
CREATE TABLE IF NOT EXISTS feedback (
    incident TEXT PRIMARY KEY, verdict TEXT NOT NULL, said_at REAL NOT NULL, said_by TEXT, note TEXT
);
"""


class Span(msgspec.Struct, frozen=True, gc=False):
    """When an incident was open (epoch s of event time; `until` is None while it is), and what people said of it."""

    incident: str
    since: float
    until: float | None
    verdict: str | None


class IncidentLedger:
    """Rows of three tables; every method works inside the caller's transaction.

    Args:
        connection: the detector's state file, whose schema holds `SCHEMA`.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def note(self, anomaly: Anomaly, now: float) -> None:
        """Keep what was raised: it must be in the alert database sooner or later; and the incident's best evidence."""
        self._connection.execute(
            "INSERT INTO raised (anomaly_id, incident_id, phase, raised_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (anomaly.id, anomaly.incident.id, anomaly.incident.phase, now),
        )
        opened, at = anomaly.incident.opened_at.timestamp(), anomaly.measured_at.timestamp()
        closed = at if anomaly.incident.phase == "close" else None
        # a close carries no reading: the evidence of the update before it stays
        self._connection.execute(
            "INSERT INTO incidents (id, device, opened_at, closed_at, raised_at, evidence) VALUES (?1, ?2, ?3, ?4, ?5,"
            " ?6) ON CONFLICT (id) DO UPDATE SET closed_at = ?4, raised_at = ?5,"
            " evidence = CASE WHEN ?4 IS NULL THEN ?6 ELSE evidence END",
            (anomaly.incident.id, anomaly.device, opened, closed, now, encode(_kept(anomaly))),
        )

    def evidence(self, incident: str) -> Anomaly | None:
        """Read an incident's newest anomaly that carries evidence; None for one that is not known (any more)."""
        row = self._connection.execute("SELECT evidence FROM incidents WHERE id = ?", (incident,)).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=Anomaly)

    def say(self, feedback: Feedback) -> bool:
        """Keep what people say of an incident; tell whether it is the newest they said."""
        cursor = self._connection.execute(
            "INSERT INTO feedback (incident, verdict, said_at, said_by, note) VALUES (?1, ?2, ?3, ?4, ?5)"
            " ON CONFLICT (incident) DO UPDATE SET verdict = ?2, said_at = ?3, said_by = ?4, note = ?5"
            " WHERE said_at <= ?3",
            (feedback.incident, feedback.verdict, feedback.at.timestamp(), feedback.by, feedback.note),
        )
        return cursor.rowcount > 0

    def spans(self, device: str, since: float) -> list[Span]:
        """List the incidents of a device that were open at or after a time (epoch s), oldest first."""
        rows = self._connection.execute(
            "SELECT i.id, i.opened_at, i.closed_at, f.verdict FROM incidents i"
            " LEFT JOIN feedback f ON f.incident = i.id"
            " WHERE i.device = ? AND coalesce(i.closed_at, 1e18) >= ? ORDER BY i.opened_at",
            (device, since),
        )
        return [Span(*row) for row in rows]

    def prune(self, before: float) -> int:
        """Forget what was raised before a time (epoch s), except what people spoke of; return how many went."""
        self._connection.execute("DELETE FROM raised WHERE raised_at < ?", (before,))
        return self._connection.execute(
            "DELETE FROM incidents WHERE raised_at < ? AND id NOT IN (SELECT incident FROM feedback)", (before,)
        ).rowcount


def _kept(anomaly: Anomaly) -> Anomaly:
    return msgspec.structs.replace(anomaly, window=None)
