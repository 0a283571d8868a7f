"""Cluster-based outlier factor: the distance to the nearest large group of normal rows (He et al., PRL 2003).

scikit-learn finds the groups; which of them are large, and the distance, are as in PyOD.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from detector.models.backends.one_row import UNMEASURED, OneRow

if TYPE_CHECKING:
    from detector.models.backends.levels import Levels
    from detector.models.backends.port import Fitting, Floats, Ints

_CLUSTERS = 8
_ROWS_A_CLUSTER = 10
_COVERED = 0.9  # share of the rows that the large groups hold together
_DROP = 5.0  # times smaller is the next group than the last large one


@dataclass(frozen=True, slots=True)
class Clusters(OneRow):
    """Fitted groups.

    Attributes:
        centres: (k, F) middles, of the largest group first.
        large: how many of them are large.
        levels: of its scores.
    """

    centres: Floats
    large: int
    levels: Levels

    def raw(self, row: Floats) -> float:
        """Return the distance to the group's middle, for a row of a small group to that of the nearest large one."""
        return float(np.sqrt(((self.centres[: self.large] - row) ** 2).sum(axis=1).min()))

    def metadata(self) -> dict[str, float]:
        """Return how many groups there are, and how many of them are large."""
        return {"clusters": float(len(self.centres)), "large": float(self.large)}


class CblofBackend:
    """Distance to the nearest large group of rows: for machines with several usual states."""

    def fit(self, fitting: Fitting) -> Clusters:
        """Find the groups."""
        from sklearn.cluster import KMeans  # noqa: PLC0415 - slow to import, and only a fit needs it

        count = max(1, min(_CLUSTERS, len(fitting.reference) // _ROWS_A_CLUSTER))
        fitted = KMeans(count, n_init=1, random_state=fitting.seed % 2**32).fit(fitting.reference)
        sizes = np.bincount(fitted.labels_, minlength=count)
        order = np.argsort(-sizes, kind="stable")
        centres = np.ascontiguousarray(fitted.cluster_centers_[order])
        return Clusters(centres, large(sizes[order]), UNMEASURED).calibrated(fitting.held_back)


def large(sizes: Ints) -> int:
    """Return how many groups are large; sizes come largest first.

    The first that together hold nine rows of ten with a drop to a fifth behind them; else the first that hold so many.
    """
    covered = np.cumsum(sizes)[:-1] >= _COVERED * sizes.sum()
    drop = sizes[:-1] >= _DROP * sizes[1:]
    for rule in (covered & drop, covered, drop):
        if rule.any():
            return int(np.argmax(rule)) + 1
    return len(sizes)
