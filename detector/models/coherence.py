"""Whether the metrics still agree with each other.

Each metric is predicted from all others by linear regression; what remains, in units of what usually remains, is how
far it disagrees. With the inverse correlation matrix K of the metrics this is (K z)_j / sqrt(K_jj) for all j at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf, isfinite, sqrt
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from detector.models.scaling import fit_scaling

if TYPE_CHECKING:
    from detector.models.scaling import Scaling
    from detector.rows.features import Floats, Ints

_RIDGE = 0.2  # times metrics per row: how much less correlations are trusted ...
_LEAST_RIDGE = 0.003  # ... and by as much at least
_LEAST_SCALE = 0.3  # of what remains: a metric that the others tell closely has no finer one
_FOLLOWS = 1000  # rows learned: fewer do not tell a slow course from a load
HORIZON = 0.125  # of the rows learned
_ROUNDS = 3  # several that are missing expect each other
_LEAST_DEVIATION = 0.3  # of z: a metric that hardly moves has no fine structure to disagree with


def inverse_correlation(z: Floats) -> Floats:
    """Return K (M, M) of rows (n, M) of robust z; with few rows against metrics it trusts correlations less."""
    rows, metrics = z.shape
    covariance = z.T @ z / rows
    deviations = np.maximum(np.sqrt(np.diag(covariance)), _LEAST_DEVIATION)
    correlation = covariance / np.outer(deviations, deviations)
    np.fill_diagonal(correlation, 1.0)
    ridge = max(_LEAST_RIDGE, _RIDGE * metrics / rows)
    inverse = np.linalg.inv(correlation + ridge * np.eye(metrics))
    # In rows, whatever the order that the inverse came in: compiled code knows one layout.
    scaled: Floats = np.ascontiguousarray(inverse / np.outer(deviations, deviations))
    return scaled


@dataclass(frozen=True, slots=True)
class Coherence:
    """How the metrics of a device go together.

    What remains of a metric may wander slowly, with the hour, with wear. Where the reference is long enough, and not
    yet complete, its level is followed, so that the scale need not grow for longer than the following takes.

    Attributes:
        inverse: (M, M) inverse correlation K.
        scaling: centre, scale and drift of what remains of each metric, (M,) each.
        level: (M,) where what remains had wandered to at the end of the rows it was measured on.
        horizon: rows in which the level follows; infinite where it does not.
    """

    inverse: Floats
    scaling: Scaling
    level: Floats
    horizon: float = inf

    @property
    def follows(self) -> bool:
        """Whether the level of what remains is followed; z is then in units that do not grow."""
        return isfinite(self.horizon)

    def disagreement(self, z: Floats, elapsed: float, level: Floats) -> float:
        """Return the largest disagreement of a row beside the level (M,) that it has wandered to.

        z may be longer than the metrics (M), its first M values count.
        """
        scaling = self.scaling
        rows = min(elapsed, scaling.reach, self.horizon)
        centre = scaling.centre + level
        return float(_disagreement(z, self.inverse, centre, scaling.scale, scaling.drift, scaling.trend, rows))

    def follow(self, z: Floats, level: Floats, rows: float) -> None:
        """Let the level (M,) follow a row of the normal course that came so many rows after the last one."""
        _follow(z, self.inverse, self.scaling.centre, level, min(rows / self.horizon, 1.0))

    def disagreements(self, z: Floats, elapsed: float, level: Floats) -> Floats:
        """Return the disagreement (M,) of each metric beside its level, absolute."""
        remains = _remains(z[None, : len(self.inverse)], self.inverse) - level
        each: Floats = np.abs(self.scaling.unclipped(remains, np.array([elapsed])))[0]
        return each

    def predicted(self, z: Floats, metric: int) -> tuple[float, float]:
        """Return what a metric's z should be given the others, and the standard deviation of that."""
        precision = float(self.inverse[metric, metric])
        beside = float(self.inverse[metric] @ z[: len(self.inverse)]) / precision
        return float(z[metric]) - beside, float(self.scaling.scale[metric]) / sqrt(precision)

    def fill(self, z: Floats, missing: Ints) -> None:
        """Write into z what the other metrics let expect of those at `missing` (n,), which have no value now.

        The last value would not do: where metrics go together closely, they move together from row to row.
        """
        for _ in range(_ROUNDS if len(missing) > 1 else 1):
            for metric in missing.tolist():
                z[metric] = self.predicted(z, metric)[0]


def fit_coherence(z: Floats, positions: Ints, *, complete: bool = False, learned: int = 0) -> Coherence:
    """Measure rows (n, M) of robust z seen at `positions` (n,), of so many that were learned."""
    horizon = HORIZON * learned if learned >= _FOLLOWS and not complete else inf
    inverse = inverse_correlation(z)
    scaling = fit_scaling(_remains(z, inverse), positions, complete=complete)
    scaling = replace(scaling, scale=np.maximum(scaling.scale, _LEAST_SCALE))
    return Coherence(inverse, scaling, np.zeros(len(inverse)), horizon)


def heldback_disagreements(coherence: Coherence, z: Floats, positions: Ints, split: int) -> tuple[Coherence, Floats]:
    """Measure the disagreement (n,) of rows (n, M) of z, of which those from `split` on were held back from the fit.

    Returns:
        the coherence with the level that the last of them leave, and the disagreements.
    """
    level = np.zeros(len(coherence.inverse))
    apart = np.empty(len(z))
    for n, row in enumerate(z):
        apart[n] = coherence.disagreement(row, float(max(positions[n] - positions[split - 1], 0)), level)
        if n >= split and coherence.follows:
            coherence.follow(row, level, float(positions[n] - positions[n - 1]))
    return replace(coherence, level=level), apart


def _remains(z: Floats, inverse: Floats) -> Floats:
    remains: Floats = z @ inverse / np.sqrt(np.diag(inverse))
    return remains


@njit(cache=True)
def _disagreement(  # noqa: PLR0913, PLR0917 - compiled code takes flat arrays
    z: Floats, inverse: Floats, centre: Floats, scale: Floats, drift: Floats, trend: Floats, elapsed: float
) -> float:  # pragma: no cover - compiled
    metrics = len(inverse)
    if metrics < 2:  # noqa: PLR2004 - one metric has nobody to disagree with
        return 0.0
    largest = 0.0
    for j in range(metrics):
        total = 0.0
        for k in range(metrics):
            total += inverse[j, k] * z[k]
        spread = sqrt(scale[j] * scale[j] + drift[j] * drift[j] * elapsed + (trend[j] * elapsed) ** 2)
        largest = max(largest, abs(total / sqrt(inverse[j, j]) - centre[j]) / spread)
    return largest


@njit(cache=True)
def _follow(
    z: Floats, inverse: Floats, centre: Floats, level: Floats, weight: float
) -> None:  # pragma: no cover - compiled
    metrics = len(inverse)
    for j in range(metrics):
        total = 0.0
        for k in range(metrics):
            total += inverse[j, k] * z[k]
        level[j] += (total / sqrt(inverse[j, j]) - centre[j] - level[j]) * weight
