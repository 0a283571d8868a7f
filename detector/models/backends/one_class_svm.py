"""One-class SVM with a Gaussian kernel (Schölkopf et al., Neural Computation 2001).

scikit-learn fits; the kernel sum is computed here, which gives what its `decision_function` gives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from detector.models.backends.one_row import UNMEASURED, OneRow

if TYPE_CHECKING:
    from detector.models.backends.levels import Levels
    from detector.models.backends.port import Fitting, Floats

_OUTSIDE = 0.05  # share of the reference that may lie outside of the boundary


@dataclass(frozen=True, slots=True)
class Boundary(OneRow):
    """A fitted one-class SVM.

    Attributes:
        vectors, weights: (k, F) support vectors, and what each adds.
        offset: of the boundary.
        gamma: of the kernel exp(-gamma |x - y|²).
        levels: of its scores.
    """

    vectors: Floats
    weights: Floats
    offset: float
    gamma: float
    levels: Levels

    def raw(self, row: Floats) -> float:
        """Return how far a row lies outside of the boundary, in the kernel's measure."""
        return float(_outside(row, self.vectors, self.weights, self.offset, self.gamma))

    def judge(self, row: Floats) -> tuple[float, float]:
        """Return score and decision of one row; the decision is that of the SVM itself."""
        raw = self.raw(row)
        return self.levels.judged(raw)[0], -raw

    def metadata(self) -> dict[str, float]:
        """Return the number of support vectors."""
        return {"support_vectors": float(len(self.vectors))}


class OneClassSvmBackend:
    """A boundary around the reference: smooth, slow to fit on many rows."""

    def fit(self, fitting: Fitting) -> Boundary:
        """Draw the boundary."""
        from sklearn.svm import OneClassSVM  # noqa: PLC0415 - slow to import, and only a fit needs it

        fitted = OneClassSVM(nu=_OUTSIDE, gamma="scale").fit(fitting.reference)
        vectors = np.ascontiguousarray(fitted.support_vectors_, dtype=np.float64)
        parts = (vectors, np.ascontiguousarray(fitted.dual_coef_[0]), float(fitted.intercept_[0]), float(fitted._gamma))  # noqa: SLF001 - what "scale" came to be
        return Boundary(*parts, UNMEASURED).calibrated(fitting.held_back)


@njit(cache=True)
def _outside(row: Floats, vectors: Floats, weights: Floats, offset: float, gamma: float) -> float:  # pragma: no cover
    total = offset
    for i in range(len(vectors)):
        distance = 0.0
        for j in range(len(row)):
            distance += (row[j] - vectors[i, j]) ** 2
        total += weights[i] * np.exp(-gamma * distance)
    return -total
