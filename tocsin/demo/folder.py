"""The demo's directory: one demo at a time, a fresh start, and the last demo's alerts kept beside."""

from __future__ import annotations

import fcntl
import os
import shutil
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from tocsin.terminal import CommandError

if TYPE_CHECKING:
    from pathlib import Path

_SQLITE_FILES = ("", "-wal", "-shm")


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

    def claim(self) -> IO[str]:
        """Make the directory ours until the returned file is closed.

        Raises:
            CommandError: another demo runs in it, or it cannot be written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = (self.path / "demo.lock").open("a+")
        except OSError as error:
            raise CommandError(
                f"cannot write in {self.path}: {error.strerror}", "choose another: --data-dir DIR"
            ) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            owner = lock.read().strip()
            lock.close()
            raise CommandError(
                f"a demo runs in {self.path} already (process {owner or 'unknown'})",
                "stop it with Ctrl-C, or choose another directory: --data-dir DIR",
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        return lock

    def clear(self) -> bool:
        """Forget what the last demo learned; tell whether its alerts were put aside."""
        for directory in (self.broker, self.detector):
            shutil.rmtree(directory, ignore_errors=True)
        if not self.database.exists():
            return False
        for ending in _SQLITE_FILES:
            self.previous_database.with_name(self.previous_database.name + ending).unlink(missing_ok=True)
            file = self.database.with_name(self.database.name + ending)
            if file.exists():
                file.rename(self.previous_database.with_name(self.previous_database.name + ending))
        return True
