"""How fast features wander: a random walk, or a trend, seen in the means of blocks of rows.

Blocks are an eighth of the reference, so that a long reference is asked for its slow walk. What the means would differ
by anyway is subtracted where blocks are long enough to show it: a short reference stays on the safe side.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from detector.rows.reference import RUN

if TYPE_CHECKING:
    from detector.rows.features import Floats, Ints

_BLOCK = 50  # rows, at least
_BLOCKS = 8  # in a reference that is long enough
_LEAST_BLOCKS = 3
_LEAST_RUNS = 3  # in a block, to tell what its mean differs by anyway
_CHANCE = 4.0  # a mean step of two standard errors is no trend
_LEAST_GROWTH = 0.1  # variance that a stream may gain, at least, in as many rows as the reference has
_UNKNOWN_DRIFT = 0.3  # of a scale, in a block, where the reference is too short to tell


def wander(away: Floats, positions: Ints, scale: Floats) -> tuple[Floats, Floats]:
    """Return drift and trend: root mean square step between the means of blocks, and mean step beyond chance.

    Args:
        away: (n, F) features, as distances from their centre; NaN where there is none.
        positions: (n,) of the rows in the stream, rising.
        scale: (F,) of the features; 0 for one that is not judged.

    Returns:
        drift (F,) per square root of a row, trend (F,) per row.
    """
    least = sqrt(_LEAST_GROWTH / len(away)) * scale
    block = max(_BLOCK, (int(positions[-1] - positions[0]) + 1) // _BLOCKS)
    names, starts = np.unique((positions - positions[0]) // block, return_index=True)
    if len(names) < _LEAST_BLOCKS:
        return np.maximum(_UNKNOWN_DRIFT / sqrt(_BLOCK) * scale, least), np.zeros(len(scale))
    known = np.nan_to_num(away)
    steps = np.diff(_means(known, starts), axis=0) / np.sqrt(np.diff(names))[:, None]
    walk = np.mean(steps**2, axis=0) - 2.0 * _chance(known, positions, starts)
    drift = np.maximum(np.sqrt(np.maximum(walk, 0.0) / block), least)
    beyond = np.mean(steps, axis=0) ** 2 - _CHANCE * np.var(steps, axis=0) / len(steps)
    return drift, np.sqrt(np.maximum(beyond, 0.0)) / block


def _chance(rows: Floats, positions: Ints, starts: Ints) -> Floats | float:
    """Return the variance (F,) of block means by chance, from how the runs within a block differ."""
    variances = []
    for first, last in zip(starts, [*starts[1:], len(rows)], strict=True):
        _, runs = np.unique(positions[first:last] // RUN, return_index=True)
        if len(runs) >= _LEAST_RUNS:
            variances.append(np.var(_means(rows[first:last], runs), axis=0, ddof=1) / len(runs))
    return np.mean(variances, axis=0) if variances else 0.0


def _means(rows: Floats, starts: Ints) -> Floats:
    """Return the means (b, F) of the blocks of rows (n, F) that begin at `starts` (b,)."""
    means: Floats = np.add.reduceat(rows, starts, axis=0) / np.diff([*starts, len(rows)])[:, None]
    return means
