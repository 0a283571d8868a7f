"""A copy of the database while it is in use, looked through before it counts."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, make_url, select
from sqlalchemy.exc import DBAPIError

from storage import tables
from storage.database import check_integrity, open_engine
from storage.errors import BackupError

if TYPE_CHECKING:
    from sqlalchemy import URL


def backup(url: str, target: Path) -> dict[str, int]:
    """Copy the database as it is at one moment; whoever writes to it goes on writing.

    SQLite is copied by `VACUUM INTO`, which leaves out what was deleted; PostgreSQL by its own pg_dump. The copy gets
    its name only when it was checked and lies on the disk.

    Args:
        url: the database.
        target: a file that does not exist yet.

    Returns:
        How many rows each table of the copy has; nothing for PostgreSQL, whose dump was read through, though.

    Raises:
        BackupError: the copy could not be made, or is not sound; no file is left.
    """
    if target.exists():
        raise BackupError(f"{target} exists already: a backup never replaces a file")
    parsed = make_url(url)
    part = target.with_name(f".{target.name}.part")
    part.unlink(missing_ok=True)
    try:
        counts = _dump(parsed, part) if parsed.get_backend_name() == "postgresql" else _copy(url, part)
        _settle(part, target)
    except OSError as error:
        raise BackupError(f"{target}: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
    return counts


def _copy(url: str, part: Path) -> dict[str, int]:
    engine = open_engine(url, read_only=True)
    try:
        # Not by SQLAlchemy, which would begin a transaction: no copy is made within one.
        connection = engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute("PRAGMA query_only=OFF")  # which forbids to write any file; this one is not the book
            cursor.execute("VACUUM INTO ?", (str(part),))
        finally:
            connection.close()
    except (sqlite3.Error, DBAPIError) as error:
        raise BackupError(f"the copy failed: {error}") from error
    finally:
        engine.dispose()
    return _checked(part)


def _checked(part: Path) -> dict[str, int]:
    copy = open_engine(f"sqlite:///{part}", read_only=True)
    try:
        check_integrity(copy)
        with copy.connect() as connection:
            return {
                table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in tables.metadata.sorted_tables
            }
    except Exception as error:
        raise BackupError(f"the copy is not sound: {error}") from error
    finally:
        copy.dispose()


def _dump(url: URL, part: Path) -> dict[str, int]:
    """Have pg_dump write its own format, and pg_restore read it through."""
    dump, restore = shutil.which("pg_dump"), shutil.which("pg_restore")
    if dump is None or restore is None:
        raise BackupError("pg_dump is not here (Debian: apt install postgresql-client, of the server's version)")
    plain = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    environment = {**os.environ, **({"PGPASSWORD": str(url.password)} if url.password else {})}
    _run([dump, "--format=custom", f"--file={part}", f"--dbname={plain}"], environment)
    _run([restore, "--file=/dev/null", str(part)], environment)
    return {}


def _run(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if done.returncode:
        raise BackupError(f"{Path(command[0]).name}: {done.stderr.strip()[:500]}")


def _settle(part: Path, target: Path) -> None:
    """Bring a file to the disk, then to its name."""
    part.chmod(0o600)
    with part.open("rb") as file:
        os.fsync(file.fileno())
    os.link(part, target)  # unlike a renaming, this replaces nothing that came meanwhile
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
