"""Open the database: SQLite made safe (WAL, synchronous=FULL, BEGIN IMMEDIATE), PostgreSQL as it is."""

from __future__ import annotations

import importlib.util
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError
from sqlalchemy.pool import NullPool

from storage.beginnings import open_terms
from storage.errors import DamagedError, DatabaseUrlError, UnavailableError

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine

DEFAULT_URL = "sqlite:///data/alerts.db"
BUSY_TIMEOUT_MS = 5_000
_SWITCH_AGAIN_S = 0.01
_FOR_LARGE_BOOKS = ("cache_size=-32768", "wal_autocheckpoint=4000")  # KiB, pages: random pages written less often
_BACKENDS = ("sqlite", "postgresql")


def open_engine(url: str = DEFAULT_URL, *, read_only: bool = False) -> Engine:
    """Make an engine; nothing is opened before its first use, but the folder of a SQLite file is made.

    Args:
        url: a SQLAlchemy URL.
        read_only: refuse every write; a missing SQLite file is then an error at first use, never made.

    Raises:
        DatabaseUrlError: the URL is none, or of another database.
    """
    parsed = _parsed(url)
    if parsed.get_backend_name() == "postgresql":
        reader = {"options": "-c default_transaction_read_only=on"} if read_only else {}
        return create_engine(parsed, pool_pre_ping=True, connect_args=reader)
    # A kept connection would go on reading a file that was removed or replaced meanwhile.
    pool = {"poolclass": NullPool} if read_only else {}
    engine = create_engine(_sqlite_url(parsed, read_only=read_only), **pool)
    event.listen(engine, "connect", _prepare_reader if read_only else _prepare_writer)
    event.listen(engine, "begin", _begin)
    return engine


def writing(engine: Engine) -> Engine:
    """Return the same engine whose transactions take the write lock when they begin.

    A deferred transaction that reads first and writes later fails at once when another writer came between.
    """
    return engine.execution_options(tocsin_begin="BEGIN IMMEDIATE")


def check_integrity(engine: Engine) -> None:
    """Look through a SQLite database for damage (about a second per GiB); PostgreSQL minds its own.

    Raises:
        DamagedError: something is wrong; the message says what.
        UnavailableError: it cannot be read now.
    """
    if engine.dialect.name != "sqlite":
        return
    try:
        with engine.connect() as connection:
            found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA quick_check(5)")]
            broken = [tuple(row) for row in connection.exec_driver_sql("PRAGMA foreign_key_check")][:5]
    except OperationalError as error:
        raise UnavailableError(f"database {engine.url.database}: {error.orig}") from error
    except DatabaseError as error:
        raise DamagedError(f"database {engine.url.database}: {error.orig}") from error
    if found != ["ok"] or broken:
        raise DamagedError(f"database {engine.url.database}: {'; '.join(found)}; broken references: {broken}")


def checked_url(url: str) -> str:
    """Return a URL that `open_engine` takes.

    Raises:
        DatabaseUrlError: it takes none such.
    """
    _parsed(url)
    return url


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise DatabaseUrlError(f"database URL {url!r}: expected one like {DEFAULT_URL!r}") from None
    if parsed.get_backend_name() not in _BACKENDS:
        raise DatabaseUrlError(f"database URL {parsed!r}: expected one of {', '.join(_BACKENDS)}")
    if parsed.get_backend_name() == "postgresql":
        return _with_driver(parsed)
    return parsed


def _with_driver(url: URL) -> URL:
    if importlib.util.find_spec("psycopg") is None:
        raise DatabaseUrlError(f"database URL {url!r}: needs the extra 'postgres': pip install 'tocsin[postgres]'")
    return url.set(drivername="postgresql+psycopg")


def _sqlite_url(url: URL, *, read_only: bool) -> URL:
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        return url
    path = Path(url.database)
    if read_only:
        return url.set(database=f"file:{quote(str(path))}", query={"mode": "rw", "uri": "true"})
    path.parent.mkdir(parents=True, exist_ok=True)
    return url


def _prepare_writer(connection: Any, _record: object) -> None:  # noqa: ANN401 - a driver's connection
    connection.isolation_level = None  # the driver shall not begin transactions: _begin does
    for pragma in (f"busy_timeout={BUSY_TIMEOUT_MS}", "synchronous=FULL", "foreign_keys=ON", *_FOR_LARGE_BOOKS):
        connection.execute(f"PRAGMA {pragma}")
    _use_wal(connection)
    open_terms(connection)


def _use_wal(connection: Any) -> None:  # noqa: ANN401 - a driver's connection
    """Set WAL; the switch does not heed busy_timeout when another starter switches at the same moment."""
    until = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() >= until:
                raise
            time.sleep(_SWITCH_AGAIN_S)
        else:
            return


def _prepare_reader(connection: Any, _record: object) -> None:  # noqa: ANN401 - a driver's connection
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    open_terms(connection)
    connection.execute("PRAGMA query_only=ON")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("tocsin_begin", "BEGIN"))
