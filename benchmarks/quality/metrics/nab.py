"""The scoring of the Numenta Anomaly Benchmark: early detection rewarded, every other alarm charged.

Lavin and Ahmad, "Evaluating Real-Time Anomaly Detection Algorithms", ICMLA 2015. One alarm level for all files, the one
that scores best; 0 is a detector without an alarm, 100 a perfect one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.quality.recording import Floats, Span

_STEEP = 5.0
_FAR = 3.0  # window lengths after which a false alarm costs its full weight
_MUTED_ROWS = 100


@dataclass(frozen=True, slots=True)
class Profile:
    """What a false alarm and a missed window cost; a window found at once is worth 1."""

    name: str
    false_alarm: float
    missed: float


PROFILES = (Profile("standard", 0.11, 1.0), Profile("low FP", 0.22, 1.0), Profile("low FN", 0.11, 2.0))


@dataclass(frozen=True, slots=True)
class Scored:
    """One file: scores (n,), the first row that counts, and windows as rows, in order."""

    scores: Floats
    first: int
    windows: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Best:
    """The best score, and the alarm level that reaches it (inf: no alarm)."""

    score: float
    level: float


def sigmoid(position: Floats) -> Floats:
    """Return the worth of a position relative to a window: -1 its start, 0 its end, beyond 0 after it."""
    worth: Floats = 2.0 / (1.0 + np.exp(_STEEP * np.minimum(position, _FAR))) - 1.0
    return np.where(position >= _FAR, -1.0, worth)


def best(files: Sequence[Scored], profile: Profile) -> Best:
    """Try every level; return the best score of all files together."""
    windows = sum(len(file.windows) for file in files)
    if not windows:
        return Best(0.0, float("inf"))
    parts = [_gains(file, profile) for file in files]
    levels, gains = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
    order = np.argsort(-levels, kind="stable")
    levels, running = levels[order], np.cumsum(gains[order])
    last_of_level = np.append(levels[1:] != levels[:-1], [True])[: len(levels)]
    perfect = (1.0 + profile.missed) * windows
    candidates = np.concatenate(([0.0], 100.0 * running[last_of_level] / perfect))
    top = int(np.argmax(candidates))
    return Best(float(candidates[top]), float("inf") if top == 0 else float(levels[last_of_level][top - 1]))


def muted(scores: Floats, rows: int = _MUTED_ROWS) -> Floats:
    """Return scores (n,) of which only those count that no score within the `rows` before reached.

    An alarm then mutes what follows it: people hear of one trouble once.
    """
    padded = np.concatenate((np.full(rows, -np.inf), scores))
    before = np.lib.stride_tricks.sliding_window_view(padded, rows)[: len(scores)].max(axis=1)
    return np.where(scores > before, scores, np.minimum(scores.min(initial=0.0), 0.0))


def _gains(file: Scored, profile: Profile) -> tuple[Floats, Floats]:
    """Return levels, and what the score gains over silence when the alarm level falls to each of them."""
    inside = np.zeros(len(file.scores), dtype=np.bool_)
    levels, gains = [], []
    for start, end in file.windows:
        inside[start : end + 1] = True
        record, worth = -np.inf, 0.0
        rows = np.arange(max(start, file.first), end + 1)
        values = sigmoid(-(end - rows + 1) / (end - start + 1)) / float(sigmoid(np.array(-1.0)))
        # Only the first alarm counts: at a lower level it may come earlier. Rows backwards from the highest score.
        for row in _leaders(file.scores[rows]):
            record = file.scores[rows][row]
            levels.append(record)
            gains.append(values[row] - worth + (profile.missed if worth == 0.0 else 0.0))
            worth = values[row]
    outside = np.flatnonzero(~inside[file.first :]) + file.first
    cost = profile.false_alarm * sigmoid(_past(outside, file.windows))
    return np.concatenate((levels, file.scores[outside])), np.concatenate((gains, cost))


def _leaders(scores: Floats) -> list[int]:
    """Return the rows (highest score first, last row first among levels) that are the first alarm at some level."""
    highest = np.maximum.accumulate(scores) if len(scores) else scores
    records = np.flatnonzero(np.append([True], highest[1:] > highest[:-1])[: len(scores)])
    return [int(row) for row in records[::-1]]


def _past(rows: np.ndarray, windows: tuple[Span, ...]) -> Floats:
    """Return how many window lengths each row lies behind the last window before it."""
    past = np.full(len(rows), _FAR)
    for start, end in windows:
        later = rows > end
        past[later] = (rows[later] - end) / max(end - start, 1)
    return past
