"""Local outlier factor: how much thinner the rows lie here than around the neighbours (Breunig et al., SIGMOD 2000).

It gives what scikit-learn's `LocalOutlierFactor(novelty=True)` gives for one row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from detector.models.backends.nearest import NOBODY, nearest
from detector.models.backends.one_row import UNMEASURED, OneRow

if TYPE_CHECKING:
    from detector.models.backends.levels import Levels
    from detector.models.backends.port import Fitting, Floats

_NEIGHBOURS = 20
_LEAST = 1e-10  # mean distance of rows that are all alike, as in scikit-learn


@dataclass(frozen=True, slots=True)
class LocalDensity(OneRow):
    """A fitted local outlier factor.

    Attributes:
        reference: (n, F) normal rows.
        reach, density: (n,) distance of each to its last neighbour, and how dense the rows lie around it.
        count: neighbours looked at.
        levels: of its scores.
    """

    reference: Floats
    reach: Floats
    density: Floats
    count: int
    levels: Levels

    def raw(self, row: Floats) -> float:
        """Return the factor: about 1 among normal rows, larger where they are thinner."""
        distances, places = nearest(row, self.reference, self.count, NOBODY)
        return float(self.density[places].mean() / _density(distances, self.reach[places]))

    def metadata(self) -> dict[str, float]:
        """Return the size of the neighbourhood."""
        return {"values": float(self.reference.size), "neighbours": float(self.count)}


class LocalOutlierFactorBackend:
    """Thinner than around its neighbours: for normal rows that lie in groups of different density."""

    def fit(self, fitting: Fitting) -> LocalDensity:
        """Measure how dense the reference lies around each of its rows."""
        reference = np.ascontiguousarray(fitting.reference)
        count = min(_NEIGHBOURS, len(reference) - 1)
        found = [nearest(row, reference, count, place) for place, row in enumerate(reference)]
        reach = np.array([distances[-1] for distances, _ in found])
        density = np.array([_density(distances, reach[places]) for distances, places in found])
        return LocalDensity(reference, reach, density, count, UNMEASURED).calibrated(fitting.held_back)


def _density(distances: Floats, reach: Floats) -> float:
    return float(1.0 / (np.maximum(distances, reach).mean() + _LEAST))
