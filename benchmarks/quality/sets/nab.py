"""NAB: one metric a file, labelled windows, three profiles."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.quality.metrics import nab
from benchmarks.quality.metrics.incidents import false_per_day, spans_found
from benchmarks.quality.recording import Recording, epoch, files, opened_text, stem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from benchmarks.quality.recording import Floats, Judged, Span

_PROBATION, _LONGEST_PROBATION = 0.15, 5000


def load(folder: Path) -> list[Recording]:
    """Read every file below `data/`, with its windows."""
    windows = json.loads((folder / "labels" / "combined_windows.json").read_text(encoding="utf-8"))
    return [_recording(path, folder, windows) for path in files(folder / "data", ".csv")]


def evaluate(judged: list[Judged]) -> dict[str, float]:
    """Return the score of each profile, of the scores as they are and with repeated alarms muted."""
    figures: dict[str, float] = {}
    for title, muted in (("NAB", False), ("NAB muted", True)):
        parts = [
            nab.Scored(nab.muted(v.scores) if muted else v.scores, r.first, r.spans) for r, v in judged if not r.quiet
        ] + [nab.Scored(nab.muted(v.scores) if muted else v.scores, r.first, ()) for r, v in judged if r.quiet]
        for profile in nab.PROFILES:
            figures[f"{title} {profile.name}"] = nab.best(parts, profile).score
    figures |= spans_found("NAB", judged)
    return figures | false_per_day("NAB quiet", [pair for pair in judged if pair[0].quiet])


def _recording(path: Path, folder: Path, windows: Mapping[str, list[list[str]]]) -> Recording:
    name = stem(path, folder)
    with opened_text(path) as file:
        table = [(epoch(row["timestamp"]), float(row["value"])) for row in csv.DictReader(file)]
    times, values = np.array([t for t, _ in table]), np.array([[v] for _, v in table])
    spans = _rows(times, windows.get(f"{name.removeprefix('data/')}.csv", []))
    truth = np.zeros(len(times), dtype=np.bool_)
    for first, last in spans:
        truth[first : last + 1] = True
    probation = int(min(_PROBATION * len(times), _PROBATION * _LONGEST_PROBATION))
    return Recording("NAB", name, ("value",), times, values, probation, truth, spans, quiet=not spans)


def _rows(times: Floats, windows: list[list[str]]) -> tuple[Span, ...]:
    found = []
    for start, end in windows:
        inside = np.flatnonzero((times >= epoch(start)) & (times <= epoch(end)))
        if len(inside):
            found.append((int(inside[0]), int(inside[-1])))
    return tuple(sorted(found))
