"""How probable a score at least this high is, by the device's own history of scores.

Above a high quantile the tail is a generalised Pareto distribution, its two parameters found by the method of moments
(Hosking and Wallis, Technometrics 1987) from running sums, so an update costs no more than a few multiplications.
"""

from __future__ import annotations

from bisect import bisect_right
from math import exp, log, log1p
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_KNOTS = 33
_PRIOR_SHAPE = 0.15  # mildly heavy: a short history knows little of what is far out
_PRIOR_WEIGHT = 20.0
_MAX_SHAPE = 0.5
_UNSURE = 10.0  # a history of so many scores may have a scale twice as large as it shows
_MAX_HISTORY = 50_000.0
_OUTLYING = 20.0  # an excess beyond so many mean excesses counts as that many
SMALLEST = 1e-300


class Tail:
    """Tail probability of a stream of scores; higher scores are more abnormal.

    Attributes:
        knots: score quantiles from the lowest to the threshold, evenly spaced in probability.
        count: scores seen so far, forgotten by halves beyond a bound.
        above, total, squares: number, sum and sum of squares of the excesses above the threshold.
        heavy: whether the tail may be heavier than exponential.
    """

    __slots__ = ("above", "count", "heavy", "knots", "squares", "total")

    def __init__(  # noqa: PLR0913, PLR0917 - its whole state
        self,
        knots: Sequence[float],
        count: float,
        above: float = 0.0,
        total: float = 0.0,
        squares: float = 0.0,
        heavy: bool = True,  # noqa: FBT001, FBT002 - the same
    ) -> None:
        self.heavy = heavy
        self.knots = list(knots)
        self.count = count
        self.above = above
        self.total = total
        self.squares = squares

    @classmethod
    def of(cls, scores: NDArray[np.float64], *, heavy: bool = True) -> Tail:
        """Start from reference scores (n,), n >= 1, that the model did not learn from."""
        share = min(0.2, max(0.02, 20.0 / len(scores)))
        knots = np.quantile(scores, np.linspace(0.0, 1.0 - share, _KNOTS))
        excess = scores[scores > knots[-1]] - knots[-1]
        sums = float(len(excess)), float(excess.sum()), float(excess @ excess)
        return cls(knots.tolist(), float(len(scores)), *sums, heavy)

    def state(self) -> tuple[object, ...]:
        """Return what `restored` needs."""
        return (self.knots, self.count, self.above, self.total, self.squares, self.heavy)

    @classmethod
    def restored(cls, state: Sequence[Any]) -> Tail:
        """Rebuild from `state`."""
        return cls(*state)

    def probability(self, score: float) -> float:
        """Return P(a score of this history >= score), within 1e-300 and 1; falls as the score rises."""
        share = (self.above + 1.0) / (self.count + 2.0)
        excess = score - self.knots[-1]
        if excess <= 0.0:
            return share + (1.0 - share) * self._body(score)
        scale, shape = self._parameters()
        decay = log1p(shape * excess / scale) / shape if shape > 0.0 else excess / scale
        return max(share * exp(-decay), SMALLEST) if decay < 690.0 else SMALLEST  # noqa: PLR2004 - exp ends there

    def quantile(self, probability: float) -> float:
        """Return the score that is exceeded with this probability, at or above the threshold."""
        share = (self.above + 1.0) / (self.count + 2.0)
        if probability >= share:
            return self.knots[-1]
        scale, shape = self._parameters()
        decay = log(share / probability)
        return self.knots[-1] + (scale * (exp(shape * decay) - 1.0) / shape if shape > 0.0 else scale * decay)

    def add(self, score: float) -> None:
        """Take one more score of the normal course into the history."""
        self.count += 1.0
        excess = score - self.knots[-1]
        if excess > 0.0:
            bound = _OUTLYING * (self.total + _floor(self.knots)) / (self.above + 1.0)
            excess = min(excess, bound)
            self.above += 1.0
            self.total += excess
            self.squares += excess * excess
        if self.count > _MAX_HISTORY:
            self._forget()

    def _forget(self) -> None:
        self.count *= 0.5
        self.above *= 0.5
        self.total *= 0.5
        self.squares *= 0.5

    def _body(self, score: float) -> float:
        knots = self.knots
        right = bisect_right(knots, score)
        if right == 0:
            return 1.0
        if right == len(knots):
            return 0.0
        step = knots[right] - knots[right - 1]
        within = (score - knots[right - 1]) / step if step > 0.0 else 0.0
        return 1.0 - (right - 1 + within) / (len(knots) - 1)

    def _parameters(self) -> tuple[float, float]:
        """Scale and shape; the shape is drawn towards a prior while excesses are few."""
        floor = _floor(self.knots)
        mean = (self.total + floor) / (self.above + 1.0)
        if not self.heavy:
            return max(mean, 1e-12), 0.0
        variance = self.squares / (self.above + 1.0) - mean * mean
        shape = 0.5 * (1.0 - mean * mean / variance) if variance > 0.0 else 0.0
        shape = (self.above * shape + _PRIOR_WEIGHT * _PRIOR_SHAPE) / (self.above + _PRIOR_WEIGHT)
        shape = min(max(shape, 0.0), _MAX_SHAPE)
        unsure = 1.0 + _UNSURE / max(self.count, 1.0)
        return max(unsure * mean * (1.0 - shape), 1e-12), shape


def _floor(knots: Sequence[float]) -> float:
    """One excess that is always there: the upper quarter of the body, so that a scale is never zero."""
    return max(knots[-1] - knots[3 * len(knots) // 4], 1e-9)
