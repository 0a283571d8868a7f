"""Looks at the alert database without writing to it: the explainer alone does."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import storage.migrations
from storage import queries
from storage.database import check_integrity
from storage.errors import DamagedError
from tocsin.book.alert_database import reading, sqlite_file, url_shown
from tocsin.doctor.finding import Finding, bad, doubtful, good
from tocsin.terminal import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_MIB = 2**20
_NAME = "database"


def findings(url: str) -> Iterator[Finding]:
    """Look at file, rights, soundness and tables."""
    file = sqlite_file(url)
    if file is not None:
        found = _file(file)
        yield found
        if found.outcome == "bad" and not file.is_file():
            return
    try:
        with reading(url) as engine:
            yield _soundness(engine, str(file) if file is not None else url_shown(url))
            yield _tables(engine)
    except CommandError as error:
        yield bad(_NAME, error.problem, "is it the right one? --database FILE, or TOCSIN_DATABASE_URL")


def newest_migration() -> str:
    """Return the revision that the code expects; migrations are files named by their revision."""
    folder = Path(storage.migrations.__file__ or "").parent / "versions"
    return max(file.stem.partition("_")[0] for file in folder.glob("[0-9]*.py"))


def _file(file: Path) -> Finding:
    if not file.is_file():
        return bad(
            "database file", f"there is none at {file}", "the explainer makes it when it starts; elsewhere? --database"
        )
    mode = file.stat().st_mode
    size = f"{file}, {file.stat().st_size / _MIB:.1f} MiB"
    beside = [file.with_name(file.name + ending) for ending in ("-wal", "-shm")]
    foreign = [each.name for each in beside if each.exists() and each.stat().st_uid != file.stat().st_uid]
    if not mode & stat.S_IWUSR or not os.access(file, os.R_OK):
        return bad("database file", f"{size}: its owner may not write it", f"chmod u+w {file}")
    if foreign:
        remedy = f"stop everything, then give them to the owner of {file.name}"
        return bad("database file", f"{size}: {', '.join(foreign)} belong to somebody else", remedy)
    if mode & (stat.S_IWGRP | stat.S_IWOTH):
        return doubtful("database file", f"{size}: others than its owner may write it", f"chmod go-w {file}")
    return good("database file", size)


def _soundness(engine: Any, shown: str) -> Finding:  # noqa: ANN401 - an engine, whose package belongs to storage
    try:
        check_integrity(engine)
    except DamagedError as error:
        remedy = "stop the explainer and put a copy back, or let it start with a new file"
        return bad("database soundness", str(error), remedy)
    return good("database soundness", f"the integrity check of {shown} found no damage")


def _tables(engine: Any) -> Finding:  # noqa: ANN401 - the same
    with engine.connect() as connection:
        has = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    newest = newest_migration()
    if has != newest:
        return bad("database tables", f"at migration {has}, expected {newest}", "restart the explainer: it migrates")
    counts = queries.counts(engine)
    return good(
        "database tables", f"at migration {newest}: {counts['alerts']:,} alerts, {counts['anomalies']:,} anomalies"
    )
