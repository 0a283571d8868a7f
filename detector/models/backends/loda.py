"""LODA: histograms of random projections (Pevný, Machine Learning 2016).

PyOD fits; the bins are looked up here, which gives what PyOD's `decision_function` gives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from detector.models.backends.extras import required
from detector.models.backends.one_row import UNMEASURED, OneRow

if TYPE_CHECKING:
    from detector.models.backends.levels import Levels
    from detector.models.backends.port import Fitting, Floats

_BINS = 10
_CUTS = 100


@dataclass(frozen=True, slots=True)
class Projections(OneRow):
    """A fitted LODA.

    Attributes:
        directions: (cuts, F) of the projections.
        edges: (cuts, bins - 1) inner edges of their bins.
        surprise: (cuts, bins) minus the logarithm of each bin's share.
        levels: of its scores.
    """

    directions: Floats
    edges: Floats
    surprise: Floats
    levels: Levels

    def raw(self, row: Floats) -> float:
        """Return the mean surprise of the projections, over their number once more, as PyOD has it."""
        return float(_mean_surprise(row, self.directions, self.edges, self.surprise))

    def metadata(self) -> dict[str, float]:
        """Return the number of projections."""
        return {"projections": float(len(self.directions))}


class LodaBackend:
    """Histograms of random projections: quick, sees some of how columns go together."""

    def fit(self, fitting: Fitting) -> Projections:
        """Project the reference and count it into bins."""
        required("loda", ("pyod",))
        from pyod.models.loda import LODA  # noqa: PLC0415 - of the extra `backends`

        fitted = LODA(n_bins=_BINS, n_random_cuts=_CUTS, random_state=fitting.seed % 2**32).fit(fitting.reference)
        edges = np.ascontiguousarray(fitted.limits_[:, : _BINS - 1])
        surprise = -np.log(fitted.histograms_)
        return Projections(fitted.projections_, edges, surprise, UNMEASURED).calibrated(fitting.held_back)


@njit(cache=True)
def _mean_surprise(row: Floats, directions: Floats, edges: Floats, surprise: Floats) -> float:  # pragma: no cover
    total = 0.0
    cuts = len(directions)
    for i in range(cuts):
        along = 0.0
        for j in range(len(row)):
            along += directions[i, j] * row[j]
        total += surprise[i, np.searchsorted(edges[i], along, side="left")]
    return total / cuts / cuts
