"""What is kept of foreign devices over a restart; in the state file, in its transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

SCHEMA = """
CREATE TABLE IF NOT EXISTS foreign_devices (device TEXT PRIMARY KEY, state BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS foreign_births (topic TEXT PRIMARY KEY, payload BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS foreign_notices (notice BLOB NOT NULL);
"""
_MOST_BIRTHS = 5000


class ForeignBook:
    """Memory of each foreign device, and the birth certificates that later messages need to be read.

    Args:
        connection: of the state file, within a transaction for what writes.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def devices(self) -> list[tuple[str, bytes]]:
        """Read the memory of every device."""
        return self._connection.execute("SELECT device, state FROM foreign_devices").fetchall()

    def births(self) -> list[tuple[str, bytes]]:
        """Read the birth certificates."""
        return self._connection.execute("SELECT topic, payload FROM foreign_births ORDER BY rowid").fetchall()

    def keep(self, states: Iterable[tuple[str, bytes]]) -> None:
        """Keep the memory of devices."""
        self._connection.executemany(
            "INSERT INTO foreign_devices (device, state) VALUES (?, ?)"
            " ON CONFLICT (device) DO UPDATE SET state = excluded.state",
            states,
        )

    def forget(self, devices: Iterable[str]) -> None:
        """Forget devices."""
        self._connection.executemany("DELETE FROM foreign_devices WHERE device = ?", ((one,) for one in devices))

    def notices(self) -> list[bytes]:
        """Read the notices, oldest first."""
        rows = self._connection.execute("SELECT notice FROM foreign_notices ORDER BY rowid").fetchall()
        return [row[0] for row in rows]

    def keep_notices(self, notices: Iterable[bytes]) -> None:
        """Keep these notices and no others."""
        self._connection.execute("DELETE FROM foreign_notices")
        self._connection.executemany("INSERT INTO foreign_notices (notice) VALUES (?)", ((one,) for one in notices))

    def keep_birth(self, topic: str, payload: bytes) -> None:
        """Keep a birth certificate, the newest of each topic."""
        self._connection.execute("DELETE FROM foreign_births WHERE topic = ?", (topic,))
        self._connection.execute("INSERT INTO foreign_births (topic, payload) VALUES (?, ?)", (topic, payload))
        self._connection.execute(
            "DELETE FROM foreign_births WHERE rowid <= (SELECT max(rowid) FROM foreign_births) - ?", (_MOST_BIRTHS,)
        )
