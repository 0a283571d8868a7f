"""The process that fits."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

_STARTS_A_WORKER = """
import time
from detector.refits.fitting import FitWorker

if __name__ == "__main__":
    worker = FitWorker()
    worker.start()
    print(*worker._pool._processes, flush=True)
    time.sleep(600)
"""
_LONG_S = 120.0


def test_the_worker_ends_when_its_detector_is_killed(tmp_path: Path) -> None:
    """No process is left behind by a detector that had no time to say so."""
    script = tmp_path / "starts_a_worker.py"
    script.write_text(_STARTS_A_WORKER, encoding="utf-8")
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as detector:
        try:
            assert detector.stdout is not None
            worker = int(detector.stdout.readline())
            assert _runs(worker)
        finally:
            detector.kill()
    give_up = time.monotonic() + _LONG_S
    while _runs(worker):
        assert time.monotonic() < give_up, "the worker runs on"
        time.sleep(0.05)


def test_scikit_learn_is_not_imported_before_a_fit() -> None:
    """Who fits nothing, such as the command line, does not wait for it."""
    asked = "import sys, tocsin.main, detector.bootstrap; print('sklearn' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, timeout=_LONG_S)
    assert answer.stdout.strip() == "False"


def _runs(process: int) -> bool:
    """Tell whether it is there and no zombie: its parent is gone, so whoever inherits it may not have looked yet."""
    if not Path("/proc").is_dir():
        pytest.skip("no /proc to look for processes in")
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
