"""A migrated database on every kind of server."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from storage.book import AlertBook
from storage.database import open_engine
from storage.migrate import migrate
from tests.postgres_server import PostgresServer, postgres_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL for the whole run; without its programs the tests are skipped, but fail in CI."""
    programs = postgres_folder()
    if programs is None:
        said = "PostgreSQL's programs are not here (Debian: apt install postgresql)"
        if os.environ.get("CI"):
            pytest.fail(said)
        pytest.skip(said)
    server = PostgresServer(programs)
    server.start()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: Any, tmp_path: Path) -> str:
    """The URL of an empty database: every test that uses it runs once with SQLite and once with PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/alerts.db"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An empty, migrated database."""
    engine = open_engine(database_url)
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def book(engine: Engine) -> AlertBook:
    """The explainer's side of it."""
    return AlertBook(engine)
