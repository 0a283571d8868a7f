"""The demo's directory: one demo at a time, a fresh start, and the last demo's alerts kept beside."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tocsin.terminal import CommandError

if TYPE_CHECKING:
    from io import FileIO
    from pathlib import Path

_SQLITE_FILES = ("", "-wal", "-shm")
_ROOM_BYTES = 2**20  # a database, a broker's store and a detector's state begin with about that


@dataclass(frozen=True, slots=True)
class DemoFolder:
    """What lies where in the demo's directory."""

    path: Path

    @property
    def broker(self) -> Path:
        """Directory of the broker."""
        return self.path / "broker"

    @property
    def detector(self) -> Path:
        """Directory of the detector's state."""
        return self.path / "detector"

    @property
    def database(self) -> Path:
        """The alert database."""
        return self.path / "alerts.db"

    @property
    def previous_database(self) -> Path:
        """The alert database of the demo before."""
        return self.path / "alerts.previous.db"

    def log(self, name: str) -> Path:
        """The log of a service."""
        return self.path / f"{name}.log"

    def claim(self) -> FileIO:
        """Make the directory ours until the returned file is closed.

        Raises:
            CommandError: another demo runs in it, it cannot be written, or it has no room.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = (self.path / "demo.lock").open("a+b", buffering=0)  # closing it must not write once more
        except OSError as error:
            raise self.unwritable(error) from error
        try:
            self._lock(lock)
        except OSError as error:
            lock.close()
            raise self.unwritable(error) from error
        except CommandError:
            lock.close()
            raise
        return lock

    def unwritable(self, error: OSError) -> CommandError:
        """Say that a file could not be written."""
        return CommandError(
            f"cannot write in {self.path}: {error.strerror or error}", "choose another directory: --data-dir DIR"
        )

    def clear_broker(self) -> None:
        """Forget the messages of the last demo."""
        shutil.rmtree(self.broker, ignore_errors=True)

    def clear(self) -> bool:
        """Forget what the last demo learned; tell whether its alerts were put aside.

        A database without alerts, as a start that failed leaves it, never takes the place of one that has some.
        """
        shutil.rmtree(self.detector, ignore_errors=True)
        if not self.database.exists():
            return False
        has_news = has_alerts(self.database)
        if has_news:
            for ending in _SQLITE_FILES:
                self._before(ending).unlink(missing_ok=True)
        for ending in _SQLITE_FILES:
            file = self.database.with_name(self.database.name + ending)
            if not has_news or ending == "-shm":  # that one is made anew
                file.unlink(missing_ok=True)
                continue
            if file.exists():
                file.rename(self._before(ending))
        return has_news

    def _before(self, ending: str) -> Path:
        return self.previous_database.with_name(self.previous_database.name + ending)

    def _lock(self, lock: FileIO) -> None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            owner = lock.read().decode(errors="replace").strip()
            raise CommandError(
                f"a demo runs in {self.path} already (process {owner or 'unknown'})",
                "stop it with Ctrl-C, or choose another directory: --data-dir DIR",
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n".encode())
        self._see_room()

    def _see_room(self) -> None:
        probe = self.path / "demo.probe"
        try:
            with probe.open("wb", buffering=0) as file:
                left = _ROOM_BYTES
                while left:  # a write may take a part; the next one says why
                    left -= file.write(bytes(left))
        finally:
            probe.unlink(missing_ok=True)


def has_alerts(file: Path) -> bool:
    """Tell whether a database holds alerts; one that cannot be read may."""
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as database:
            return bool(database.execute("SELECT EXISTS (SELECT 1 FROM alerts)").fetchone()[0])
    except sqlite3.OperationalError as error:
        return "no such table" not in str(error)
    except sqlite3.DatabaseError:
        return True
