"""What a detection algorithm must offer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class BackendMissingError(Exception):
    """An algorithm needs an extra that is not installed."""


@dataclass(frozen=True, slots=True)
class Fitting:
    """Rows to fit on, robust z of features, finite; (n, F) each.

    Attributes:
        reference: rows to learn from.
        held_back: later rows of the same normal course, kept out of the fit, that levels are measured on.
        trees, samples: size of a forest.
        seed: of everything random.
        complete: whether the rows are the whole reference; else it grows.
    """

    reference: Floats
    held_back: Floats
    trees: int
    samples: int
    seed: int
    complete: bool = False


class Judge(Protocol):
    """A fitted algorithm; picklable, without state of the stream.

    Attributes:
        rows: how many rows it looks at: 1, or more for one that judges a row by those before it.
    """

    @property
    def rows(self) -> int:
        """See above."""

    def judge(self, row: Floats) -> tuple[float, float]:
        """Judge the newest row.

        Args:
            row: robust z, (F,); for a judge of several rows (rows, F), the newest last.

        Returns:
            the raw score, 0 upwards, higher is more abnormal, about 1 at the 99.5 % level of the held-back rows;
            and the decision, lower is more abnormal, below 0 an outlier.
        """

    def metadata(self) -> dict[str, float]:
        """Return what is worth knowing of the fit."""


class Backend(Protocol):
    """An algorithm that can be fitted."""

    def fit(self, fitting: Fitting) -> Judge:
        """Learn what is normal.

        Raises:
            BackendMissingError: it needs an extra that is not installed.
        """
