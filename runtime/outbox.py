"""What a service owes to others, kept in its own SQLite file until somebody has confirmed it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

SCHEMA = """
CREATE TABLE IF NOT EXISTS outbox (
    id TEXT PRIMARY KEY,
    topic TEXT NOT NULL,
    payload BLOB NOT NULL,
    raised_at REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS outbox_by_time ON outbox (next_at, raised_at);
"""

FIRST_WAIT_S = 30.0
LONGEST_WAIT_S = 600.0


@dataclass(frozen=True, slots=True)
class Owed:
    """One message that is not settled yet."""

    id: str
    topic: str
    payload: bytes


class Outbox:
    """Rows of one table; every method works inside the caller's transaction.

    Args:
        connection: the service's own database, whose schema holds `SCHEMA`.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, message_id: str, topic: str, payload: bytes, now: float) -> None:
        """Owe a message; one that is owed already stays as it was."""
        self._connection.execute(
            "INSERT INTO outbox (id, topic, payload, raised_at, next_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (message_id, topic, payload, now, now),
        )

    def settle(self, message_ids: Iterable[str]) -> int:
        """Forget messages that were confirmed; return how many of them were owed."""
        cursor = self._connection.executemany("DELETE FROM outbox WHERE id = ?", ((one,) for one in message_ids))
        return cursor.rowcount

    def due(self, now: float, limit: int) -> list[Owed]:
        """Take up to `limit` messages whose time has come, oldest first, and put off their next attempt.

        Waits double from 30 s to 10 min.
        """
        rows = self._connection.execute(
            "SELECT id, topic, payload, attempts FROM outbox WHERE next_at <= ? ORDER BY raised_at, rowid LIMIT ?",
            (now, limit),
        ).fetchall()
        self._connection.executemany(
            "UPDATE outbox SET attempts = attempts + 1, next_at = ? WHERE id = ?",
            ((now + min(FIRST_WAIT_S * 2 ** min(attempts, 10), LONGEST_WAIT_S), one) for one, _, _, attempts in rows),
        )
        return [Owed(one, topic, payload) for one, topic, payload, _ in rows]

    def hasten(self, now: float) -> None:
        """Make everything due now, after a reconnection."""
        self._connection.execute("UPDATE outbox SET next_at = ? WHERE next_at > ?", (now, now))

    def size(self) -> int:
        """Count what is owed."""
        return int(self._connection.execute("SELECT count(*) FROM outbox").fetchone()[0])
