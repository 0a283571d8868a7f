"""Rows of the normal course, collected for the next fit; bounded by keeping every second run, then every fourth ..."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from detector.rows.features import Floats, Ints

RUN = 64  # rows stay together in runs, because rolling features and drift need neighbours
_DENSER = 4  # times as dense as the rows since the last fit that those before may be
_LEAST = 256  # rows that there is room for from the beginning


class ReferenceRows:
    """Rows since the last fit.

    Attributes:
        rows: (room, C) values, NaN where not measured.
        positions: (room,) which row of the stream each is.
        most: rows that are held at most; there is room for them when they come.
        kept: rows held now.
        taken: rows offered since the last fit.
        stride: one run out of so many is kept.
    """

    __slots__ = ("kept", "most", "positions", "rows", "stride", "taken")

    def __init__(self, rows: Floats, positions: Ints, most: int) -> None:
        self.rows = rows
        self.positions = positions
        self.most = most
        self.kept = self.taken = 0
        self.stride = 1

    @classmethod
    def empty(cls, metrics: int, most: int) -> ReferenceRows:
        """Start without rows; `most` is more than one run."""
        room = min(most, _LEAST)
        return cls(np.full((room, metrics), np.nan), np.zeros(room, np.int64), most)

    def hold(self, most: int) -> None:
        """Hold so many rows from now on, at least those that are held."""
        self.most = max(most, self.kept, _LEAST)
        self.make_room(len(self.rows))

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
        if self.kept == self.most:
            self._thin()
            if (position // RUN) % self.stride:
                return
        if self.kept == len(self.rows):
            self.make_room(2 * self.kept)
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
        self.make_room(_LEAST)

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
            "capacity": self.most,
            "taken": self.taken,
            "stride": self.stride,
        }

    @classmethod
    def restored(cls, state: Mapping[str, NDArray[np.float64]]) -> ReferenceRows:
        """Rebuild from `state`."""
        held = cls.empty(state["rows"].shape[1], int(state["capacity"]))
        held.make_room(len(state["rows"]))
        held.kept = len(state["rows"])
        held.rows[: held.kept] = state["rows"]
        held.positions[: held.kept] = state["positions"]
        held.taken = int(state["taken"])
        held.stride = int(state["stride"])
        return held

    def make_room(self, room: int) -> None:
        """Change the room to so many rows, within those that are held now and those that may be."""
        room = max(min(max(room, _LEAST), self.most), self.kept)
        rows, positions = np.full((room, self.rows.shape[1]), np.nan), np.zeros(room, np.int64)
        rows[: self.kept], positions[: self.kept] = self.rows[: self.kept], self.positions[: self.kept]
        self.rows, self.positions = rows, positions

    def _thin(self) -> None:
        while self.kept == self.most:
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


def no_denser(rows: Floats, positions: Ints, stride: int) -> tuple[Floats, Ints]:
    """Thin rows (n, C) of before to no more than four times the density of one run in `stride`, kept since.

    Else what a device did in its first hour would outweigh all of its later days: each fit comes when twice as much has
    been seen, and as many rows are held for the longer half. Some weight the older rows keep, for a way of running that
    comes once a day is then in more of them.
    """
    keep = (positions // RUN) % max(stride // _DENSER, 1) == 0
    return rows[keep], positions[keep]
