"""VUS-PR: area under the precision-recall curve, averaged over tolerances around each event.

Paparrizos et al., "Volume Under the Surface", VLDB 2022; the definition is that of the authors' code (250 levels,
recall weighted by the share of events that were touched). Their packages pin old versions of heavy dependencies, so
the measure stands here; a test compares it with values of theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.quality.recording import spans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.quality.recording import Bools, Floats, Span

_LEVELS = 250


def vus_pr(truth: Bools, scores: Floats, widest: int) -> float:
    """Return the mean of the areas for tolerances of 0 to `widest` rows, 0 to 1.

    Args:
        truth: (n,) anomalous rows, at least one.
        scores: (n,) higher is more abnormal.
        widest: of a tolerance, split evenly before and after an event.
    """
    events = spans(truth)
    ordered = np.sort(scores)[::-1]
    levels = ordered[np.linspace(0, len(scores) - 1, _LEVELS).astype(int)]
    # The first level at which each row is an alarm.
    reached = np.searchsorted(-levels, -scores, side="left")
    predicted = np.cumsum(np.bincount(reached, minlength=_LEVELS + 1)[:_LEVELS]).astype(np.float64)
    areas = [_area(truth, events, reached, predicted, width) for width in range(widest + 1)]
    return float(np.mean(areas))


def _area(truth: Bools, events: Sequence[Span], reached: np.ndarray, predicted: Floats, width: int) -> float:
    weights = tolerant(truth, events, width)
    hits = _sums(reached, weights)
    beside = _sums(reached, np.where(truth, 0.0, weights))
    recall = np.minimum(hits / (truth.sum() + beside / 2.0), 1.0)
    merged = _merged(events, width, len(truth))
    first = np.array([reached[a : b + 1].min() for a, b in merged])
    touched = np.array([np.sum(first <= level) for level in range(_LEVELS)]) / len(merged)
    curve = np.concatenate(([0.0], recall * touched))
    return float(np.sum(np.diff(curve) * hits / predicted))


def tolerant(truth: Bools, events: Sequence[Span], width: int) -> Floats:
    """Return the weight (n,) of each row: 1 in an event, falling off to both sides within half of `width`."""
    weights: Floats = truth.astype(np.float64)
    for first, last in events:
        after = np.arange(last + 1, min(last + width // 2 + 1, len(weights)))
        weights[after] += np.sqrt(1.0 - (after - last) / width) if width else 0.0
        before = np.arange(max(first - width // 2, 0), first)
        weights[before] += np.sqrt(1.0 - (first - before) / width) if width else 0.0
    return np.minimum(weights, 1.0)


def _sums(reached: np.ndarray, weights: Floats) -> Floats:
    sums: Floats = np.cumsum(np.bincount(reached, weights=weights, minlength=_LEVELS + 1)[:_LEVELS])
    return sums


def _merged(events: Sequence[Span], width: int, rows: int) -> list[Span]:
    """Return the events with their tolerance; those that meet are one."""
    half = width // 2
    merged = [(max(events[0][0] - half, 0), events[0][1] + half)]
    for first, last in events[1:]:
        if merged[-1][1] < first - half:
            merged.append((first - half, last + half))
        else:
            merged[-1] = (merged[-1][0], last + half)
    return [(a, min(b, rows - 1)) for a, b in merged]
