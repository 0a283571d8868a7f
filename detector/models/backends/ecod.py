"""ECOD: how far out in the tails of each column's empirical distribution (Li et al., IEEE TKDE 2022).

PyOD fits; the sorted columns are searched here, which gives what PyOD's `decision_function` gives for one row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from detector.models.backends.extras import required
from detector.models.backends.one_row import UNMEASURED, OneRow

if TYPE_CHECKING:
    from detector.models.backends.levels import Levels
    from detector.models.backends.port import Fitting, Floats


@dataclass(frozen=True, slots=True)
class TailProbabilities(OneRow):
    """A fitted ECOD.

    Attributes:
        columns: (F, n) values of the reference, each column sorted.
        sums: (3, F) of their first three powers, for the skewness.
        levels: of its scores.
    """

    columns: Floats
    sums: Floats
    levels: Levels

    def raw(self, row: Floats) -> float:
        """Return the sum over the columns of minus the logarithm of the tail probability."""
        return float(_surprise(row, self.columns, self.sums))

    def metadata(self) -> dict[str, float]:
        """Return the size of the reference."""
        return {"columns": float(len(self.columns)), "values": float(self.columns.size)}


class EcodBackend:
    """Tail probabilities of each column: no parameters, quick to fit."""

    def fit(self, fitting: Fitting) -> TailProbabilities:
        """Take the reference as the distribution."""
        required("ecod", ("pyod",))
        from pyod.models.ecod import ECOD  # noqa: PLC0415 - of the extra `backends`

        fitted = ECOD().fit(fitting.reference)
        columns = np.ascontiguousarray(np.sort(fitted.X_train, axis=0).T)
        sums = np.array([(fitted.X_train**power).sum(axis=0) for power in (1, 2, 3)])
        return TailProbabilities(columns, sums, UNMEASURED).calibrated(fitting.held_back)


@njit(cache=True)
def tails(value: float, column: Floats, sums: Floats) -> tuple[float, float, float]:  # pragma: no cover - compiled
    """Return minus the logarithm of the tail probability on the left, on the right, and on the side of the skew."""
    count = len(column) + 1.0  # the row itself is one more value, as in PyOD
    left = -np.log((np.searchsorted(column, value, side="right") + 1.0) / count)
    right = -np.log((len(column) - np.searchsorted(column, value, side="left") + 1.0) / count)
    mean = (sums[0] + value) / count
    second = (sums[1] + value**2) / count
    third = (sums[2] + value**3) / count - 3.0 * mean * second + 2.0 * mean**3
    skewness = np.sign(third) if second - mean**2 > 0.0 else 0.0
    return left, right, left * -np.sign(skewness - 1.0) + right * np.sign(skewness + 1.0)


@njit(cache=True)
def _surprise(row: Floats, columns: Floats, sums: Floats) -> float:  # pragma: no cover - compiled
    total = 0.0
    for j in range(len(row)):
        left, right, skewed = tails(row[j], columns[j], sums[:, j])
        total += max(left, right, skewed)
    return total
