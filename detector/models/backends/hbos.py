"""HBOS: how empty the bins of each column's histogram are (Goldstein and Dengel, KI 2012).

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
_REGULARISER = 0.1
_TOLERANCE = 0.5  # of a bin's width, beyond the outermost one


@dataclass(frozen=True, slots=True)
class Histograms(OneRow):
    """A fitted HBOS.

    Attributes:
        edges: (F, bins + 1) of the bins.
        densities: (F, bins) logarithms of the regularised densities, base 2.
        levels: of its scores.
    """

    edges: Floats
    densities: Floats
    levels: Levels

    def raw(self, row: Floats) -> float:
        """Return minus the sum of the logarithms of the densities."""
        return float(_emptiness(row, self.edges, self.densities))

    def metadata(self) -> dict[str, float]:
        """Return the number of bins."""
        return {"bins": float(self.densities.size)}


class HbosBackend:
    """One histogram a column: the quickest, blind to how columns go together."""

    def fit(self, fitting: Fitting) -> Histograms:
        """Count the reference into bins."""
        required("hbos", ("pyod",))
        from pyod.models.hbos import HBOS  # noqa: PLC0415 - of the extra `backends`

        fitted = HBOS(n_bins=_BINS, alpha=_REGULARISER, tol=_TOLERANCE).fit(fitting.reference)
        edges = np.ascontiguousarray(fitted.bin_edges_.T)
        densities = np.ascontiguousarray(np.log2(fitted.hist_ + _REGULARISER).T)
        return Histograms(edges, densities, UNMEASURED).calibrated(fitting.held_back)


@njit(cache=True)
def _emptiness(row: Floats, edges: Floats, densities: Floats) -> float:  # pragma: no cover - compiled
    total = 0.0
    bins = densities.shape[1]
    for j in range(len(row)):
        place = np.searchsorted(edges[j], row[j], side="left")  # as np.digitize with right=True
        density = densities[j]
        if place == 0:
            near = edges[j, 0] - row[j] <= (edges[j, 1] - edges[j, 0]) * _TOLERANCE
            total -= density[0] if near else density.min()
        elif place == bins + 1:
            near = row[j] - edges[j, bins] <= (edges[j, bins] - edges[j, bins - 1]) * _TOLERANCE
            total -= density[bins - 1] if near else density.min()
        else:
            total -= density[place - 1]
    return total
