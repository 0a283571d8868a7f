"""What keeps coming back, or stays, is no trouble but a way of running: a duty cycle, a new product, a new regime.

Rows of incidents are never learned as they are. They are kept aside, and learned when the same state has opened
an incident several times and passed by itself each time, or when one incident has lasted so long that it is the new
normal.
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
_LEAST_ROWS = 1


class Habits:
    """Watches the abnormal states of a device.

    Attributes:
        rows: rows of incidents, for the fit that may take them in.
        visits: how often in a row the same state was visited.
        due: whether the rows are to be learned.
    """

    __slots__ = ("_count", "_last", "_sums", "due", "rows", "visits")

    def __init__(self) -> None:
        self.rows = ReferenceRows.empty(0, _CAPACITY)
        self.visits = 0
        self.due = False
        self._sums: Floats = np.zeros(0)
        self._count = 0
        self._last: Floats | None = None

    def widen(self, metrics: int) -> None:
        """Make room for metrics that were not known before."""
        if self.rows.rows.shape[1] < metrics:
            self.rows.widen(metrics)

    def add(self, columns: Ints, values: Floats, position: int) -> None:
        """Keep a row of an open incident."""
        self.rows.add(columns, values, position)

    def note(self, z: Floats) -> None:
        """Note the robust z (F,) of an abnormal row of an open incident."""
        if len(self._sums) != len(z):
            self._sums = np.zeros(len(z))
            self._count = 0
            self._last = None
        self._sums += z
        self._count += 1

    def passed(self) -> None:
        """Compare the visit that ended now with the one before."""
        if self._count < _LEAST_ROWS:
            self.visits = 0
        else:
            mean = self._sums / self._count
            same = self._last is not None and _alike(mean, self._last)
            self.visits = self.visits + 1 if same else 1
            self._last = mean
        self._sums = np.zeros(len(self._sums))
        self._count = 0
        self.due = self.due or self.visits >= _VISITS

    def learned(self) -> None:
        """Begin again, because the rows are part of the model now."""
        metrics = self.rows.rows.shape[1]
        self.rows = ReferenceRows.empty(metrics, _CAPACITY)
        self.visits = 0
        self.due = False
        self._last = None
        self._sums = np.zeros(0)
        self._count = 0

    def state(self) -> dict[str, Any]:
        """Return what `restored` needs."""
        return {
            "rows": self.rows.state(),
            "visits": self.visits,
            "due": self.due,
            "sums": self._sums,
            "count": self._count,
            "last": self._last,
        }

    @classmethod
    def restored(cls, state: Mapping[str, Any]) -> Habits:
        """Rebuild from `state`."""
        habits = cls()
        habits.rows = ReferenceRows.restored(state["rows"])
        habits.visits, habits.due = state["visits"], state["due"]
        habits._sums, habits._count, habits._last = state["sums"], state["count"], state["last"]
        return habits


def _alike(mean: Floats, last: Floats) -> bool:
    distance = float(np.linalg.norm(mean - last))
    return distance <= _ALIKE * max(float(np.linalg.norm(mean)), float(np.linalg.norm(last)))
