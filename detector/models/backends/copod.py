"""COPOD: how far out in the tails of an empirical copula (Li et al., ICDM 2020).

The same tails as ECOD's, put together in another way; what PyOD's `decision_function` gives for one row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from detector.models.backends.ecod import TailProbabilities, tails
from detector.models.backends.one_row import UNMEASURED

if TYPE_CHECKING:
    from detector.models.backends.port import Fitting, Floats


@dataclass(frozen=True, slots=True)
class CopulaTails(TailProbabilities):
    """A fitted COPOD."""

    def raw(self, row: Floats) -> float:
        """Return the sum over the columns of the mean of both tails, or of the tail on the side of the skew."""
        return float(_surprise(row, self.columns, self.sums))


class CopodBackend:
    """Tails of an empirical copula: no parameters, quick to fit."""

    def fit(self, fitting: Fitting) -> CopulaTails:
        """Take the reference as the distribution."""
        columns = np.ascontiguousarray(np.sort(fitting.reference, axis=0).T)
        sums = np.array([(fitting.reference**power).sum(axis=0) for power in (1, 2, 3)])
        return CopulaTails(columns, sums, UNMEASURED).calibrated(fitting.held_back)


@njit(cache=True)
def _surprise(row: Floats, columns: Floats, sums: Floats) -> float:  # pragma: no cover - compiled
    total = 0.0
    for j in range(len(row)):
        left, right, skewed = tails(row[j], columns[j], sums[:, j])
        total += max(skewed, (left + right) / 2.0)
    return total
