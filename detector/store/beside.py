"""The state file read from beside the detector: by connections of their own, which may only read."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from detector.store.state import BUSY_TIMEOUT_S, StateError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def reading_beside(state: Path) -> Iterator[sqlite3.Connection]:
    """Open a state file for reading; SQLite's write-ahead log lets the detector write on meanwhile.

    Raises:
        StateError: it cannot be opened or read.
    """
    address = f"{state.absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=BUSY_TIMEOUT_S)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise StateError(f"state file {state}: {error}") from error
