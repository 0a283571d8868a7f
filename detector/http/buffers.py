"""Buffers of the newest records, read as Polars frames."""

from __future__ import annotations

import time
from collections import deque
from threading import Lock
from typing import TYPE_CHECKING, Any

import polars as pl

from detector.http.encoding import LARGEST
from detector.http.errors import RequestError
from detector.http.rolling import numeric

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from detector.http.encoding import Cell

MOST_COLUMNS = 500
_MOST_TEXT = 1000
_LARGEST_INT = 2**53


class Buffer:
    """The newest records of one source; a lock keeps appends and reads apart.

    Attributes:
        name: its id.
        window_size: records kept.
        append_count: records ever appended.
    """

    def __init__(self, name: str, window_size: int) -> None:
        self.name = name
        self.window_size = window_size
        self.append_count = 0
        self._appends = 0
        self._append_s = 0.0
        self._records: deque[Mapping[str, Cell]] = deque(maxlen=window_size)
        self._columns: dict[str, None] = {}
        self._frame: pl.DataFrame | None = None
        self._lock = Lock()

    def append(self, records: Sequence[Mapping[str, Cell]]) -> int:
        """Take records; return how many the buffer holds.

        Raises:
            RequestError: they would bring too many columns.
        """
        with self._lock:
            began = time.perf_counter()
            columns = self._columns | dict.fromkeys(column for record in records for column in record)
            if len(columns) > MOST_COLUMNS:
                raise RequestError(422, f"a buffer has at most {MOST_COLUMNS} columns, this would be {len(columns)}")
            self._columns = columns
            self._records.extend(records)
            self._frame = None
            self.append_count += len(records)
            self._appends += 1
            self._append_s += time.perf_counter() - began
            return len(self._records)

    def clear(self) -> None:
        """Forget the records."""
        with self._lock:
            self._records.clear()
            self._columns = {}
            self._frame = None

    def stats(self) -> dict[str, Any]:
        """Describe the buffer."""
        frame = self.frame()
        return {
            "buffer_id": self.name,
            "size": frame.height,
            "window_size": self.window_size,
            "columns": frame.columns,
            "numeric_columns": numeric(frame),
            "memory_bytes": int(frame.estimated_size()),
            "append_count": self.append_count,
            "avg_append_ms": self.avg_append_ms,
        }

    @property
    def avg_append_ms(self) -> float:
        """How long an append took on average, in milliseconds."""
        return 1000.0 * self._append_s / max(self._appends, 1)

    def frame(self) -> pl.DataFrame:
        """Return the records, oldest first; a column is numeric when all its values are numbers."""
        with self._lock:
            if self._frame is None:
                names = [column for column in self._columns if any(column in record for record in self._records)]
                self._frame = pl.DataFrame([_series(n, [r.get(n) for r in self._records]) for n in names])
            return self._frame


class Buffers:
    """All buffers.

    Args:
        most: buffers at a time.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._buffers: dict[str, Buffer] = {}
        self._lock = Lock()

    def all(self) -> list[Buffer]:
        """Return every buffer."""
        return list(self._buffers.values())

    def create(self, name: str, window_size: int) -> Buffer:
        """Make a buffer.

        Raises:
            RequestError: it exists, or would be one too many.
        """
        with self._lock:
            if name in self._buffers:
                raise RequestError(409, f"buffer {name!r} exists")
            if len(self._buffers) >= self._most:
                raise RequestError(409, f"{self._most} buffers are held: delete some first")
            buffer = self._buffers[name] = Buffer(name, window_size)
            return buffer

    def get(self, name: str) -> Buffer:
        """Return a buffer.

        Raises:
            RequestError: there is none of this name.
        """
        buffer = self._buffers.get(name)
        if buffer is None:
            raise RequestError(404, f"no buffer {name[:100]!r}")
        return buffer

    def delete(self, name: str) -> None:
        """Forget a buffer.

        Raises:
            RequestError: there is none of this name.
        """
        with self._lock:
            self.get(name)
            del self._buffers[name]


def _series(name: str, cells: list[Cell]) -> pl.Series:
    there = [cell for cell in cells if cell is not None]
    kinds = {type(cell) for cell in there}
    if kinds == {bool}:
        return pl.Series(name, cells, dtype=pl.Boolean)
    if kinds == {int} and all(abs(cell) <= _LARGEST_INT for cell in there if isinstance(cell, int)):
        return pl.Series(name, cells, dtype=pl.Int64)
    if kinds and kinds <= {int, float}:
        return pl.Series(name, [_float(cell) for cell in cells], dtype=pl.Float64)
    return pl.Series(name, [None if cell is None else str(cell)[:_MOST_TEXT] for cell in cells], dtype=pl.String)


def _float(cell: Cell) -> float | None:
    """Return a number that squares well; one that is larger still counts as the largest."""
    return float(max(min(cell, LARGEST), -LARGEST)) if isinstance(cell, int | float) else None
