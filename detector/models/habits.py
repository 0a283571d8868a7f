"""What an incident looked like, kept aside in case it is a way of running: the machine switched off.

A state in which most metrics are near zero, that lasted, passed by itself and came back the same several times in a
row, is the machine's off state. Its rows are learned then, however long the reference is. What else may become normal
is decided in `detector.models.learning`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from detector.rows.reference import ReferenceRows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from detector.rows.features import Floats, Ints

_CAPACITY = 256
_VISITS = 3  # of one state, until it counts as normal
_ALIKE = 0.35  # two visits are alike if they differ by less than this share of their distance from the normal course
_LEAST_ROWS = 5  # a machine that is off stays off for a moment
_OFF = 0.3  # a metric at less than this share of its usual value has fallen off
_LEAST_METRICS = 2


def looks_off(values: Floats, usual: Floats) -> bool:
    """Tell whether most metrics are near zero: values (M,) beside what is usual (M,); NaN is no value."""
    told = ~np.isnan(values) & (usual != 0.0)
    fallen = np.abs(values[told]) < _OFF * np.abs(usual[told])
    return bool(np.count_nonzero(fallen) >= max(_LEAST_METRICS, np.count_nonzero(told) / 2))


class Habits:
    """Watches for the off state of a device.

    Attributes:
        rows: rows of incidents in which the machine may have been off, for the fit that takes them in.
        visits: how often in a row the same state was visited.
        due: whether the rows are to be learned.
    """

    __slots__ = ("_began", "_last", "_odd", "_off", "_sums", "_within", "due", "rows", "visits")

    def __init__(self, metrics: int = 0) -> None:
        self.rows = ReferenceRows.empty(metrics, _CAPACITY)
        self.visits = 0
        self.due = False
        self._sums: Floats = np.zeros(0)
        self._off = self._odd = self._within = 0
        self._began = -1
        self._last: Floats | None = None

    def widen(self, metrics: int) -> None:
        """Make room for metrics that were not known before."""
        if self.rows.rows.shape[1] < metrics:
            self.rows.widen(metrics)

    def add(self, columns: Ints, values: Floats, position: int) -> None:
        """Keep a row of an open incident."""
        if self._began < 0:
            self._began = position
        self.rows.add(columns, values, position)

    def lasts(self, position: int) -> int:
        """Return how many rows of the stream the open incident has, up to a position; 0 where none is kept."""
        return position - self._began + 1 if self._began >= 0 else 0

    def note(self, z: Floats, *, off: bool) -> None:
        """Note the robust z (F,) of an abnormal row of an open incident, and whether the machine looks off."""
        self._odd += 1
        if not off:
            return
        self._within = self._odd  # what is odd after the machine is on again belongs to the rolling features
        if len(self._sums) != len(z):
            self._sums = np.zeros(len(z))
            self._off = 0
            self._last = None
        self._sums += z
        self._off += 1

    def passed(self, *, trouble: bool = False) -> None:
        """Compare the visit that ended now with the one before; `trouble`: people say that it was one."""
        if trouble or self._off < max(_LEAST_ROWS, self._within / 2):
            self._drop()
        else:
            mean = self._sums / self._off
            same = self._last is not None and _alike(mean, self._last)
            self.visits = self.visits + 1 if same else 1
            self._last = mean
        self._sums = np.zeros(len(self._sums))
        self._off = self._odd = self._within = 0
        self._began = -1
        self.due = self.due or self.visits >= _VISITS

    def learned(self) -> None:
        """Begin again, because the rows are part of the model now."""
        self.__init__(self.rows.rows.shape[1])  # type: ignore[misc]

    def state(self) -> dict[str, Any]:
        """Return what `restored` needs."""
        return {
            "rows": self.rows.state(),
            "visits": self.visits,
            "due": self.due,
            "sums": self._sums,
            "counts": [self._off, self._odd, self._within, self._began],
            "last": self._last,
        }

    @classmethod
    def restored(cls, state: Mapping[str, Any]) -> Habits:
        """Rebuild from `state`."""
        habits = cls()
        habits.rows = ReferenceRows.restored(state["rows"])
        habits.visits, habits.due = state["visits"], state["due"]
        habits._sums, habits._last = state["sums"], state["last"]
        habits._off, habits._odd, habits._within, habits._began = state["counts"]
        return habits

    def _drop(self) -> None:
        """Forget the rows of the visit that ended now."""
        self.rows.drop_from(self._began)


def _alike(mean: Floats, last: Floats) -> bool:
    distance = float(np.linalg.norm(mean - last))
    return distance <= _ALIKE * max(float(np.linalg.norm(mean)), float(np.linalg.norm(last)))
