"""Minimum covariance determinant: the distance from the middle, in a covariance that outliers did not shape.

Rousseeuw and Van Driessen, Technometrics 1999. scikit-learn fits; the distance is computed here.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from detector.models.backends.one_row import UNMEASURED, OneRow

if TYPE_CHECKING:
    from detector.models.backends.levels import Levels
    from detector.models.backends.port import Fitting, Floats

_ROWS_A_COLUMN = 3


@dataclass(frozen=True, slots=True)
class Ellipsoid(OneRow):
    """A fitted covariance.

    Attributes:
        centre: (F,) the middle.
        precision: (F, F) inverse of the covariance.
        levels: of its scores.
    """

    centre: Floats
    precision: Floats
    levels: Levels

    def raw(self, row: Floats) -> float:
        """Return the squared Mahalanobis distance from the middle."""
        apart = row - self.centre
        return float(apart @ self.precision @ apart)

    def metadata(self) -> dict[str, float]:
        """Return the number of columns."""
        return {"columns": float(len(self.centre))}


class McdBackend:
    """Mahalanobis distance with a robust covariance: for metrics that move together, in straight relations."""

    def fit(self, fitting: Fitting) -> Ellipsoid:
        """Find the covariance; of all rows where they are too few to leave some out."""
        from sklearn.covariance import MinCovDet  # noqa: PLC0415 - slow to import, and only a fit needs it

        count, columns = fitting.reference.shape
        share = None if count >= _ROWS_A_COLUMN * columns else 1.0
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # columns that depend on each other: the pseudo-inverse leaves them out
            fitted = MinCovDet(support_fraction=share, random_state=fitting.seed % 2**32).fit(fitting.reference)
        precision = np.ascontiguousarray(fitted.get_precision())
        return Ellipsoid(fitted.location_, precision, UNMEASURED).calibrated(fitting.held_back)
