"""What judges of single rows share: a raw score of their own, on the scale of its levels."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from detector.models.backends.levels import Levels

if TYPE_CHECKING:
    from typing import Self

    from detector.models.backends.port import Floats

UNMEASURED = Levels(0.0, 1.0)  # until `calibrated`


class OneRow(ABC):
    """A judge that looks at one row; each is a dataclass.

    Attributes:
        levels: of its raw scores.
    """

    __slots__ = ()
    levels: Levels

    @property
    def rows(self) -> int:
        """It looks at one row."""
        return 1

    @abstractmethod
    def raw(self, row: Floats) -> float:
        """Return the algorithm's own score of a row (F,), higher is more abnormal."""

    def judge(self, row: Floats) -> tuple[float, float]:
        """Return score and decision of one row."""
        return self.levels.judged(self.raw(row))

    def calibrated(self, held_back: Floats) -> Self:
        """Return the same with levels measured on held-back rows (n, F)."""
        levels = Levels.of(np.array([self.raw(row) for row in held_back]))
        return replace(self, levels=levels)  # type: ignore[type-var]  # each is a dataclass
