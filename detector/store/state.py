"""The detector's own SQLite file, with one transaction for all: devices, readings, incidents, models, orders."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from detector.store.foreign_book import SCHEMA as FOREIGN_SCHEMA
from detector.store.foreign_book import ForeignBook
from detector.store.incident_ledger import SCHEMA as INCIDENTS_SCHEMA
from detector.store.incident_ledger import IncidentLedger
from detector.store.model_book import SCHEMA as MODELS_SCHEMA
from detector.store.model_book import ModelBook
from detector.store.order_log import SCHEMA as ORDERS_SCHEMA
from detector.store.order_log import OrderLog
from detector.store.reading_log import ADDED, ReadingLog
from detector.store.reading_log import SCHEMA as READINGS_SCHEMA
from detector.store.state_lock import StateLock
from runtime.outbox import SCHEMA as OUTBOX_SCHEMA
from runtime.outbox import Outbox

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_VERSION = 3
BUSY_TIMEOUT_S = 10.0  # that one connection waits for another
_LOOKED_THROUGH = 2**30  # bytes: a start looks for damage in a file of up to a second or two; beyond, reading meets it
_SCHEMA = """
CREATE TABLE IF NOT EXISTS devices (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    snapshot BLOB,
    position INTEGER NOT NULL DEFAULT 0,
    model_version INTEGER NOT NULL DEFAULT 0,
    pinned INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS runs (name TEXT PRIMARY KEY, taken INTEGER NOT NULL, newest INTEGER NOT NULL);
"""
_SCHEMAS = (_SCHEMA, READINGS_SCHEMA, INCIDENTS_SCHEMA, MODELS_SCHEMA, ORDERS_SCHEMA, OUTBOX_SCHEMA, FOREIGN_SCHEMA)


class StateError(Exception):
    """The state file cannot be used."""


@dataclass(frozen=True, slots=True)
class SavedDevice:
    """A device's last snapshot; it covers the readings up to `position`. `pinned`: a person chose the model."""

    number: int
    name: str
    snapshot: bytes | None
    position: int
    model_version: int
    pinned: bool = False


class StateFile:
    """Opens in `open`, not before. A reading is in the file before it is acknowledged.

    Args:
        path: of the SQLite file; its directory is made when missing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = StateLock(path.with_suffix(".lock"))
        self._opened: sqlite3.Connection | None = None
        self._next_position = 1

    def open(self) -> None:
        """Open or make the file.

        Raises:
            StateError: it cannot be opened, is in use, is damaged, or was written by a later version.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.take()
            self._opened = sqlite3.connect(self._path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
            self._prepare(self._opened)
        except (OSError, sqlite3.Error) as error:
            raise StateError(f"state file {self._path}: {error}") from error

    def close(self) -> None:
        """Close the file."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None
        self._lock.release()

    @property
    def outbox(self) -> Outbox:
        """What is owed to the explainer."""
        return Outbox(self._connection)

    @property
    def readings(self) -> ReadingLog:
        """The recent readings."""
        return ReadingLog(self._connection)

    @property
    def incidents(self) -> IncidentLedger:
        """What was raised, and what people said of it."""
        return IncidentLedger(self._connection)

    @property
    def models(self) -> ModelBook:
        """The versions of the models."""
        return ModelBook(self._connection)

    @property
    def orders(self) -> OrderLog:
        """Operators' orders."""
        return OrderLog(self._connection)

    @property
    def foreign(self) -> ForeignBook:
        """What is kept of foreign devices."""
        return ForeignBook(self._connection)

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self._path

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit everything or nothing."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def add_device(self, name: str) -> int:
        """Give a device its number."""
        cursor = self._connection.execute("INSERT INTO devices (name) VALUES (?)", (name,))
        return int(cursor.lastrowid or 0)

    def next_position(self) -> int:
        """Take the next reading's position."""
        position = self._next_position
        self._next_position += 1
        return position

    def save(self, devices: Iterable[SavedDevice]) -> None:
        """Keep snapshots."""
        self._connection.executemany(
            "UPDATE devices SET snapshot = ?, position = ?, model_version = ?, pinned = ? WHERE number = ?",
            ((one.snapshot, one.position, one.model_version, one.pinned, one.number) for one in devices),
        )

    def devices(self) -> list[SavedDevice]:
        """Read all devices."""
        rows = self._connection.execute("SELECT number, name, snapshot, position, model_version, pinned FROM devices")
        return [SavedDevice(*row) for row in rows]

    def advance(self, run: str, count: int) -> None:
        """Count readings taken in of a run."""
        self._connection.execute(
            "INSERT INTO runs (name, taken, newest) VALUES (?1, ?2, ?3)"
            " ON CONFLICT (name) DO UPDATE SET taken = taken + ?2, newest = ?3",
            (run, count, self._next_position),
        )

    def progress(self, limit: int = 20) -> dict[str, int]:
        """Read how many readings of the newest runs were taken in."""
        rows = self._connection.execute("SELECT name, taken FROM runs ORDER BY newest DESC LIMIT ?", (limit,))
        return dict(rows.fetchall())

    @property
    def _connection(self) -> sqlite3.Connection:
        if self._opened is None:
            raise StateError(f"state file {self._path} is not open")
        return self._opened

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > _VERSION:
            raise StateError(f"state file {self._path} has version {version}: this Tocsin reads {_VERSION} at most")
        if self._path.stat().st_size <= _LOOKED_THROUGH and _is_damaged(connection):
            raise StateError(f"state file {self._path} is damaged: move it away and all is learned anew")
        if version:  # what tables of an earlier version lack; what they hold stays
            _add_columns(connection, "readings", ADDED)
            _add_columns(connection, "devices", {"pinned": "INTEGER NOT NULL DEFAULT 0"})
        connection.executescript("".join(_SCHEMAS) + f"PRAGMA user_version = {_VERSION};")
        newest = connection.execute("SELECT coalesce(max(position), 0) FROM readings").fetchone()[0]
        covered = connection.execute("SELECT coalesce(max(position), 0) FROM devices").fetchone()[0]
        self._next_position = max(newest, covered) + 1


def _is_damaged(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok")


def _add_columns(connection: sqlite3.Connection, table: str, columns: Mapping[str, str]) -> None:
    known = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
    for column in columns.keys() - known:
        connection.execute(f"ALTER TABLE {table} ADD COLUMN {column} {columns[column]}")
