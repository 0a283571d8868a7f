"""Many devices in one process: memory, snapshots, cost of a reading against 100 devices, start from saved state.

    python -m benchmarks.speed.fleet --devices 10000

Devices have four metrics and share the algorithm of their models. Readings go through the detector's own path into its
state file, in transactions of 100, without a broker. Beside it stand libraries that are called once a reading.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sklearn.ensemble import IsolationForest

from benchmarks.speed.__main__ import BASE, METRICS, SPREAD
from contracts.codec import encode
from contracts.reading import Reading
from detector.bootstrap import assemble
from detector.device.device import run_fit
from detector.refits.fitting import FitWorker
from detector.settings import DetectorSettings
from runtime.memory_bus import MemoryBroker

if TYPE_CHECKING:
    from collections.abc import Callable

    from detector.service import DetectorService

_LEARNED = 60  # rows before the model
_ROUNDS = 12
_FEW = 100
_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


class NoFits(FitWorker):
    """Fits nothing: models are given out by hand."""

    def start(self) -> None:
        """Nothing to start."""


class Site:
    """A detector with many devices, without a broker."""

    def __init__(self, directory: Path) -> None:
        settings = DetectorSettings(state_dir=directory, warm_up=_LEARNED, share_models_by="metrics")
        self.service: DetectorService = assemble(settings, MemoryBroker().client("detector"), NoFits())
        self.state, self.fleet = self.service._state, self.service._fleet  # noqa: SLF001 - the bench looks inside
        self._random = np.random.default_rng(1)
        self._second = 0

    def run(self, devices: int, rounds: int) -> float:
        """Give every device so many readings; return the CPU seconds a reading took, without making it."""
        spent, waiting = 0.0, []
        for _ in range(rounds):
            self._second += 1
            at = _BEGIN + timedelta(seconds=self._second)
            rows = (BASE + SPREAD * self._random.standard_normal((devices, len(BASE)))).round(3).tolist()
            for device, row in enumerate(rows):
                values: dict[str, float | None] = dict(zip(METRICS, row, strict=True))
                reading = Reading(device=f"device-{device}", values=values, measured_at=at, clock="replay", run="r")
                waiting.append((reading, encode(reading)))
                if len(waiting) == 100:
                    spent += self._take(waiting)
                    waiting.clear()
        return (spent + self._take(waiting)) / (devices * rounds)

    def learn(self, devices: int) -> None:
        """Fit one device, and give its model to all."""
        job = self.fleet["device-0"].detector.fit_job
        assert job is not None
        model = run_fit(job)
        for number in range(devices):
            with self.state.transaction():
                own = self.service._desks.refits._stock.write(replace(model, device=f"device-{number}"))  # noqa: SLF001
                self.fleet.models.adopt(self.fleet[own.device], own, "first")
                self.fleet.journal.flush()

    def _take(self, waiting: list[tuple[Reading, bytes]]) -> float:
        began = time.process_time()
        with self.state.transaction():
            for reading, payload in waiting:
                tracked = self.fleet.device(reading.device)
                name = f"{tracked.number:016x}{tracked.readings:016x}"
                self.fleet.process(tracked, reading, name, reading.measured_at, payload)
            self.fleet.journal.flush()
        return time.process_time() - began


def main() -> int:
    """Measure and print one JSON line a size, then the libraries."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--devices", type=int, default=2000)
    arguments = parser.parse_args()
    costs = {}
    for devices in (_FEW, arguments.devices):
        with tempfile.TemporaryDirectory() as directory:
            figures = _measured(Path(directory), devices)
        costs[devices] = figures["µs a reading"]
        print(json.dumps({"devices": devices, **figures}, ensure_ascii=False), flush=True)
    print(json.dumps({"cost against 100 devices": round(costs[arguments.devices] / costs[_FEW], 2)}))
    print(json.dumps(_libraries(costs[_FEW]), ensure_ascii=False))
    return 0


def _measured(directory: Path, devices: int) -> dict[str, float]:
    before = _resident()
    site = Site(directory)
    site.state.open()
    site.run(devices, _LEARNED)
    site.learn(devices)
    site.run(devices, 3)
    cost = site.run(devices, max(_ROUNDS, 2400 // devices))
    memory = _resident() - before
    with site.state.transaction():
        site.fleet.save_all()
        site.fleet.journal.flush()
    snapshot = len(site.fleet["device-0"].detector.snapshot())
    site.state.close()
    again = Site(directory)
    gc.disable()  # as a service starts
    began = time.process_time()
    again.state.open()
    again.fleet.recover()
    started = time.process_time() - began
    gc.enable()
    again.state.close()
    return {
        "µs a reading": round(1e6 * cost, 1),
        "KB of memory a device": round(memory / devices / 1e3, 1),
        "MB of memory": round(memory / 1e6),
        "bytes of a snapshot": snapshot,
        "CPU s to start": round(started, 2),
    }


def _libraries(ours_us: float) -> dict[str, str]:
    """Return what libraries cost that are asked once a reading, as multiples of the whole way of a reading here."""
    rows = BASE + SPREAD * np.random.default_rng(2).standard_normal((256, len(BASE)))
    forest = IsolationForest(n_estimators=100, random_state=0).fit(rows)
    asked: dict[str, Callable[[], object]] = {
        "scikit-learn, decision_function": lambda: forest.decision_function(rows[:1])
    }
    try:
        from pyod.models.ecod import ECOD  # noqa: PLC0415 - of an extra
    except ImportError:
        print("PyOD is not installed: left out", file=sys.stderr)
    else:
        ecod = ECOD().fit(rows)
        asked["PyOD ECOD, decision_function"] = lambda: ecod.decision_function(rows[:1])
    try:
        from river.anomaly import HalfSpaceTrees  # noqa: PLC0415 - of an extra
    except ImportError:
        print("River is not installed: left out", file=sys.stderr)
    else:
        trees = HalfSpaceTrees(seed=0)
        scaled = (rows - rows.min(axis=0)) / np.ptp(rows, axis=0)  # it expects values between 0 and 1
        turn = cycle([dict(zip(METRICS, row, strict=True)) for row in scaled.tolist()])

        def half_space() -> None:
            row = next(turn)
            trees.score_one(row)
            trees.learn_one(row)

        for _ in scaled:  # its first window: before it, there is no score
            half_space()

        asked["River HalfSpaceTrees, score and learn"] = half_space
    return {name: f"{_microseconds(call) / ours_us:.1f} times" for name, call in asked.items()}


def _microseconds(call: Callable[[], object], times: int = 200) -> float:
    for _ in range(20):
        call()
    began = time.process_time()
    for _ in range(times):
        call()
    return 1e6 * (time.process_time() - began) / times


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


if __name__ == "__main__":
    sys.exit(main())
