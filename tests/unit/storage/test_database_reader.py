"""A reader's connections, on real SQLite files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import OperationalError

from storage.database import open_engine

if TYPE_CHECKING:
    from pathlib import Path


def test_a_reader_notices_that_the_file_was_removed(tmp_path: Path) -> None:
    """A connection used before does not go on reading what is not there any more."""
    url = f"sqlite:///{tmp_path / 'alerts.db'}"
    with open_engine(url).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE kept (one INTEGER)")
    reader = open_engine(url, read_only=True)
    with reader.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM kept").scalar() == 0
    for file in tmp_path.glob("alerts.db*"):
        file.unlink()
    with pytest.raises(OperationalError), reader.connect():
        pass
