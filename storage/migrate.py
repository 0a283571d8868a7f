"""Bring the tables up to date when the explainer starts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from storage.database import writing
from storage.errors import UnavailableError

if TYPE_CHECKING:
    from sqlalchemy import Engine

_LOCK = 7_463_846  # any number that nothing else in the database uses


def migrate(engine: Engine) -> None:
    """Apply every missing migration in one transaction, behind a lock: a second starter waits, then finds it done.

    SQLite's lock is the write lock of the transaction, PostgreSQL's an advisory one; both end with it.

    Raises:
        UnavailableError: the database cannot be reached or written now.
    """
    try:
        _upgrade(engine)
    except OperationalError as error:
        raise UnavailableError(f"database: {error.orig}") from error


def _upgrade(engine: Engine) -> None:
    with writing(engine).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        config = configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def configuration() -> Config:
    """Alembic's configuration, for the code's own use: there is no ini file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config
