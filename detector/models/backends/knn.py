"""k nearest neighbours: the distance to the fifth nearest normal row (Ramaswamy et al., SIGMOD 2000)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from detector.models.backends.nearest import NOBODY, nearest
from detector.models.backends.one_row import UNMEASURED, OneRow

if TYPE_CHECKING:
    from detector.models.backends.levels import Levels
    from detector.models.backends.port import Fitting, Floats

_NEIGHBOURS = 5


@dataclass(frozen=True, slots=True)
class Neighbours(OneRow):
    """A fitted neighbourhood.

    Attributes:
        reference: (n, F) normal rows.
        count: which neighbour's distance is the score.
        levels: of its scores.
    """

    reference: Floats
    count: int
    levels: Levels

    def raw(self, row: Floats) -> float:
        """Return the distance to the last of the nearest rows."""
        return float(nearest(row, self.reference, self.count, NOBODY)[0][-1])

    def metadata(self) -> dict[str, float]:
        """Return the size of the neighbourhood."""
        return {"values": float(self.reference.size), "neighbours": float(self.count)}


class KnnBackend:
    """Distance to the fifth nearest normal row: finds what lies apart from all groups of rows."""

    def fit(self, fitting: Fitting) -> Neighbours:
        """Keep the reference."""
        reference = np.ascontiguousarray(fitting.reference)
        count = min(_NEIGHBOURS, len(reference))
        return Neighbours(reference, count, UNMEASURED).calibrated(fitting.held_back)
