"""`tocsin demo` as a person runs it: real processes, a real broker, real time."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.integration.command_process import CommandProcess, descendants, lives

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.broker,
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for processes in /proc"),
]
BEFORE_FIRST_ALERT_S = 60
PROCESSES = 6  # broker, detector, explainer, page, producer, warden; the detector's fitting process comes on top


def demo(directory: Path, *options: object, **environment: str) -> CommandProcess:
    """Start a demo on a free port."""
    return CommandProcess("demo", "--port", 0, *options, directory=directory, **environment)


def wait_gone(pids: set[int], timeout: float) -> set[int]:
    """Wait until processes have ended; return those that have not."""
    give_up = time.monotonic() + timeout
    while (left := {pid for pid in pids if lives(pid)}) and time.monotonic() < give_up:
        time.sleep(0.1)
    return left


def test_the_first_alert_comes_within_a_minute(tmp_path: Path) -> None:
    """An explained alert rings within 60 s, Ctrl-C stops everything, and the database holds what rang."""
    with demo(tmp_path, "--for", BEFORE_FIRST_ALERT_S + 10) as command:
        command.wait_for("Up after", 60)
        assert "🚨" in command.wait_for("🚨", BEFORE_FIRST_ALERT_S)
        command.wait_for("Why: ", 5)
        processes = descendants(command.process.pid)
        assert len(processes) >= PROCESSES
        command.interrupt()
        assert command.ended() == 0
        assert wait_gone(processes, 5) == set()
    assert "1 alert" in command.said
    assert "sqlite3 data/demo/alerts.db 'select * from alert_feed'" in command.said
    assert "\x1b" not in command.said
    with closing(sqlite3.connect(tmp_path / "data" / "demo" / "alerts.db")) as database:
        assert database.execute("SELECT device, reason FROM alert_feed").fetchall()


def test_it_ends_by_itself(tmp_path: Path) -> None:
    """After --for seconds the demo ends, and says what it saw."""
    with demo(tmp_path, "--for", 0.1, "--scenario", "quiet") as command:
        assert command.ended() == 0
    assert "Stopped after" in command.said
    assert "no alerts" in command.said


def test_nothing_stays_when_the_demo_is_killed(tmp_path: Path) -> None:
    """Even a demo that could not say goodbye leaves no process behind."""
    with demo(tmp_path) as command:
        command.wait_for("Up after", 60)
        processes = descendants(command.process.pid)
        assert len(processes) >= PROCESSES
        command.process.kill()
        assert wait_gone(processes, 60) == set()


def test_nothing_stays_when_the_terminal_closes(tmp_path: Path) -> None:
    """A second demo in the directory is refused; a hang-up ends the first in its order."""
    with demo(tmp_path) as command:
        command.wait_for("Up after", 60)
        with demo(tmp_path) as second:
            assert second.ended() == 1
        assert f"(process {command.process.pid})" in second.said
        processes = descendants(command.process.pid)
        command.process.send_signal(signal.SIGHUP)
        assert command.ended() == 0
        assert wait_gone(processes, 5) == set()


def test_a_service_that_dies_is_quoted(tmp_path: Path) -> None:
    """A service that ends by itself ends the demo, with its last words, the place of its log, and exit code 1."""
    with demo(tmp_path) as command:
        command.wait_for("Up after", 60)
        processes = descendants(command.process.pid)
        os.kill(next(pid for pid in processes if b"explainer" in arguments(pid)), signal.SIGKILL)
        assert command.ended() == 1
        assert wait_gone(processes, 5) == set()
    assert "the explainer ended by itself with signal 9. Its last words:" in command.said
    assert "its whole log: data/demo/explainer.log" in command.said


def test_a_wrong_setting_is_told_before_anything_starts(tmp_path: Path) -> None:
    """A wrong setting of a service is told by its name and value."""
    with demo(tmp_path, TOCSIN_WARM_UP="few") as command:
        assert command.ended() == 2
    assert "TOCSIN_WARM_UP = 'few'" in command.said


def arguments(pid: int) -> bytes:
    """Read what a process was started with."""
    with open(f"/proc/{pid}/cmdline", "rb") as file:  # noqa: PTH123 - a path for each
        return file.read()
