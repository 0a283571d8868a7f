"""Methods that are fitted once on the reference and then judge each row by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.quality.metrics.root_cause import EVENT_ROWS
from benchmarks.quality.recording import Verdicts

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.quality.recording import Floats, Recording

    Scorer = Callable[[Floats], Floats]  # rows (n, F) to scores (n,), or (n, F) shares of each column
    Fit = Callable[[Floats], Scorer]

_LEVEL = 0.9995  # as the published isolation forest on SKAB: contamination 0.0005
_WINDOW = 10
_SMALLEST_SCALE = 1e-3


def fitted(recording: Recording, fit: Fit, *, rolling: bool = False, named: Scorer | None = None) -> Verdicts:
    """Fit on the reference, standardised by it; an alarm is a score beyond nearly all of the reference's own.

    Args:
        recording: what to judge.
        fit: makes a scorer of rows (m, F).
        rolling: add mean, deviation and change over the last 10 rows as columns.
        named: turns standardised rows (n, C) into weights of each column, for the root cause.
    """
    reference, rows = _standardised(recording)
    weights = None if named is None else named(rows)
    if rolling:
        joined = rolled(np.concatenate([reference, rows]) if recording.training else rows)
        reference, rows = joined[: len(reference)], joined[-len(rows) :]
    scorer = fit(reference)
    scores = scorer(rows)
    level = float(np.quantile(scorer(reference), _LEVEL))
    return Verdicts(scores, scores > level, None if weights is None else rankings(recording, weights))


def rolled(rows: Floats) -> Floats:
    """Return rows (n, C) with their mean and deviation over the last 10 rows and their last change, (n, 4 C)."""
    padded = np.concatenate([np.repeat(rows[:1], _WINDOW - 1, axis=0), rows])
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW, axis=0)
    change = np.diff(rows, axis=0, prepend=rows[:1])
    return np.hstack([rows, windows.mean(axis=-1), windows.std(axis=-1), change])


def rankings(recording: Recording, weights: Floats) -> list[list[int]]:
    """Rank the columns by their weights (n, C) over the first rows of each event."""
    ranked = []
    for cause in recording.causes:
        summed = weights[cause.first : min(cause.first + EVENT_ROWS, cause.last + 1)].sum(axis=0)
        ranked.append([int(c) for c in np.argsort(-summed, kind="stable")])
    return ranked


def _standardised(recording: Recording) -> tuple[Floats, Floats]:
    """Return reference and rows in deviations of the reference; a constant column gets a small scale."""
    reference = np.nan_to_num(recording.reference)
    spread = reference.std(axis=0)
    usual = float(np.median(spread[spread > 0])) if (spread > 0).any() else 1.0
    scale = np.maximum(spread, _SMALLEST_SCALE * usual)
    centre = reference.mean(axis=0)
    return (reference - centre) / scale, (np.nan_to_num(recording.rows) - centre) / scale
