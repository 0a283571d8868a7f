"""Deviation, broken pattern and isolation: three views of a row in one score.

R is the root mean square of the robust z. W is that of what a principal component model leaves unexplained, each
column in units of its own deviation in the reference: a small break in what is usually exact weighs as much as a large
one in what is loose. I is how far the forest's decision lies below its median. Each is in units of its 99.5 % level on
held-back rows. With a complete reference the score is the largest of R, W and three quarters of I, which is noisy and
knows little of how far. While the reference grows, the levels are not known that well: then the score is the mean of
the three, and W does not weigh its columns. The forest also learns background rows, so that its trees cut outside of
the range of the reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from detector.models.forest import FlatForest, Ints, grow, walk

if TYPE_CHECKING:
    from detector.models.backends.port import Fitting, Floats

_EXPLAINED = 0.9
_LEVEL = 0.995
_BACKGROUND_SHARE = 0.1
_BACKGROUND_CHANCE = 0.3
_BACKGROUND_REACH = 10.0
_LEAST_LEVEL = 1e-6
_LEAST_I = 0.02  # a forest's decision is noisy by about so much
_TRUST_I = 0.75
_LEAST_RESIDUAL = 0.05  # of z: what is explained all but exactly has no fine structure to break


@dataclass(frozen=True, slots=True)
class ResidualForest:
    """A fitted R, W and I.

    Attributes:
        components: (k, F) principal directions.
        deviations: (F,) what the components usually leave unexplained of each column.
        forest: grown on z and residual side by side, 2 F columns.
        levels: (5,) the 99.5 % levels of R, W and I, the forest's median decision, and 1 for a complete reference.
    """

    components: Floats
    deviations: Floats
    forest: FlatForest
    levels: Floats

    @property
    def rows(self) -> int:
        """It looks at one row."""
        return 1

    def judge(self, row: Floats) -> tuple[float, float]:
        """Return the score of one row of robust z, and the forest's decision."""
        forest = self.forest
        score, decision = _judge(
            row,
            self.components,
            self.deviations,
            forest.roots,
            forest.feature,
            forest.threshold,
            forest.left,
            forest.right,
            forest.scale,
            forest.offset,
            self.levels,
        )
        return score, decision

    def metadata(self) -> dict[str, float]:
        """Return the size of the fit."""
        return {"components": float(len(self.components)), "nodes": float(len(self.forest.feature))}


class IsolationForestBackend:
    """The default algorithm."""

    def fit(self, fitting: Fitting) -> ResidualForest:
        """Learn principal components and a forest from the reference, levels from the held-back rows."""
        z = fitting.reference
        components = principal_components(z, _EXPLAINED)
        rng = np.random.default_rng(fitting.seed)
        rows = np.concatenate([z, background(z, rng)])
        forest = grow(
            np.hstack([rows, residual(rows, components)]),
            trees=fitting.trees,
            samples=fitting.samples,
            seed=fitting.seed % 2**32,
        )
        deviations = np.ones(z.shape[1])
        if fitting.complete:
            usual = np.std(residual(z, components), axis=0)
            deviations = np.where(usual > 0.0, np.maximum(usual, _LEAST_RESIDUAL), 1.0)
        return _levelled(components, deviations, forest, fitting)


def principal_components(z: Floats, explained: float) -> Floats:
    """Return the (k, F) directions that explain this share of the variance of rows (n, F) about zero."""
    values, vectors = np.linalg.eigh(z.T @ z / len(z))
    order = np.argsort(values)[::-1]
    shares = np.cumsum(np.maximum(values[order], 0.0))
    if shares[-1] <= 0.0:
        return np.zeros((1, z.shape[1]))
    keep = int(np.searchsorted(shares, explained * shares[-1])) + 1
    return np.ascontiguousarray(vectors[:, order[:keep]].T)


def residual(z: Floats, components: Floats) -> Floats:
    """Return what the components leave unexplained of rows (n, F)."""
    unexplained: Floats = z - (z @ components.T) @ components
    return unexplained


def background(z: Floats, rng: np.random.Generator) -> Floats:
    """Return one tenth as many rows, each a row of the reference with some values replaced by far-out ones."""
    count = max(int(len(z) * _BACKGROUND_SHARE), 1)
    rows = z[rng.integers(0, len(z), count)]
    replaced = rng.random(rows.shape) < _BACKGROUND_CHANCE
    return np.where(replaced, rng.uniform(-_BACKGROUND_REACH, _BACKGROUND_REACH, rows.shape), rows)


def _levelled(components: Floats, deviations: Floats, forest: FlatForest, fitting: Fitting) -> ResidualForest:
    held_back = fitting.held_back
    raw = ResidualForest(components, deviations, forest, np.zeros(5))
    # Without levels the kernel is not asked for a score, only for its decision.
    decisions = np.array([raw.judge(row)[1] for row in held_back])
    centre = float(np.median(decisions))
    r = np.sqrt(np.mean(held_back**2, axis=1))
    w = np.sqrt(np.mean((residual(held_back, components) / deviations) ** 2, axis=1))
    levels = [
        max(float(np.quantile(r, _LEVEL)), _LEAST_LEVEL),
        max(float(np.quantile(w, _LEVEL)), _LEAST_LEVEL),
        max(float(np.quantile(centre - decisions, _LEVEL)), _LEAST_I),
        centre,
        float(fitting.complete),
    ]
    return ResidualForest(components, deviations, forest, np.array(levels))


@njit(cache=True)
def _judge(  # noqa: PLR0913, PLR0917 - compiled code takes flat arrays
    z: Floats,
    components: Floats,
    deviations: Floats,
    roots: Ints,
    feature: Ints,
    threshold: Floats,
    left: Ints,
    right: Ints,
    scale: float,
    offset: float,
    levels: Floats,
) -> tuple[float, float]:  # pragma: no cover - compiled
    width = len(z)
    row = np.empty(2 * width)
    row[:width] = z
    row[width:] = z
    for k in range(len(components)):
        along = 0.0
        for j in range(width):
            along += components[k, j] * z[j]
        for j in range(width):
            row[width + j] -= along * components[k, j]
    r = 0.0
    w = 0.0
    for j in range(width):
        r += z[j] * z[j]
        w += (row[width + j] / deviations[j]) ** 2
    decision = walk(row, roots, feature, threshold, left, right, scale) - offset
    if levels[1] == 0.0:
        return 0.0, decision
    isolation = max(levels[3] - decision, 0.0) / levels[2]
    deviation, pattern = sqrt(r / width) / levels[0], sqrt(w / width) / levels[1]
    if levels[4] == 0.0:
        return (deviation + pattern + isolation) / 3.0, decision
    return max(deviation, pattern, _TRUST_I * isolation), decision
