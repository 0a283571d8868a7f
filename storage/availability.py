"""What a reader beside us needs to know of a database that cannot be used: one error of ours."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from storage.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator


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
