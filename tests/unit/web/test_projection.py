from __future__ import annotations

import random
from math import nan

import numpy as np
import pytest

from web.projection import project


def rows(count: int = 200) -> list[list[float]]:
    chance = random.Random(1)  # noqa: S311 - the same rows each time
    made = []
    for _ in range(count):
        one = chance.gauss(0, 3)
        made.append([one, one * 0.5 + chance.gauss(0, 0.3), chance.gauss(5, 1)])
    return made


def test_directions_are_the_principal_components() -> None:
    """The shares of variance are the ones that an eigenvalue solver finds."""
    table = rows()
    found = project(table, [True] * len(table))
    assert found is not None
    scaled = (np.array(table) - np.mean(table, axis=0)) / np.std(table, axis=0)
    values = np.sort(np.linalg.eigvalsh(np.cov(scaled.T, bias=True)))[::-1]
    assert found.explained == pytest.approx(tuple(values[:2] / values.sum()), abs=1e-3)


def test_a_reading_far_along_the_normal_course_stands_apart() -> None:
    """An outlier lies further out than every normal reading, for the normal ones alone give the scale."""
    table = [*rows(), [40.0, 20.0, 5.0]]
    found = project(table, [True] * 200 + [False])
    assert found is not None
    far = [abs(x) + abs(y) for x, y in found.points if (x, y) is not None]  # type: ignore[misc]
    assert far[-1] > 2 * max(far[:-1])


def test_a_row_with_a_missing_value_has_no_place() -> None:
    """What was not measured is not guessed."""
    table = [*rows(20), [nan, 1.0, 2.0]]
    found = project(table, [True] * 21)
    assert found is not None
    assert found.points[-1] is None


@pytest.mark.parametrize("table", [rows(5), [[float(n)] for n in range(50)]])
def test_too_little_gives_no_plane(table: list[list[float]]) -> None:
    """A few rows, or a single metric, span no plane."""
    assert project(table, [True] * len(table)) is None


def test_a_metric_that_never_moves_does_no_harm() -> None:
    """A constant column has no spread to divide by."""
    table = [[*row, 7.0] for row in rows(50)]
    found = project(table, [True] * 50)
    assert found is not None
    assert found.loadings[0][3] == 0.0
