"""SMD and ASD: servers with a training part, labelled rows, and the channels at fault of each event."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.metrics import average_precision_score

from benchmarks.quality.metrics.incidents import spans_found
from benchmarks.quality.metrics.root_cause import hit_rate
from benchmarks.quality.metrics.rows import composite_f1, confusion
from benchmarks.quality.metrics.vus import vus_pr
from benchmarks.quality.recording import (
    Cause,
    Recording,
    RecordingError,
    Training,
    evenly,
    files,
    numbers,
    spans,
    stem,
)

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.quality.recording import Judged

STEP = {"SMD": 60.0, "ASD": 300.0}
BUFFER = {"SMD": 100, "ASD": 20}
_START = 1_704_067_200.0  # the source gives no times: 2024-01-01


def load(folder: Path) -> list[Recording]:
    """Read every machine that has a test part.

    Raises:
        RecordingError: a machine lacks its training part or its labels.
    """
    return [_recording(path, folder) for path in files(folder / "test", ".txt")]


def evaluate(judged: list[Judged]) -> dict[str, float]:
    """Return VUS-PR and AUC-PR averaged over machines, composite F1 of the live alarm, hit rates of the root cause."""
    name = judged[0][0].collection
    labelled = [(r, v) for r, v in judged if r.truth.any()]
    if not labelled:
        return {}
    truths, alarms = [r.truth for r, _ in judged], [v.alarms for _, v in judged]
    counts = confusion(np.concatenate(truths), np.concatenate(alarms))
    figures = {
        f"{name} VUS-PR": float(np.mean([vus_pr(r.truth, v.scores, BUFFER[name]) for r, v in labelled])),
        f"{name} AUC-PR": float(np.mean([average_precision_score(r.truth, v.scores) for r, v in labelled])),
        f"{name} composite F1": composite_f1(truths, alarms),
        f"{name} FAR %": 100.0 * counts.false_alarm_rate,
    }
    return figures | _hits(name, judged) | spans_found(name, judged, of_truth=True)


def _hits(name: str, judged: list[Judged]) -> dict[str, float]:
    figures = _hit_rates(f"{name} Hit@", [(r, v.rankings) for r, v in judged])
    told = [(r, v.told) for r, v in judged]
    events = sum(len(r.causes) for r, _ in told)
    published = [columns for _, named in told for columns in named or () if columns]
    if not published:
        return figures
    return (
        figures | {f"{name} events with evidence": len(published) / events} | _hit_rates(f"{name} evidence Hit@", told)
    )


def _hit_rates(title: str, named: list[tuple[Recording, list[list[int]] | None]]) -> dict[str, float]:
    """Return the hit rates of ranked columns, over the events for which there are any."""
    pairs = [
        (cause.columns, ranking)
        for recording, rankings in named
        if rankings is not None
        for cause, ranking in zip(recording.causes, rankings, strict=True)
        if ranking
    ]
    return {f"{title}{percent}": hit_rate(pairs, percent) for percent in (100, 150)} if pairs else {}


def _recording(path: Path, folder: Path) -> Recording:
    name = stem(path, folder / "test")
    rows, training = numbers(path), numbers(_beside(folder, "train", name))
    truth = numbers(_beside(folder, "test_label", name)).ravel() > 0
    step = STEP[folder.name]
    begins = _START + step * len(training)
    return Recording(
        collection=folder.name,
        name=f"test/{name}",
        metrics=tuple(f"channel {c + 1}" for c in range(rows.shape[1])),
        times=evenly(begins, len(rows), step),
        rows=rows,
        first=0,
        truth=truth,
        spans=spans(truth),
        causes=_causes(folder / "interpretation_label" / f"{name}.txt"),
        training=Training(evenly(_START, len(training), step), training, continues=True),
    )


def _beside(folder: Path, part: str, name: str) -> Path:
    for path in (folder / part / f"{name}.txt.gz", folder / part / f"{name}.txt"):
        if path.exists():
            return path
    raise RecordingError(f"{folder.name}: {name} has no {part}/{name}.txt.gz")


def _causes(path: Path) -> tuple[Cause, ...]:
    if not path.exists():
        return ()
    causes = []
    for line in path.read_text(encoding="utf-8").split():
        rows, columns = line.split(":")
        first, last = rows.split("-")
        causes.append(Cause(int(first), int(last), tuple(int(c) - 1 for c in columns.split(",") if c)))
    return tuple(causes)
