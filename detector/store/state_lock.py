"""One detector a state directory: two would write over each other, and be one client to the broker in turn."""

from __future__ import annotations

import errno
import fcntl
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_HELD = frozenset({errno.EACCES, errno.EAGAIN})


class StateLock:
    """Held by the process from `take` to `release`, or to its end, however that comes.

    Args:
        path: of the file that stands for the directory.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def take(self) -> None:
        """Hold the lock.

        Raises:
            BlockingIOError: another process holds it.
        """
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _HELD:
                owner = os.pread(self._file, 32, 0).decode(errors="replace").strip()
                self.release()
                raise BlockingIOError(f"another detector, process {owner or 'unknown'}, uses it") from error
            return  # a file system that knows no locks: nobody watches
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let others have it."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
