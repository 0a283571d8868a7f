"""The nearest rows of the reference, for algorithms that judge a row by its neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from detector.models.backends.port import Floats, Ints

NOBODY = -1


@njit(cache=True)
def nearest(row: Floats, reference: Floats, count: int, but: int) -> tuple[Floats, Ints]:  # pragma: no cover - compiled
    """Return distances and places of the nearest rows of the reference (n, F), nearest first; `but` is left out."""
    squares = np.full(count, np.inf)
    places = np.full(count, -1)
    for i in range(len(reference)):
        if i == but:
            continue
        square = 0.0
        for j in range(len(row)):
            square += (row[j] - reference[i, j]) ** 2
            if square >= squares[count - 1]:
                break
        if square < squares[count - 1]:
            at = count - 1
            while at > 0 and squares[at - 1] > square:
                squares[at] = squares[at - 1]
                places[at] = places[at - 1]
                at -= 1
            squares[at] = square
            places[at] = i
    return np.sqrt(squares), places
