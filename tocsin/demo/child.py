"""A service as a process of its own, its log in a file."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runtime.health import check

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_TAIL_BYTES = 16_384
_BESIDE = frozenset({"timestamp", "level", "event", "source", "exception"})


@dataclass(frozen=True, slots=True)
class Part:
    """A service to start: its name, its settings, the port of its health page, and its module if named otherwise."""

    name: str
    environment: Mapping[str, str]
    health_port: int
    module: str | None = None


class Child:
    """One service of the demo.

    Args:
        part: which service.
        log: the file that takes what it says; it is begun anew.
    """

    def __init__(self, part: Part, log: Path) -> None:
        self.name = part.name
        self.log = log
        self._part = part
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> int:
        """Start it; return its process id."""
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own module, run by this Python
                [sys.executable, "-m", self._part.module or self._part.name],
                env=dict(self._part.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us: we stop the services in their order
            )
        return self._process.pid

    def exit_code(self) -> int | None:
        """Return its exit code; None while it runs or before it was started."""
        return None if self._process is None else self._process.poll()

    def is_ready(self) -> bool:
        """Ask its health page."""
        return self.exit_code() is None and check("127.0.0.1", self._part.health_port)[0]

    def ask_to_stop(self) -> None:
        """Send SIGTERM."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def has_stopped(self, timeout: float) -> bool:
        """Wait for its end."""
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout)
        return self._process is None or self._process.poll() is not None

    def kill(self) -> None:
        """End it and what it has started."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def last_words(self, lines: int = 8) -> list[str]:
        """Return the last lines of its log, as a person reads them."""
        with self.log.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - _TAIL_BYTES))
            text = log.read().decode("utf-8", errors="replace")
        said = [line for raw in text.splitlines() for line in log_words(raw)]
        return said[-lines:]


def log_words(line: str) -> list[str]:
    """Turn a JSON line of a log into words; another line stays as it is."""
    try:
        entry = json.loads(line)
    except ValueError:
        return [line]
    if not isinstance(entry, dict) or "event" not in entry:
        return [line]
    more = " ".join(f"{key}={value}" for key, value in entry.items() if key not in _BESIDE)
    words = f"{str(entry.get('timestamp', ''))[11:19]} {entry.get('level', '')}: {entry['event']} {more}".strip()
    return [words, *str(entry.get("exception", "")).splitlines()]
