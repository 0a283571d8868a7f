"""What a reader beside us needs to know of a database that cannot be used: one error of ours."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from storage.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Engine", "reading"]  # a reader names the engine, but never SQLAlchemy


@contextmanager
def reading() -> Iterator[None]:
    """Turn what the driver raises inside into an error of ours.

    Raises:
        UnavailableError: the database is not there yet, locked, or out of reach.
    """
    try:
        yield
    except DBAPIError as error:
        raise UnavailableError(f"database: {error.orig}") from error
