"""Which metric stands in which column, and readings as columns and values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from detector.rows.features import Floats, Ints

_MOST_LAYOUTS = 64


class Roster:
    """The metrics of a device, in the order of their first appearance."""

    __slots__ = ("_columns", "_layouts", "metrics", "units")

    def __init__(self, metrics: Iterable[str] = (), units: Mapping[str, str] | None = None) -> None:
        self.metrics = list(metrics)
        self.units = dict(units or {})
        self._columns = {name: column for column, name in enumerate(self.metrics)}
        self._layouts: dict[tuple[str, ...], Ints] = {}

    def __len__(self) -> int:
        return len(self.metrics)

    def place(self, values: Mapping[str, float | None]) -> tuple[Ints, Floats]:
        """Return columns (n,) and values (n,) of a reading, NaN for null; unknown metrics get new columns."""
        layout = tuple(values)
        columns = self._layouts.get(layout)
        if columns is None:
            columns = self._learn(layout)
        return columns, np.array(list(values.values()), dtype=np.float64)

    def columns_of(self, metrics: Iterable[str]) -> Ints:
        """Return the columns of known metrics."""
        return np.array([self._columns[name] for name in metrics], dtype=np.int64)

    def knows(self, metric: str) -> bool:
        """Tell whether a metric has a column."""
        return metric in self._columns

    def _learn(self, layout: tuple[str, ...]) -> Ints:
        for name in layout:
            if name not in self._columns:
                self._columns[name] = len(self.metrics)
                self.metrics.append(name)
        if len(self._layouts) >= _MOST_LAYOUTS:
            self._layouts.clear()
        columns = self._layouts[layout] = self.columns_of(layout)
        return columns
