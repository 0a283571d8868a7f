"""The largest robust z: the simplest judge, and the yardstick of the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from detector.models.backends.port import Fitting, Floats

_LEVEL = 0.995
_LEAST_LEVEL = 1.0


@dataclass(frozen=True, slots=True)
class LargestZ:
    """Attributes: level, the 99.5 % level of the largest z on held-back rows."""

    level: float

    @property
    def rows(self) -> int:
        """It looks at one row."""
        return 1

    def judge(self, row: Floats) -> tuple[float, float]:
        """Return the largest |z| in units of its level, and how far it stays below it."""
        score = float(np.max(np.abs(row))) / self.level
        return score, 1.0 - score

    def metadata(self) -> dict[str, float]:
        """Return the level."""
        return {"level": self.level}


class ZScoreBackend:
    """Measures a level and nothing else."""

    def fit(self, fitting: Fitting) -> LargestZ:
        """Take the level from the held-back rows."""
        largest = np.max(np.abs(fitting.held_back), axis=1)
        return LargestZ(max(float(np.quantile(largest, _LEVEL)), _LEAST_LEVEL))
