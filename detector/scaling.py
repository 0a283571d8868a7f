"""Robust z of features, with a scale that grows with the time since the reference.

A short reference does not show how far a process wanders. Its block means tell how fast it does (a random walk), and
the scale grows accordingly: variance = scale^2 + drift^2 * rows since the reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt, tanh
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from detector.features import Floats, Ints

CLIP = 20.0
_BLOCK = 50
_LEAST_BLOCKS = 4
_LEAST_GROWTH = 0.25  # variance that a stream may gain, at least, in as many rows as the reference has
_MAD_TO_SIGMA = 1.4826
_LEAST_RELATIVE = 1e-4


@dataclass(frozen=True, slots=True)
class Scaling:
    """Centre, scale and drift (per square root of a row) of F features, (F,) each."""

    centre: Floats
    scale: Floats
    drift: Floats

    def of(self, features: Floats, columns: Ints, elapsed: float, z: Floats) -> None:
        """Write the robust z of the metrics at `columns` (M,) of features (3, C) into z (3 M,), softly clipped at 20.

        A metric without a value is as expected: 0. `elapsed` counts the rows since the end of the reference.
        """
        _standardise(features, columns, self.centre, self.scale, self.drift, elapsed, z)

    def rows(self, rows: Floats, elapsed: Floats) -> Floats:
        """Return the z of rows (n, F) of features that were seen `elapsed` (n,) rows after the reference."""
        spread = np.sqrt(self.scale**2 + self.drift**2 * np.maximum(elapsed, 0.0)[:, None])
        z = CLIP * np.tanh((rows - self.centre) / spread / CLIP)
        return np.where(np.isnan(z), 0.0, z)


def fit_scaling(rows: Floats, positions: Ints) -> Scaling:
    """Measure rows (n, F) seen at `positions` (n,), counted in rows, rising."""
    centre = np.nan_to_num(np.nanmedian(rows, axis=0))
    deviation = np.nan_to_num(np.nanmedian(np.abs(rows - centre), axis=0)) * _MAD_TO_SIGMA
    spread = np.nan_to_num(np.nanstd(rows, axis=0))
    metrics = rows.shape[1] // 3
    floor = np.tile(np.maximum(np.abs(centre[:metrics]), 1e-9) * _LEAST_RELATIVE, 3)
    scale = np.maximum(np.maximum(deviation, 0.5 * spread), floor)
    return Scaling(centre, scale, _drift(rows, positions, scale))


def _drift(rows: Floats, positions: Ints, scale: Floats) -> Floats:
    """Return the random walk of block means, per square root of a row.

    Noise lifts all squared differences of block means alike, a random walk lifts them with the distance between the
    blocks: the slope of the variogram tells them apart. A short reference knows little, hence a least drift.
    """
    least = sqrt(_LEAST_GROWTH / max(len(rows), 1)) * scale
    blocks = (positions - positions[0]) // _BLOCK
    names, starts = np.unique(blocks, return_index=True)
    if len(names) < _LEAST_BLOCKS:
        return least
    sizes = np.diff([*starts, len(rows)])[:, None]
    means = np.add.reduceat(np.nan_to_num(rows - np.nanmean(rows, axis=0)), starts, axis=0) / sizes
    first, second = np.triu_indices(len(names), 1)
    distance = (names[second] - names[first]).astype(np.float64)
    near = distance <= max(distance.max() / 2.0, 2.0)
    squared = (means[second[near]] - means[first[near]]) ** 2
    x = distance[near] - distance[near].mean()
    slope = x @ (squared - squared.mean(axis=0)) / (x @ x)
    drift: Floats = np.maximum(np.sqrt(np.maximum(slope, 0.0) / _BLOCK), least)
    return drift


@njit(cache=True)
def _standardise(  # noqa: PLR0913, PLR0917 - compiled code takes flat arrays
    features: Floats, columns: Ints, centre: Floats, scale: Floats, drift: Floats, elapsed: float, z: Floats
) -> None:  # pragma: no cover - compiled
    metrics = len(columns)
    for kind in range(features.shape[0]):
        for m in range(metrics):
            at = kind * metrics + m
            value = features[kind, columns[m]]
            if np.isnan(value):
                z[at] = 0.0
            else:
                spread = sqrt(scale[at] * scale[at] + drift[at] * drift[at] * elapsed)
                z[at] = 20.0 * tanh((value - centre[at]) / spread / 20.0)
