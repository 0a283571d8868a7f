"""The command line as a process of its own, for tests that send signals or look at what stays behind."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path


class CommandProcess:
    """A running `tocsin …`; its output is read line by line, both streams together.

    Args:
        words: what stands behind `tocsin`.
        directory: the current directory of the command.
        environment: settings on top of an environment without any of ours.
    """

    def __init__(self, *words: object, directory: Path, **environment: str) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("TOCSIN_", "TOGETHER_"))}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tocsin", *(str(word) for word in words)],
            cwd=directory,
            env={**clean, **environment, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.lines: list[str] = []
        self._arriving: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    @property
    def said(self) -> str:
        """All that was said so far."""
        return "\n".join(self.lines)

    def wait_for(self, words: str, timeout: float) -> str:
        """Wait for a line that holds these words; return it.

        Raises:
            AssertionError: it ended, or said nothing of the kind in time.
        """
        give_up = time.monotonic() + timeout
        while (left := give_up - time.monotonic()) > 0:
            try:
                line = self._arriving.get(timeout=left)
            except queue.Empty:
                break
            if line is None:
                break
            self.lines.append(line)
            if words in line:
                return line
        raise AssertionError(f"no {words!r} in {timeout:.0f} s, but:\n{self.said}")

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self.process.send_signal(signal.SIGINT)

    def ended(self, timeout: float = 60) -> int:
        """Wait for its end; return its exit code."""
        code = self.process.wait(timeout)
        while (line := self._arriving.get(timeout=10)) is not None:
            self.lines.append(line)
        return code

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as stream:
            for raw in stream:
                self._arriving.put(raw.decode().rstrip("\n"))
        self._arriving.put(None)


def descendants(pid: int) -> set[int]:
    """Find all processes below one (Linux)."""
    parents: dict[int, int] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                with open(f"/proc/{entry.name}/stat", encoding="utf-8", errors="replace") as stat:  # noqa: PTH123 - a path for each
                    parents[int(entry.name)] = int(stat.read().rpartition(")")[2].split()[1])
            except OSError:
                continue  # it has ended meanwhile
    found: set[int] = set()
    waiting = {pid}
    while waiting:
        waiting = {child for child, parent in parents.items() if parent in waiting} - found
        found |= waiting
    return found


def lives(pid: int) -> bool:
    """Tell whether a process runs; one that only waits to be taken note of does not."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:  # noqa: PTH123 - the same
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
