"""How rare a magnitude is by a history that follows it: counts in bins that widen with the magnitude.

Twelve bins a decade, so that every quantile is known within a tenth of itself, as in DDSketch (Masson, Rim, Lee, VLDB
2019), and the threshold of the tail moves with the history. Above its 97 % quantile the tail is exponential.
"""

from __future__ import annotations

from math import log, log10
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from detector.rows.features import Floats

BINS = 96  # eight decades
_START = 100.0  # magnitudes, before anything is rare
_A_DECADE = 12
_LOWEST = -5.0  # decades of the unit where the first bin ends
_BODY = 0.97  # quantile where the tail begins
_UPPER_QUARTER = 0.25
_LEAST = 1e-9  # excess, so that a tail is never without width
_MOST = 300.0  # decades
_LN10 = log(10.0)
# Where the bins begin and what they stand for, in units of a history; read by compiled code, never written.
_EDGES = np.concatenate((np.zeros(1), 10.0 ** (_LOWEST + np.arange(BINS) / _A_DECADE)))
_MIDDLES = 0.5 * (_EDGES[:-1] + _EDGES[1:])


@njit(cache=True)
def rarity(magnitude: float, counts: Floats, unit: float) -> float:  # pragma: no cover - compiled
    """Return minus log10 of P(a magnitude of this history >= this one), 0 while the history begins.

    Args:
        magnitude: 0 upwards.
        counts: (BINS,) the history.
        unit: what it is measured in; 0 while all were 0.
    """
    count = counts.sum()
    if count < _START:
        return 0.0
    first, above = _above(counts, 1.0 - _BODY)
    threshold = _EDGES[first] * unit
    if magnitude <= threshold:
        own = _bin(magnitude, unit)
        for at in range(own + 1, first):
            above += counts[at]
        if own < first:
            above += 0.5 * counts[own]
        return -log10((above + 1.0) / (count + 2.0))
    # One excess is always there: the upper quarter of the body, so that a scale is never zero.
    excess = max(threshold - _EDGES[_above(counts, _UPPER_QUARTER)[0]] * unit, _LEAST)
    for at in range(first, BINS):
        excess += counts[at] * (_MIDDLES[at] * unit - threshold)
    mean = excess / (above + 1.0)
    decades: float = -log10((above + 1.0) / (count + 2.0)) + (magnitude - threshold) / mean / _LN10
    return min(decades, _MOST)


@njit(cache=True)
def remember(magnitude: float, counts: Floats, unit: float) -> float:  # pragma: no cover - compiled
    """Take a magnitude into a history; return its unit, which grows by decades when something larger comes."""
    if unit == 0.0:
        unit = magnitude
    while magnitude > _EDGES[BINS] * unit:
        counts[0] = counts[: _A_DECADE + 1].sum()
        counts[1 : BINS - _A_DECADE] = counts[_A_DECADE + 1 :].copy()
        counts[BINS - _A_DECADE :] = 0.0
        unit *= 10.0
    counts[_bin(magnitude, unit)] += 1.0
    return unit


@njit(cache=True)
def _bin(magnitude: float, unit: float) -> int:  # pragma: no cover - compiled
    """Return the bin that a magnitude falls into."""
    if magnitude <= _EDGES[1] * unit:
        return 0
    return min(1 + int((log10(magnitude / unit) - _LOWEST) * _A_DECADE), BINS - 1)


@njit(cache=True)
def _above(counts: Floats, share: float) -> tuple[int, float]:  # pragma: no cover - compiled
    """Return the lowest bin from which on at most this share of the history lies, and how much does."""
    allowed = share * counts.sum()
    first, above = BINS, 0.0
    while first > 0 and above + counts[first - 1] <= allowed:
        first -= 1
        above += counts[first]
    return first, above
