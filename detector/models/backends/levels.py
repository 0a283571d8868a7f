"""From an algorithm's own scale to the scale that all share: 1 at the 99.5 % level of the held-back rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from detector.models.backends.port import Floats

LEVEL = 0.995
_LEAST_SPREAD = 1e-3  # of the median: what varies less is noise of the algorithm


@dataclass(frozen=True, slots=True)
class Levels:
    """Attributes: centre and spread, the median of raw scores and how far their 99.5 % level lies above it."""

    centre: float
    spread: float

    @classmethod
    def of(cls, raw: Floats) -> Levels:
        """Measure on the raw scores (n,) of held-back rows; higher is more abnormal."""
        centre = float(np.median(raw))
        spread = float(np.quantile(raw, LEVEL)) - centre
        return cls(centre, max(spread, _LEAST_SPREAD * abs(centre), 1e-9))

    def judged(self, raw: float) -> tuple[float, float]:
        """Return score and decision, as a Judge gives them, of one raw score."""
        above = (raw - self.centre) / self.spread
        return max(above, 0.0), 1.0 - above
