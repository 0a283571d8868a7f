"""Robust z of features, with a scale that grows with the time since the reference.

A short reference does not show how far a process wanders, only how fast (`detector.models.wander`); the scale grows
accordingly, and faster still where all steps went one way (a season seen for an hour, wear):
variance = scale^2 + drift^2 * rows since the reference + (trend * rows since the reference)^2.
It stops growing after half as many rows as a complete reference has: a walk seen for an hour says nothing of tomorrow,
and what was wandered in the reference is in its scale. A reference that still grows is given more room.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import log, sqrt, tanh
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from detector.models.wander import wander
from detector.rows.deviation import MAD_TO_SIGMA

if TYPE_CHECKING:
    from detector.rows.features import Bools, Floats, Ints

CLIP = 20.0  # deviations
_FAR_CLIP = 50.0  # with a complete reference
_LEAST_RELATIVE = 1e-4  # of the usual value: no scale is smaller ...
_CONSTANT_RELATIVE = 0.1  # ... that of a metric that never moved
_LEAST_VALUES = 8  # of a feature: with fewer it is not judged
_BELIEVED = 0.5  # of the length of a complete reference ...
_BELIEVED_YOUNG = 8.0  # ... and of one that still grows


@dataclass(frozen=True, slots=True)
class Scaling:
    """Robust z of F features.

    Attributes:
        centre, scale, drift, trend: (F,) each; drift per square root of a row, trend per row.
        most: (F,) where the soft clip of z is.
        reach: rows after the reference for which the scale grows.
    """

    centre: Floats
    scale: Floats
    drift: Floats
    trend: Floats
    most: Floats
    reach: float

    def of(self, features: Floats, columns: Ints, elapsed: float, z: Floats, steady: Bools | None = None) -> float:
        """Write the robust z of the metrics at `columns` (M,) of features (3, C) into z (3 M,), softly clipped.

        A metric without a value is as expected: 0; but one that is `steady` (M,), there in nearly every row, stays
        where it was: those that it goes with would else seem to have left it. `elapsed` counts the rows since the end
        of the reference.

        Returns:
            the largest |z| of the values themselves, not clipped.
        """
        rows = min(elapsed, self.reach)
        keeps = np.zeros(len(columns), np.bool_) if steady is None else steady
        return _standardise(
            features, columns, self.centre, self.scale, self.drift, self.trend, self.most, rows, z, keeps
        )

    def rows(self, rows: Floats, elapsed: Floats) -> Floats:
        """Return the z of rows (n, F) of features that were seen `elapsed` (n,) rows after the reference."""
        clipped: Floats = self.most * np.tanh(self.unclipped(rows, elapsed) / self.most)
        return clipped

    def unclipped(self, rows: Floats, elapsed: Floats) -> Floats:
        """Return the same without the soft clip, but for metrics that never moved."""
        away = np.nan_to_num((rows - self.centre) / self.spread(elapsed[:, None]), nan=0.0)
        return np.where(self.most < CLIP, np.clip(away, -self.most, self.most), away)

    def spread(self, elapsed: Floats | float) -> Floats:
        """Return the standard deviation (F,), or (n, F), that features may have so many rows after the reference."""
        rows = np.clip(elapsed, 0.0, self.reach)
        spread: Floats = np.sqrt(self.scale**2 + self.drift**2 * rows + (self.trend * rows) ** 2)
        return spread


def fit_features(rows: Floats, positions: Ints, *, complete: bool = False) -> Scaling:
    """Measure rows (n, 3 M) of features; no scale is below a ten-thousandth of its metric's usual value.

    A metric that never moved has no scale: a change by a tenth of its value counts as one deviation. One that was
    always 0 has no value either: a growing reference does not judge it; in the n rows of a complete one a change is
    about as rare as one in n, so any change counts as the deviation that noise exceeds as rarely. A feature that was
    hardly ever there is not judged.
    """
    metrics = rows.shape[1] // 3
    usual = np.abs(_column_medians(rows[:, :metrics]))
    constant = np.array([np.ptp(_finite(rows[:, m])) == 0.0 for m in range(metrics)])
    floor = np.maximum(usual, 1e-9) * np.where(constant, _CONSTANT_RELATIVE, _LEAST_RELATIVE)
    zero = constant & (usual == 0.0)
    if not complete:
        floor[zero] = np.inf
        return fit_scaling(rows, positions, np.tile(floor, 3))
    scaling = fit_scaling(rows, positions, np.tile(floor, 3), complete=True)
    rare = np.tile(zero, 3) & np.isfinite(scaling.scale)
    return replace(scaling, most=np.where(rare, max(sqrt(2.0 * log(len(rows))), 1.0), _FAR_CLIP))


def fit_scaling(rows: Floats, positions: Ints, floor: Floats | float = 0.0, *, complete: bool = False) -> Scaling:
    """Measure rows (n, F) seen at `positions` (n,), counted in rows, rising."""
    centre = _column_medians(rows)
    deviation = _column_medians(np.abs(rows - centre)) * MAD_TO_SIGMA
    spread = np.array([np.std(_finite(column)) for column in rows.T])
    scale = np.maximum(np.maximum(deviation, (1.0 if complete else 0.5) * spread), floor)
    scale[np.sum(np.isfinite(rows), axis=0) < _LEAST_VALUES] = np.inf
    drift, trend = wander(rows - centre, positions, np.where(np.isinf(scale), 0.0, scale))
    reach = (_BELIEVED if complete else _BELIEVED_YOUNG) * float(positions[-1] - positions[0] + 1)
    return Scaling(centre, scale, drift, trend, most=np.full(len(scale), CLIP), reach=reach)


def _column_medians(rows: Floats) -> Floats:
    return np.array([np.median(_finite(column)) for column in rows.T])


def _finite(column: Floats) -> Floats:
    """Return the values of a column that are there; one 0 if there are none."""
    values = column[np.isfinite(column)]
    return values if len(values) else np.zeros(1)


@njit(cache=True)
def _standardise(  # noqa: PLR0913, PLR0917 - compiled code takes flat arrays
    features: Floats,
    columns: Ints,
    centre: Floats,
    scale: Floats,
    drift: Floats,
    trend: Floats,
    most: Floats,
    elapsed: float,
    z: Floats,
    steady: Bools,
) -> float:  # pragma: no cover - compiled
    metrics = len(columns)
    largest = 0.0
    for kind in range(features.shape[0]):
        for m in range(metrics):
            at = kind * metrics + m
            value = features[kind, columns[m]]
            if np.isnan(value):
                if not steady[m]:
                    z[at] = 0.0
            else:
                walked = drift[at] * drift[at] * elapsed + (trend[at] * elapsed) ** 2
                spread = sqrt(scale[at] * scale[at] + walked)
                away = (value - centre[at]) / spread
                z[at] = most[at] * tanh(away / most[at])
                if kind == 0:
                    largest = max(largest, abs(away) if most[at] >= CLIP else abs(z[at]))
    return largest


@njit(cache=True)
def lacks(features: Floats, columns: Ints, steady: Bools) -> bool:  # pragma: no cover - compiled
    """Tell whether a steady one of the metrics at `columns` (M,) of features (3, C) has no value now."""
    for m in range(len(columns)):  # noqa: SIM110 - compiled code knows no generators
        if steady[m] and np.isnan(features[0, columns[m]]):
            return True
    return False
