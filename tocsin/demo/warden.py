"""Ends the demo's processes when the demo itself was killed and could not; `python -m tocsin.demo.warden`.

It reads from its standard input: "+123" when process 123 was started, "-123" when it has ended. When the input ends,
the demo is gone: what is still on the list is ended, the last one first.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_PATIENCE_S = 10.0


class Warden:
    """The demo's side: starts the watching process and keeps its list."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it."""
        self._process = subprocess.Popen(  # noqa: S603 - this module, run by this Python
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def watch(self, pid: int) -> None:
        """Put a process on the list."""
        self._say(f"+{pid}")

    def forget(self, pid: int) -> None:
        """Take a process from the list."""
        self._say(f"-{pid}")

    def stop(self) -> None:
        """End it."""
        if self._process is not None and self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()
            self._process.wait()

    def _say(self, line: str) -> None:
        if self._process is not None and self._process.stdin is not None:
            with suppress(OSError):  # it was killed: then nobody watches, and the demo goes on
                self._process.stdin.write(f"{line}\n".encode())
                self._process.stdin.flush()


def left_behind(lines: Iterable[str]) -> list[int]:
    """Return the processes that were started and have not ended, the last one first."""
    running: dict[int, None] = {}
    for line in lines:
        if line.startswith("+"):
            running[int(line[1:])] = None
        else:
            running.pop(int(line[1:]), None)
    return list(reversed(running))


def end(pid: int, patience: float = _PATIENCE_S) -> None:
    """End a process: asked first, killed when it does not go."""
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGTERM)
        give_up = time.monotonic() + patience
        while time.monotonic() < give_up:
            time.sleep(0.05)
            os.kill(pid, 0)
        os.killpg(pid, signal.SIGKILL)


def main(stream: IO[str]) -> None:
    """Wait for the end of the demo, then end what it left behind."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    for pid in left_behind(stream):
        end(pid)


if __name__ == "__main__":
    main(sys.stdin)
