"""SKAB: a water loop at one row a second; the first 400 rows of an experiment are normal."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
from sklearn.metrics import average_precision_score

from benchmarks.quality.metrics import change_points
from benchmarks.quality.metrics.incidents import false_per_day, spans_found
from benchmarks.quality.metrics.rows import confusion
from benchmarks.quality.recording import Recording, epoch, files, opened_text, stem

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.quality.recording import Judged, Verdicts

NORMAL_ROWS = 400
_LABELS = {"datetime", "anomaly", "changepoint"}


def load(folder: Path) -> list[Recording]:
    """Read every experiment, and the run without faults."""
    return [_recording(path, folder) for path in files(folder, ".csv")]


def evaluate(judged: list[Judged]) -> dict[str, float]:
    """Return F1, false-alarm and missed-alarm rate of the pooled rows, AUC-PR, and the score of change points."""
    tried = [(r, v) for r, v in judged if not r.quiet]
    figures = false_per_day("SKAB quiet", [pair for pair in judged if pair[0].quiet])
    if not tried:
        return figures
    truth = np.concatenate([r.truth[r.first :] for r, _ in tried])
    counts = confusion(truth, np.concatenate([v.alarms[r.first :] for r, v in tried]))
    scores = np.concatenate([v.scores[r.first :] for r, v in tried])
    parts = [_changes(r, v) for r, v in tried]
    return (
        {
            "SKAB F1": counts.f1,
            "SKAB FAR %": 100.0 * counts.false_alarm_rate,
            "SKAB MAR %": 100.0 * counts.missed_alarm_rate,
            "SKAB AUC-PR": float(average_precision_score(truth, scores)),
        }
        | {f"SKAB change points {name}": value for name, value in change_points.score(parts).items()}
        | spans_found("SKAB", [(r, v) for r, v in tried], of_truth=True)
        | figures
    )


def _changes(recording: Recording, verdicts: Verdicts) -> change_points.Part:
    first = recording.first
    moments = [recording.times[row] for row, _ in recording.spans if row >= first]
    return change_points.Part(recording.times[first:], moments, verdicts.alarms[first:])


def _recording(path: Path, folder: Path) -> Recording:
    with opened_text(path) as file:
        table = list(csv.DictReader(file, delimiter=";"))
    metrics = tuple(name for name in table[0] if name not in _LABELS)
    times = np.array([epoch(row["datetime"]) for row in table])
    rows = np.array([[float(row[name]) for name in metrics] for row in table])
    quiet = "anomaly" not in table[0]
    truth = np.array([not quiet and float(row["anomaly"]) > 0 for row in table], dtype=np.bool_)
    changes = () if quiet else tuple((n, n) for n, row in enumerate(table) if float(row["changepoint"]) > 0)
    first = min(NORMAL_ROWS, len(table) - 2)
    return Recording(
        "SKAB",
        stem(path, folder),
        metrics,
        times,
        rows,
        first,
        truth,
        changes,
        quiet=quiet,
        normal=0 if quiet else first,
    )
