"""Rows of the normal course, collected for the next fit; bounded by keeping every second run, then every fourth ..."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from detector.rows.features import Floats, Ints

RUN = 64  # rows stay together in runs, because rolling features and drift need neighbours
_CAPACITY = 512


class ReferenceRows:
    """Rows since the last fit.

    Attributes:
        rows: (capacity, C) values, NaN where not measured.
        positions: (capacity,) which row of the stream each is.
        kept: rows held now.
        taken: rows offered since the last fit.
        stride: one run out of so many is kept.
    """

    __slots__ = ("kept", "positions", "rows", "stride", "taken")

    def __init__(self, rows: Floats, positions: Ints, kept: int, taken: int, stride: int) -> None:
        self.rows = rows
        self.positions = positions
        self.kept = kept
        self.taken = taken
        self.stride = stride

    @classmethod
    def empty(cls, metrics: int = 0, capacity: int = _CAPACITY) -> ReferenceRows:
        """Start without rows."""
        return cls(np.full((capacity, metrics), np.nan), np.zeros(capacity, np.int64), 0, 0, 1)

    def resize(self, capacity: int) -> None:
        """Make room for so many rows, at least for those that are held and for the usual number."""
        capacity = max(capacity, self.kept, _CAPACITY)
        rows, positions = np.full((capacity, self.rows.shape[1]), np.nan), np.zeros(capacity, np.int64)
        rows[: self.kept], positions[: self.kept] = self.rows[: self.kept], self.positions[: self.kept]
        self.rows, self.positions = rows, positions

    def widen(self, metrics: int) -> None:
        """Make room for metrics that were not known before."""
        grown = np.full((len(self.rows), metrics), np.nan)
        grown[:, : self.rows.shape[1]] = self.rows
        self.rows = grown

    def add(self, columns: Ints, values: Floats, position: int) -> None:
        """Offer a row."""
        self.taken += 1
        if (position // RUN) % self.stride:
            return
        if self.kept == len(self.rows):
            self._thin()
            if (position // RUN) % self.stride:
                return
        row = self.rows[self.kept]
        row.fill(np.nan)
        row[columns] = values
        self.positions[self.kept] = position
        self.kept += 1

    def held(self) -> tuple[Floats, Ints]:
        """Return copies of the rows (n, C) and positions (n,)."""
        return self.rows[: self.kept].copy(), self.positions[: self.kept].copy()

    def drop_until(self, position: int) -> None:
        """Forget rows up to a position, because a fit has taken them in."""
        later = np.flatnonzero(self.positions[: self.kept] > position)
        self.rows[: len(later)] = self.rows[later]
        self.positions[: len(later)] = self.positions[later]
        self.kept = self.taken = len(later)
        self.stride = 1

    def drop_from(self, position: int) -> None:
        """Forget the rows from a position on."""
        self.kept = int(np.searchsorted(self.positions[: self.kept], position))

    def drop_between(self, first: int, last: int) -> None:
        """Forget the rows from one position to another, both included."""
        positions = self.positions[: self.kept]
        stay = np.flatnonzero((positions < first) | (positions > last))
        self.rows[: len(stay)] = self.rows[stay]
        self.positions[: len(stay)] = positions[stay]
        self.kept = len(stay)

    def state(self) -> dict[str, object]:
        """Return what `restored` needs."""
        return {
            "rows": self.rows[: self.kept],
            "positions": self.positions[: self.kept],
            "capacity": len(self.rows),
            "taken": self.taken,
            "stride": self.stride,
        }

    @classmethod
    def restored(cls, state: Mapping[str, NDArray[np.float64]]) -> ReferenceRows:
        """Rebuild from `state`."""
        held = cls.empty(state["rows"].shape[1], int(state["capacity"]))
        held.kept = len(state["rows"])
        held.rows[: held.kept] = state["rows"]
        held.positions[: held.kept] = state["positions"]
        held.taken = int(state["taken"])
        held.stride = int(state["stride"])
        return held

    def _thin(self) -> None:
        while self.kept == len(self.rows):
            self.stride *= 2
            keep = np.flatnonzero((self.positions[: self.kept] // RUN) % self.stride == 0)
            self.rows[: len(keep)] = self.rows[keep]
            self.positions[: len(keep)] = self.positions[keep]
            self.kept = len(keep)


def merged(rows: Floats, positions: Ints, more: Floats, later: Ints) -> tuple[Floats, Ints]:
    """Bring rows (n, C) and more rows (m, C) into the order of their positions."""
    together = np.concatenate([positions, later])
    order = np.argsort(together, kind="stable")
    return np.concatenate([rows, more])[order], together[order]


def thinned(rows: Floats, positions: Ints, most: int) -> tuple[Floats, Ints]:
    """Keep at most so many rows, whole runs evenly over the whole span."""
    stride = 1
    keep = np.arange(len(rows))
    while len(keep) > most:
        stride *= 2
        keep = np.flatnonzero((positions // RUN) % stride == 0)
        if len(keep) == 0 or stride > positions[-1] // RUN:
            keep = np.arange(len(rows))[-most:]
    return rows[keep], positions[keep]
