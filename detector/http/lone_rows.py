"""Rows judged each on its own, as tables are: the device's own models, with tails measured on such rows.

A stream's model knows how its metrics move; a row without neighbours has values only. So its raw scores are lower than
a stream's, and the tail probabilities of a lone row come from lone rows: those that the model did not learn from.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from detector.configuration.config import DetectionConfig
from detector.models.fit import FitJob, FittedModel, run_fit
from detector.models.scorer import Scorer
from detector.models.tail import Tail
from detector.rows.features import FeatureWindow
from detector.verdicts.confidence import decades

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detector.rows.features import Floats

LEAST_ROWS = 20
MOST_FITTED = 4096
_LEAST_SPREAD = 1e-9


@dataclass(frozen=True, slots=True)
class LoneFit:
    """What to fit: `rows` (n, C), NaN for no value, under the names `metrics` (C)."""

    model: str
    backend: str
    metrics: tuple[str, ...]
    rows: Floats


class Calibration(msgspec.Struct, frozen=True):
    """What lone rows of the reference score.

    Attributes:
        tails: states of the tails of the raw score, the largest z and the disagreement of metrics.
        quantiles: 1001 quantiles of the raw scores (`LoneRows.raw`) of all rows, from the lowest to the highest.
        mean, deviation: of the same.
    """

    tails: tuple[Any, ...]
    quantiles: tuple[float, ...]
    mean: float
    deviation: float

    def threshold(self, contamination: float) -> float:
        """Return the raw score that this share of the reference exceeds."""
        return float(np.quantile(self.quantiles, 1.0 - contamination))


class LoneRows:
    """Scores rows one by one, from any thread; a row's score does not depend on the rows before it.

    Args:
        model: what is normal.
        calibration: of the same fit.
    """

    def __init__(self, model: FittedModel, calibration: Calibration) -> None:
        self.model = model
        self.calibration = calibration
        self._tails = [Tail.restored(state) for state in calibration.tails]
        self._columns = np.arange(len(model.metrics))
        self._judge = _Judge(model)
        self._lock = Lock()

    def raw(self, row: Floats) -> float:
        """Return how rare a row (M,) is, in decades of its tail probability: 3 is one in a thousand."""
        with self._lock:  # the judge writes into arrays of its own
            raw = self._judge.judge(row)
        return _rarity(self._tails, raw)

    def distances(self, row: Floats) -> Floats:
        """Return how far each value (M,) of a row lies from its usual one, in its own deviations."""
        scaling, metrics = self.model.scaling, len(self._columns)
        return np.nan_to_num((row - scaling.centre[:metrics]) / scaling.spread(0.0)[:metrics])


def fit_lone_rows(asked: LoneFit) -> tuple[FittedModel, Calibration]:
    """Fit a model and measure it on lone rows; runs in the fitting process.

    Raises:
        FitError: too few usable rows, or an unknown backend.
    """
    model = run_fit(_job(asked))
    columns = [asked.metrics.index(name) for name in model.metrics]
    rows = asked.rows[np.linspace(0, len(asked.rows) - 1, min(len(asked.rows), MOST_FITTED)).astype(int)][:, columns]
    judge = _Judge(model)
    raw = np.array([judge.judge(row) for row in rows])
    held_back = raw[3 * len(raw) // 4 :]
    tails = [Tail.of(held_back[:, kind]) for kind in range(held_back.shape[1])]
    scores = np.array([_rarity(tails, row) for row in raw.tolist()])
    quantiles = tuple(np.quantile(scores, np.linspace(0.0, 1.0, 1001)).tolist())
    states = tuple(tail.state() for tail in tails)
    return model, Calibration(states, quantiles, float(scores.mean()), max(float(scores.std()), _LEAST_SPREAD))


def _rarity(tails: Sequence[Tail], raw: Sequence[float]) -> float:
    return decades(min(tail.probability(score) for tail, score in zip(tails, raw, strict=True))) + 0.0  # not -0.0


class _Judge:
    """The model's raw scores of one row at a time."""

    def __init__(self, model: FittedModel) -> None:
        self._columns = np.arange(len(model.metrics))
        self._position = model.end
        self._window = FeatureWindow(len(model.metrics))
        self._scorer = Scorer(model, self._columns)

    def judge(self, row: Floats) -> tuple[float, float, float]:
        """Return raw score, largest z and largest disagreement of a row (M,)."""
        self._window.clear()
        self._window.push(self._columns, row)
        self._scorer.restart()
        return self._scorer.judge(self._window, self._position).raw


def _job(asked: LoneFit) -> FitJob:
    config = DetectionConfig()
    return FitJob(
        device=asked.model,
        version=1,
        backend=asked.backend,
        metrics=asked.metrics,
        rows=asked.rows,
        positions=np.arange(1, len(asked.rows) + 1),
        most_rows=MOST_FITTED,
        trees=config.trees,
        samples=config.samples,
        learned=len(asked.rows),
        until=len(asked.rows),
    )
