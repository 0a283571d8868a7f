from __future__ import annotations

import sqlite3
import threading
from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import InternalError, OperationalError

from storage import tables
from storage.book import AlertBook
from storage.database import check_integrity, open_engine, writing
from storage.errors import DamagedError, DatabaseUrlError, UnavailableError
from storage.migrate import configuration, migrate

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from tests.postgres_server import PostgresServer


def ours(_object: object, name: str | None, _kind: str, _reflected: object, _other: object) -> bool:
    """Leave the index of words out: SQLAlchemy has no words for it."""
    return not str(name).startswith(("alert_words", "ix_alerts_words"))


def test_migrations_make_the_tables_that_the_code_uses(engine: Engine) -> None:
    """After migrating, the database has no difference from the declared tables."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": ours})
        assert compare_metadata(context, tables.metadata) == []


def test_migrating_twice_and_at_once_changes_nothing_more(database_url: str) -> None:
    """Four starters at the same moment all succeed, one after another."""
    failures: list[BaseException] = []

    def start() -> None:
        try:
            engine = open_engine(database_url)
            migrate(engine)
            engine.dispose()
        except BaseException as error:  # noqa: BLE001 - collected for the assertion
            failures.append(error)

    starters = [threading.Thread(target=start) for _ in range(4)]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join()
    assert failures == []


def test_every_step_can_be_taken_back(engine: Engine) -> None:
    """Down to nothing and up again, the tables are those of before."""
    with writing(engine).begin() as connection:
        config = configuration()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        command.upgrade(config, "head")
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": ours})
        assert compare_metadata(context, tables.metadata) == []


def test_sqlite_is_made_safe(tmp_path: Path) -> None:
    """Every connection uses WAL, full syncs, foreign keys and a busy timeout."""
    engine = open_engine(f"sqlite:///{tmp_path}/new/alerts.db")
    with engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}


def test_a_writing_transaction_holds_the_lock_from_its_beginning(tmp_path: Path) -> None:
    """While one writer has begun, another cannot begin, but a reader can read."""
    engine = open_engine(f"sqlite:///{tmp_path}/alerts.db")
    migrate(engine)
    with writing(engine).begin():
        other = sqlite3.connect(tmp_path / "alerts.db", timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        assert other.execute("SELECT count(*) FROM alerts").fetchone() == (0,)
        other.close()


def test_a_reader_cannot_write_or_make_a_file(tmp_path: Path) -> None:
    """A read-only engine refuses writes, and does not create a database that is missing."""
    migrate(open_engine(f"sqlite:///{tmp_path}/alerts.db"))
    reader = open_engine(f"sqlite:///{tmp_path}/alerts.db", read_only=True)
    with reader.connect() as connection, pytest.raises(OperationalError, match="readonly"):
        connection.execute(text("DELETE FROM alerts"))
    missing = open_engine(f"sqlite:///{tmp_path}/none #1.db", read_only=True)
    with pytest.raises(OperationalError):
        missing.connect()
    assert not (tmp_path / "none #1.db").exists()


@pytest.mark.parametrize("url", ["", "no url", "mysql://host/alerts"])
def test_a_url_of_another_database_is_refused(url: str) -> None:
    """Only SQLite and PostgreSQL are taken; the error names what was expected."""
    with pytest.raises(DatabaseUrlError, match="expected"):
        open_engine(url)


def test_damage_is_found(tmp_path: Path) -> None:
    """A database with an overwritten page fails the integrity check."""
    engine = open_engine(f"sqlite:///{tmp_path}/alerts.db")
    migrate(engine)
    check_integrity(engine)
    with sqlite3.connect(tmp_path / "alerts.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        root, size = (
            connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'alerts'").fetchone()[0],
            connection.execute("PRAGMA page_size").fetchone()[0],
        )
    connection.close()
    engine.dispose()
    with (tmp_path / "alerts.db").open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)
    with pytest.raises(DamagedError):
        check_integrity(engine)


def test_a_reader_of_postgresql_cannot_write(postgres: PostgresServer) -> None:
    """A read-only engine refuses writes there, too."""
    url = postgres.new_database()
    owner = open_engine(url)
    migrate(owner)
    owner.dispose()
    reader = open_engine(url, read_only=True)
    with reader.connect() as connection, pytest.raises(InternalError, match="read-only"):
        connection.execute(text("DELETE FROM alerts"))
    reader.dispose()


def test_a_server_that_is_away_is_unavailable(tmp_path: Path) -> None:
    """A PostgreSQL that does not answer gives an error that says to try again."""
    pytest.importorskip("psycopg")
    engine = open_engine(f"postgresql://tocsin@/alerts?host={tmp_path}")
    with pytest.raises(UnavailableError, match="database"):
        AlertBook(engine).ping()
    with pytest.raises(UnavailableError, match="database"):
        migrate(engine)
