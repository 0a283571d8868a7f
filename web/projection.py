"""Many metrics on a plane: the two directions in which a device's readings differ most (principal components).

Columns are centred and scaled by the normal readings alone (Pearson 1901; the directions by power iteration with
deflation), so that a reading which breaks the normal course stands out. Small enough to need no numerical library: at
most 600 rows of 64 metrics.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_ROUNDS = 60
_FEWEST = 8

Vector = list[float]


@dataclass(frozen=True, slots=True)
class Projection:
    """Points on the plane, one a row (None for a row that lacks a value), and the share of variance each axis holds.

    `loadings` gives for both axes how much each metric takes part, -1 to 1.
    """

    points: list[tuple[float, float] | None]
    explained: tuple[float, float]
    loadings: tuple[Vector, Vector]


def project(rows: Sequence[Sequence[float]], normal: Sequence[bool]) -> Projection | None:
    """Project rows on the two main directions of the normal ones.

    Args:
        rows: n rows of m metrics; NaN where a value is missing.
        normal: for each row, whether it counts as normal.

    Returns:
        None when there are fewer than 8 whole normal rows, or fewer than 2 metrics.
    """
    whole = [not any(isnan(value) for value in row) for row in rows]
    learned = [row for row, is_normal, is_whole in zip(rows, normal, whole, strict=True) if is_normal and is_whole]
    if len(learned) < _FEWEST or len(rows[0]) < 2:  # noqa: PLR2004 - a plane
        return None
    means, scales = _scaling(learned)
    matrix = _covariance([_scaled(row, means, scales) for row in learned])
    total = sum(matrix[i][i] for i in range(len(matrix))) or 1.0
    first, first_size = _direction(matrix)
    second, second_size = _direction(_deflated(matrix, first, first_size))
    points: list[tuple[float, float] | None] = []
    for row, is_whole in zip(rows, whole, strict=True):
        scaled = _scaled(row, means, scales)
        points.append((_dot(scaled, first), _dot(scaled, second)) if is_whole else None)
    return Projection(points, (first_size / total, max(0.0, second_size) / total), (first, second))


def _scaling(rows: Sequence[Sequence[float]]) -> tuple[Vector, Vector]:
    columns = list(zip(*rows, strict=True))
    means = [sum(column) / len(column) for column in columns]
    spreads = [sqrt(sum((v - m) ** 2 for v in column) / len(column)) for column, m in zip(columns, means, strict=True)]
    return means, [spread or 1.0 for spread in spreads]


def _scaled(row: Sequence[float], means: Vector, scales: Vector) -> Vector:
    return [(value - mean) / scale for value, mean, scale in zip(row, means, scales, strict=True)]


def _covariance(rows: list[Vector]) -> list[Vector]:
    columns = list(zip(*rows, strict=True))
    return [[_dot(one, other) / len(rows) for other in columns] for one in columns]


def _direction(matrix: list[Vector]) -> tuple[Vector, float]:
    """Find the main direction and the variance along it."""
    vector = [1.0 / (1 + index) for index in range(len(matrix))]
    for _ in range(_ROUNDS):
        turned = [_dot(row, vector) for row in matrix]
        length = sqrt(_dot(turned, turned))
        if length == 0.0:
            return vector, 0.0
        vector = [value / length for value in turned]
    return vector, _dot(vector, [_dot(row, vector) for row in matrix])


def _deflated(matrix: list[Vector], vector: Vector, size: float) -> list[Vector]:
    return [
        [value - size * one * other for value, other in zip(row, vector, strict=True)]
        for row, one in zip(matrix, vector, strict=True)
    ]


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))
