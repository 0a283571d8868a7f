"""TEP: a simulated chemical plant; one fault a file, on from row 160."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.quality.metrics.incidents import spans_found
from benchmarks.quality.metrics.levels import at_false_alarm_rate
from benchmarks.quality.recording import Recording, Training, evenly, files, numbers, stem

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.quality.recording import Bools, Judged

ONSET = 160
_STEP = 180.0
_NORMAL = "d00"
_FALSE_ALARMS = 0.01
_START = 1_704_067_200.0


def load(folder: Path) -> list[Recording]:
    """Read every test file; each follows the one training run."""
    paths = [path for path in files(folder, ".dat") if stem(path, folder).endswith("_te")]
    if not paths:
        return []
    normal = next(path for path in files(folder, ".dat") if stem(path, folder) == _NORMAL)
    rows = numbers(normal, None).T  # one variable a line
    training = Training(evenly(_START, len(rows), _STEP), rows, continues=False)
    return [_recording(path, folder, training) for path in paths]


def evaluate(judged: list[Judged]) -> dict[str, float]:
    """Return the share of fault rows found and the delay, at 1 % false alarms and by the live alarm."""
    tried = [(r, v) for r, v in judged if not r.quiet]
    if not tried:
        return {}
    scores = [v.scores for _, v in tried]
    level = at_false_alarm_rate(np.concatenate([s[:ONSET] for s in scores]), _FALSE_ALARMS)
    at_level = [s > level for s in scores]
    live = [v.alarms for _, v in tried]
    return {
        "TEP found at 1 % FAR": float(np.mean([a[ONSET:].mean() for a in at_level])),
        "TEP delay, rows": _delay(at_level),
        "TEP faults found by row 30": float(np.mean([a[ONSET : ONSET + 30].any() for a in at_level])),
        "TEP live found": float(np.mean([a[ONSET:].mean() for a in live])),
        "TEP live FAR %": 100.0 * float(np.mean([a[:ONSET].mean() for a in live])),
    } | spans_found("TEP", tried)


def _delay(alarms: list[Bools]) -> float:
    """Return the median of rows from the onset to the first alarm; a fault never found counts with its whole length."""
    return float(np.median([int(np.argmax(a[ONSET:])) if a[ONSET:].any() else len(a) - ONSET for a in alarms]))


def _recording(path: Path, folder: Path, training: Training) -> Recording:
    name = stem(path, folder)
    rows = numbers(path, None)
    quiet = name.startswith(_NORMAL)
    truth = np.zeros(len(rows), dtype=np.bool_)
    if not quiet:
        truth[ONSET:] = True
    times = evenly(_START, len(rows), _STEP)
    metrics = tuple(f"variable {c + 1}" for c in range(rows.shape[1]))
    spans = () if quiet else ((ONSET, len(rows) - 1),)
    return Recording("TEP", name, metrics, times, rows, 0, truth, spans, training=training, quiet=quiet)
