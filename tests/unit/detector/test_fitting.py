"""The process that fits."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import CancelledError
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import numpy as np
import pytest

from detector.models.fit import FitJob, FittedModel
from detector.refits.fit_process import end, fit_pool
from detector.refits.fitting import FitWorker

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


def a_job(device: str) -> FitJob:
    rows = np.random.default_rng(1).normal(size=(60, 2))
    return FitJob(device, 1, "zscore", ("a", "b"), rows, np.arange(60), 60, 10, 32, 60, 60)


def outcomes(worker: FitWorker, count: int) -> dict[str, FittedModel | Exception]:
    """Wait until so many fits are over."""
    over: dict[str, FittedModel | Exception] = {}
    give_up = time.monotonic() + _LONG_S
    while len(over) < count:
        assert time.monotonic() < give_up, f"only {list(over)} are over"
        over.update(worker.finished())
        time.sleep(0.01)
    return over


def test_a_fitting_process_that_dies_is_replaced() -> None:
    """Its fit fails, those that come after it do not."""
    worker = FitWorker()
    worker.start()
    try:
        assert worker._pool is not None
        for process in list(worker._pool._processes.values()):
            process.kill()
            process.join(_LONG_S)
        worker.submit("press", a_job("press"))
        outcomes(worker, 1)  # it may have been begun before the death was noticed
        worker.submit("pump", a_job("pump"))
        assert isinstance(outcomes(worker, 1)["pump"], FittedModel)
    finally:
        worker.stop()


def test_a_fit_is_over_when_its_model_is_kept() -> None:
    """What cannot be written is no model: the fit has failed."""
    worker = FitWorker()
    kept = []

    def keep(model: FittedModel) -> FittedModel:
        if model.device == "pump":
            raise OSError("no space left on the device")
        kept.append(model.device)
        return model

    worker.keep = keep
    worker.start()
    try:
        for device in ("press", "pump", "mill"):
            worker.submit(device, a_job(device))
        over = outcomes(worker, 3)
    finally:
        worker.stop()
    assert kept == ["press", "mill"]
    assert isinstance(over["pump"], OSError)
    assert isinstance(over["mill"], FittedModel)


def test_a_stop_waits_for_no_fit() -> None:
    """What is on its way is given up."""
    worker = FitWorker()
    worker.start()
    for number in range(200):
        worker.submit(f"press-{number}", a_job(f"press-{number}"))
    worker.stop()
    assert worker.finished() == []


def test_a_process_that_ends_while_it_sends_leaves_nobody_waiting() -> None:
    """Half a model in the pipe is as good as none: its fit is over."""
    pool = fit_pool()
    pool.submit(bytes, 1).result(_LONG_S)
    sent = [pool.submit(bytes, 300_000_000) for _ in range(3)]
    time.sleep(0.1)  # somewhere on the way; whatever the moment is, nobody may wait
    end(pool)
    for one in sent:
        with pytest.raises((BrokenProcessPool, CancelledError)):
            one.result(_LONG_S)


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
