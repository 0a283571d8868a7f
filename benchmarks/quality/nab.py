"""NAB: three profiles over the recorded files, by the benchmark's own windows and weights.

    python benchmarks/quality/nab.py --data ../shared/data

The first 15 % of a file (at most 750 rows) is not scored; one alarm level for all files, the best one, as the benchmark
prescribes; 0 is no alarm at all, 100 is perfect. Beside it: incidents as they were opened, without any level.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.quality.streaming import Row, drive, moment, table
from detector.device.device import DetectionConfig

PROFILES = {"standard": (0.11, 1.0), "low FP": (0.22, 1.0), "low FN": (0.11, 2.0)}
_BEST = 2.0 / (1.0 + math.exp(-5.0)) - 1.0


@dataclass(frozen=True, slots=True)
class Scored:
    """One file: scores by row, the rows that count, the windows as pairs of rows."""

    name: str
    scores: np.ndarray
    first: int
    windows: list[tuple[int, int]]
    opened: list[int]


def read(data: Path, name: str, labels: list[list[str]]) -> tuple[list[Row], list[tuple[int, int]]]:
    """Read a file and its windows."""
    rows: list[Row] = [
        (moment(r["timestamp"]), {"value": float(r["value"])}) for r in table(data / "NAB" / "data" / f"{name}.gz")
    ]
    times = [at for at, _ in rows]
    windows = []
    for start, end in labels:
        inside = [n for n, at in enumerate(times) if moment(start) <= at <= moment(end)]
        windows.append((inside[0], inside[-1]))
    return rows, windows


def muted(scores: list[float], rows: int = 100) -> np.ndarray:
    """Let a row count only if no row shortly before it scored higher: an alarm mutes what follows."""
    values = np.array(scores)
    kept = values.copy()
    for n in range(len(values)):
        before = values[max(n - rows, 0) : n]
        if len(before) and values[n] <= before.max():
            kept[n] = 0.0
    return kept


def weights(file: Scored) -> tuple[np.ndarray, np.ndarray]:
    """Return for each row the window it lies in (-1: none) and its position weight."""
    inside = np.full(len(file.scores), -1)
    weight = np.full(len(file.scores), -1.0)
    for number, (start, end) in enumerate(file.windows):
        width = end - start + 1
        rows = np.arange(start, end + 1)
        inside[rows] = number
        weight[rows] = (2.0 / (1.0 + np.exp(5.0 * -(end - rows + 1) / width)) - 1.0) / _BEST
        after = file.windows[number + 1][0] if number + 1 < len(file.windows) else len(weight)
        later = np.arange(end + 1, after)
        y = np.minimum((later - end) / max(width - 1, 1), 3.0)
        weight[later] = 2.0 / (1.0 + np.exp(5.0 * y)) - 1.0
    return inside, weight


def score(files: list[Scored], level: float, false: float, missed: float) -> float:
    """Return the benchmark's score of all files at one alarm level."""
    total, windows = 0.0, 0
    for file in files:
        inside, weight = weights(file)
        hits = np.flatnonzero(file.scores >= level)
        hits = hits[hits >= file.first]
        total += false * weight[hits[inside[hits] < 0]].sum()
        for number in range(len(file.windows)):
            within = hits[inside[hits] == number]
            total += weight[within[0]] if len(within) else -missed
        windows += len(file.windows)
    return 100.0 * (total + missed * windows) / ((1.0 + missed) * windows)


def main() -> int:
    """Run all files and print the three profiles."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds NAB/")
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args()
    labels = json.loads((arguments.data / "NAB" / "labels" / "combined_windows.json").read_text())
    files = []
    for name, windows in sorted(labels.items()):
        if (arguments.data / "NAB" / "data" / f"{name}.gz").exists():
            files.append(_run(arguments.data, name, windows))
            if arguments.verbose:
                _show(files[-1])
    levels = np.quantile(np.concatenate([file.scores for file in files]), 1.0 - np.logspace(-4.5, -1.5, 60))
    for profile, (false, missed) in PROFILES.items():
        best = max((score(files, level, false, missed), level) for level in levels)
        print(f"{profile:10} {best[0]:5.1f} at level {best[1]:.3f}")
    found, wrong = _incidents(files)
    print(f"incidents: {found} of {sum(len(f.windows) for f in files)} windows found, {wrong} outside of windows")
    return 0


def _run(data: Path, name: str, labels: list[list[str]]) -> Scored:
    rows, windows = read(data, name, labels)
    verdicts = drive(name, rows, DetectionConfig())
    return Scored(name, muted(verdicts.scores), min(int(0.15 * len(rows)), 750), windows, verdicts.opened())


def _incidents(files: list[Scored]) -> tuple[int, int]:
    found = sum(any(a <= row <= b for row in f.opened) for f in files for a, b in f.windows)
    wrong = sum(row >= f.first and not any(a <= row <= b for a, b in f.windows) for f in files for row in f.opened)
    return found, wrong


def _show(file: Scored) -> None:
    found, wrong = _incidents([file])
    print(f"{file.name:55} rows {len(file.scores):6} windows {len(file.windows)} found {found} outside {wrong}")


if __name__ == "__main__":
    raise SystemExit(main())
