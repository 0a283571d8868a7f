"""Between which values the metrics of a model were in its reference."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from detector.models.off_state import running

if TYPE_CHECKING:
    from detector.models.fit import FittedModel
    from detector.rows.features import Floats

_USUAL = (0.005, 0.995)  # quantiles: 99 of 100 values lie between them


class ReferenceRanges:
    """Ranges of the M metrics of a model, each found out when first asked for.

    Attributes:
        swings: by metric, how much it and what the others do not explain of it swing from row to row; as far as asked.
    """

    def __init__(self, model: FittedModel) -> None:
        self._model = model
        self.swings: dict[int, tuple[float, float]] = {}

    def rows(self) -> Floats:
        """Return the reference's rows (n, M) of the model's metrics: a copy, so that none is kept beside the model."""
        columns = [self._model.columns.index(name) for name in self._model.metrics]
        return np.ascontiguousarray(self._model.rows[:, columns])

    def column(self, metric: int) -> Floats:
        """Return the reference's values (n,) of the `metric`-th of the model's metrics."""
        values: Floats = self._model.rows[:, self._model.columns.index(self._model.metrics[metric])]
        return values

    @cached_property
    def seen(self) -> Floats:
        """The lowest and the highest value (2, M)."""
        rows = self.rows()
        return np.array([np.fmin.reduce(rows), np.fmax.reduce(rows)])

    @cached_property
    def usual(self) -> Floats:
        """Between which (2, M) 99 of 100 values lie."""
        usual: Floats = np.nanquantile(self.rows(), _USUAL, axis=0)
        return usual

    @cached_property
    def usual_running(self) -> Floats:
        """The same of the running machine."""
        usual: Floats = np.nanquantile(running(self.rows(), self._model.positions), _USUAL, axis=0)
        return usual
