"""One detector a state directory."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from detector.store.state import StateError, StateFile

if TYPE_CHECKING:
    from pathlib import Path

OPENS = """
import sys
from pathlib import Path
from detector.store.state import StateFile
state = StateFile(Path(sys.argv[1]))
state.open()
print("open", flush=True)
sys.stdin.read()
"""


def test_a_second_detector_is_told_who_has_the_state(tmp_path: Path) -> None:
    """Two would write over each other; when the first one is gone, even killed, the next may start."""
    path = tmp_path / "state.db"
    command = [sys.executable, "-c", OPENS, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"open\n"
        with pytest.raises(StateError, match=f"another detector, process {first.pid}, uses it"):
            StateFile(path).open()
        first.kill()
    second = StateFile(path)
    second.open()
    second.close()
