"""Well-known outlier detectors, fitted once on the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest

from benchmarks.quality.methods.fixed import fitted
from benchmarks.quality.methods.simple import seed

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.quality.methods.fixed import Fit, Scorer
    from benchmarks.quality.recording import Floats, Recording, Verdicts

_EXPLAINED = 0.9
_QUANTILE = 0.995


def iforest_raw(recording: Recording) -> Verdicts:
    """scikit-learn's isolation forest on the values."""
    return fitted(recording, _forest(seed(recording)))


def iforest_rolling(recording: Recording) -> Verdicts:
    """The same on rolling features too."""
    return fitted(recording, _forest(seed(recording)), rolling=True)


def ecod(recording: Recording) -> Verdicts:
    """ECOD on rolling features."""
    return fitted(recording, _ecod, rolling=True)


def hbos(recording: Recording) -> Verdicts:
    """PyOD's HBOS on rolling features."""
    from pyod.models.hbos import HBOS  # noqa: PLC0415 - of the extra `bench`: only who asks for it needs it

    return fitted(recording, _pyod(lambda: HBOS()), rolling=True)  # noqa: PLW0108 - not a type of ours


def loda(recording: Recording) -> Verdicts:
    """PyOD's LODA on rolling features."""
    from pyod.models.loda import LODA  # noqa: PLC0415 - of the extra `bench`: only who asks for it needs it

    number = seed(recording)
    return fitted(recording, _pyod(lambda: LODA(n_random_cuts=100, random_state=number)), rolling=True)


def pca(recording: Recording) -> Verdicts:
    """Hotelling's T² and the residual Q of a principal component model, each in units of its reference level."""
    return fitted(recording, _t2_and_q, rolling=True, named=np.abs)


def _forest(number: int) -> Fit:
    def fit(reference: Floats) -> Scorer:
        forest = IsolationForest(random_state=number).fit(reference)
        return lambda rows: -np.asarray(forest.score_samples(rows))

    return fit


def _pyod(make: Callable[[], object]) -> Fit:
    def fit(reference: Floats) -> Scorer:
        model = make()
        model.fit(reference)  # type: ignore[attr-defined]  # PyOD has no types
        return lambda rows: np.asarray(model.decision_function(rows), dtype=np.float64)  # type: ignore[attr-defined]

    return fit


def _ecod(reference: Floats) -> Scorer:
    """Li et al., "ECOD", TKDE 2022, with the reference's distribution alone.

    PyOD's own takes the rows to judge into the distribution, which a stream cannot: they are yet to come.
    """
    ordered = np.sort(reference, axis=0)
    centred = reference - reference.mean(axis=0)
    skewed = (centred**3).mean(axis=0) < 0

    def score(rows: Floats) -> Floats:
        left, right = np.empty_like(rows), np.empty_like(rows)
        for c in range(rows.shape[1]):
            below = np.searchsorted(ordered[:, c], rows[:, c], side="right")
            above = len(ordered) - np.searchsorted(ordered[:, c], rows[:, c], side="left")
            left[:, c], right[:, c] = (-np.log((n + 1.0) / (len(ordered) + 1.0)) for n in (below, above))
        either = np.where(skewed, left, right)
        totals: Floats = np.max([left.sum(axis=1), right.sum(axis=1), either.sum(axis=1)], axis=0)
        return totals

    return score


def _t2_and_q(reference: Floats) -> Scorer:
    model = PCA(n_components=_EXPLAINED if reference.shape[1] > 1 else 1, svd_solver="full").fit(reference)

    def parts(rows: Floats) -> tuple[Floats, Floats]:
        along = model.transform(rows)
        t2 = (along**2 / np.maximum(model.explained_variance_, 1e-12)).sum(axis=1)
        return t2, ((rows - model.inverse_transform(along)) ** 2).sum(axis=1)

    levels = [max(float(np.quantile(part, _QUANTILE)), 1e-12) for part in parts(reference)]

    def score(rows: Floats) -> Floats:
        t2, q = parts(rows)
        mean: Floats = (np.sqrt(t2 / levels[0]) + np.sqrt(q / levels[1])) / 2.0
        return mean

    return score
