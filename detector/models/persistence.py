"""Evidence that lasts: many readings that are each only somewhat odd.

A cumulative sum (Page, Biometrika 1954) of how surprising each reading is. In the normal course minus the logarithm of
a tail probability is exponential with mean 1, so the sum falls; by Lundberg's inequality it exceeds h with probability
about exp(-h), for independent readings. Neighbours share their rolling features, so h is counted in windows.
"""

from __future__ import annotations

from math import exp, log
from typing import TYPE_CHECKING

import numpy as np

from detector.rows.features import WINDOW

if TYPE_CHECKING:
    from detector.rows.features import Floats, Ints

_LAGS = (0, 3, 6, 12, 24, 45)  # rows
_LEAST_PAIRS = 30  # that tell a correlation
_LEAST_SHARED = 7.0  # rows: neighbours share their rolling features in any case
_SURPLUS = 0.4  # of the correlation beyond one window, which few rows measure badly

_EXPECTED = 3.0  # surprise that leaves the sum as it is: a tail probability of 5 %
_MOST = 12.0  # surprise that one reading can add at most
_HIGHEST = 30.0  # in windows
_CALM = 1.5  # mean surprise of the newest readings at which all evidence is dropped


def shared_rows(scores: Floats, positions: Ints) -> float:
    """Return how many neighbouring readings tell the same: the integrated autocorrelation of surprise, in rows.

    Args:
        scores: (n,) raw scores of the reference.
        positions: (n,) their places in the stream; pairs across gaps do not count.
    """
    spread = np.ptp(scores)
    if spread == 0.0:
        return _LEAST_SHARED
    ranks = (np.argsort(np.argsort(scores)) + 0.5) / len(scores)
    surprise = -np.log1p(-ranks) - 1.0
    correlations = [1.0, *(_autocorrelation(surprise, positions, lag) for lag in _LAGS[1:])]
    integrated = float(2.0 * np.trapezoid(np.maximum(correlations, 0.0), _LAGS))
    return _LEAST_SHARED + _SURPLUS * max(integrated - WINDOW, 0.0)


def _autocorrelation(series: Floats, positions: Ints, lag: int) -> float:
    pairs = positions[lag:] - positions[:-lag] == lag
    if np.count_nonzero(pairs) < _LEAST_PAIRS:
        return 0.0
    return float(np.mean(series[lag:][pairs] * series[:-lag][pairs]) / np.var(series))


class Persistence:
    """Adds evidence up.

    Attributes:
        total: the sum.
        mean: surprise of the newest window of readings, on average.
        window: readings that share their evidence.
        calm: readings in a row, up to now, none of which added to it.
    """

    __slots__ = ("calm", "mean", "total", "window")

    def __init__(self, window: float = WINDOW, total: float = 0.0, mean: float = 1.0, calm: int = 0) -> None:
        self.window = window
        self.total = total
        self.mean = mean
        self.calm = calm

    def add(self, probability: float) -> float:
        """Take a reading's tail probability; return that of the sum."""
        surprise = min(-log(probability), _MOST)
        self.mean += (surprise - self.mean) / WINDOW
        self.total = min(max(self.total + surprise - _EXPECTED, 0.0), _HIGHEST * self.window)
        self.calm = self.calm + 1 if surprise < _EXPECTED else 0
        if self.mean < _CALM or self.calm >= WINDOW:  # the mean of a gross trouble takes far longer to fall
            self.total = 0.0
        return exp(-self.total / self.window)

    def state(self) -> tuple[float, float, float, int]:
        """Return what the constructor needs to rebuild it."""
        return (self.window, self.total, self.mean, self.calm)
