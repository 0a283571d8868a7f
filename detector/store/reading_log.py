"""The newest readings of every device as they came, with what was found in them: for recovery, charts and back-fill."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

SCHEMA = """
CREATE TABLE IF NOT EXISTS readings (
    position INTEGER PRIMARY KEY,
    device INTEGER NOT NULL,
    reading_id BLOB NOT NULL,
    received_at REAL NOT NULL,
    payload BLOB NOT NULL,
    measured_at REAL,
    score REAL,
    decision REAL,
    verdict INTEGER,
    band BLOB
);
CREATE INDEX IF NOT EXISTS readings_by_device ON readings (device, position);
"""
# Columns that files of version 1 do not have.
ADDED = {"measured_at": "REAL", "score": "REAL", "decision": "REAL", "verdict": "INTEGER", "band": "BLOB"}
NORMAL, ALARM, LATE, HELD = 0, 1, 2, 3
_SWEPT_AT_ONCE = 2_000


class LoggedReading(msgspec.Struct, frozen=True, gc=False):
    """A reading as it came; `position` orders all readings of the file.

    Attributes:
        position, device: its place in the file, the number of its device.
        reading_id, received_at, payload: as it arrived.
        measured_at: event time, epoch s.
        score, decision: of the model, as in an Outcome.
        verdict: NORMAL, ALARM, LATE (not scored) or HELD (to be scored when the device's model is there).
        band: what was expected then (`detector.store.bands`), kept now and then.
    """

    position: int
    device: int
    reading_id: str
    received_at: datetime
    payload: bytes
    measured_at: float | None = None
    score: float | None = None
    decision: float | None = None
    verdict: int = NORMAL
    band: bytes | None = None


class ReadingLog:
    """Rows of one table; every method works inside the caller's transaction.

    Args:
        connection: the detector's state file, whose schema holds `SCHEMA`.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, readings: Iterable[LoggedReading]) -> None:
        """Keep readings."""
        self._connection.executemany(
            "INSERT INTO readings (position, device, reading_id, received_at, payload, measured_at, score, decision,"
            " verdict, band) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    one.position,
                    one.device,
                    bytes.fromhex(one.reading_id),
                    one.received_at.timestamp(),
                    one.payload,
                    one.measured_at,
                    one.score,
                    one.decision,
                    one.verdict,
                    one.band,
                )
                for one in readings
            ],
        )

    def scored(self, readings: Iterable[LoggedReading]) -> None:
        """Keep what was found in readings that were held."""
        self._connection.executemany(
            "UPDATE readings SET measured_at = ?, score = ?, decision = ?, verdict = ?, band = ? WHERE position = ?",
            ((one.measured_at, one.score, one.decision, one.verdict, one.band, one.position) for one in readings),
        )

    def unseen(self) -> Iterator[LoggedReading]:
        """Read what no snapshot covers yet, in order."""
        rows = self._connection.execute(  # CROSS JOIN: device by device, by index; else every reading is looked at
            "SELECT r.position, r.device, r.reading_id, r.received_at, r.payload, r.verdict FROM devices d"
            " CROSS JOIN readings r ON r.device = d.number AND r.position > d.position ORDER BY r.position"
        )
        for position, device, reading_id, received_at, payload, verdict in rows:
            at = datetime.fromtimestamp(received_at, UTC)
            yield LoggedReading(position, device, reading_id.hex(), at, payload, verdict=verdict or NORMAL)

    def newest_ids(self, limit: int) -> list[str]:
        """Read the names of the newest readings, oldest first."""
        rows = self._connection.execute("SELECT reading_id FROM readings ORDER BY position DESC LIMIT ?", (limit,))
        return [row[0].hex() for row in rows][::-1]

    def prune(self, device: int, keep: int) -> int:
        """Forget a device's readings beyond the newest `keep` that its snapshot covers; return how many went."""
        oldest_kept = "SELECT position FROM readings WHERE device = ?1 ORDER BY position DESC LIMIT 1 OFFSET ?2"
        cursor = self._connection.execute(
            "DELETE FROM readings WHERE device = ?1"  # noqa: S608 - our own text alone
            " AND position <= (SELECT position FROM devices WHERE number = ?1)"
            f" AND position < ({oldest_kept})",
            (device, keep - 1),
        )
        return cursor.rowcount

    def sweep(self, before: float) -> int:
        """Forget some readings that arrived before a time (epoch s) and that a snapshot covers; return how many went.

        At most some thousand a call, so that no reading waits for it: call again until it returns 0.
        """
        cursor = self._connection.execute(
            "DELETE FROM readings WHERE position IN (SELECT r.position FROM readings r"
            " JOIN devices d ON d.number = r.device WHERE r.position < ?1 AND r.position <= d.position LIMIT ?2)",
            (self._first_since(before), _SWEPT_AT_ONCE),
        )
        return cursor.rowcount

    def _first_since(self, time: float) -> int:
        """Find the position of the first reading that arrived at a time or later: arrivals are in order."""
        low, high = self._connection.execute(
            "SELECT coalesce(min(position), 0), coalesce(max(position), -1) + 1 FROM readings"
        ).fetchone()
        while low < high:
            middle = (low + high) // 2
            position, received_at = self._connection.execute(
                "SELECT position, received_at FROM readings WHERE position >= ? ORDER BY position LIMIT 1", (middle,)
            ).fetchone()
            if received_at < time:
                low = position + 1
            else:
                high = middle
        return int(low)
