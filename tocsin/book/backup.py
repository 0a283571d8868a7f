"""Copies the database, and says what the copy holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.backup import backup
from storage.errors import BackupError
from tocsin.book.alert_database import reading
from tocsin.terminal import CommandError, output

if TYPE_CHECKING:
    from pathlib import Path

_MIB = 2**20


def back_up(url: str, file: Path) -> None:
    """Make the copy.

    Raises:
        CommandError: there is no such database, or the copy could not be made; no file is left then.
    """
    try:
        with reading(url):
            counts = backup(url, file)
    except BackupError as error:
        raise CommandError(str(error)) from error
    size = f"{file}: {file.stat().st_size / _MIB:.1f} MiB"
    if counts:
        output().print(f"{size}, sound: {counts['alerts']:,} alerts, {counts['anomalies']:,} anomalies")
    else:
        output().print(f"{size}, a dump that pg_restore reads")
