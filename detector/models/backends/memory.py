"""The newest rows of a stream, for algorithms that judge a row by those before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from detector.models.backends.port import Floats, Ints, Judge


class Memory:
    """Holds as many rows as a judge looks at; before there were so many, the oldest stands for those that are missing.

    Args:
        judge: that is to be asked.
        rows: (k, F) to go on with, oldest first.
    """

    __slots__ = ("_judge", "_rows")

    def __init__(self, judge: Judge, rows: Floats | None = None) -> None:
        self._judge = judge
        self._rows = rows if judge.rows > 1 else None

    def judge(self, row: Floats) -> tuple[float, float]:
        """Take a row (F,) and have it judged."""
        if self._judge.rows == 1:
            return self._judge.judge(row)
        if self._rows is None or self._rows.shape[1] != len(row):
            self._rows = np.repeat(row[np.newaxis], self._judge.rows, axis=0)
        else:
            self._rows[:-1] = self._rows[1:]
            self._rows[-1] = row
        return self._judge.judge(self._rows)

    def judge_less(self, row: Floats, offset: Floats) -> float:
        """Return the score that the newest row (F,), already judged, would have had less an offset (F,)."""
        rows = row if self._rows is None else self._rows
        return self._judge.judge(rows - offset)[0]

    def clear(self) -> None:
        """Forget all rows, for a stream that begins again."""
        self._rows = None

    def state(self) -> Floats | None:
        """Return the rows, for the constructor."""
        return self._rows


def raw_scores(judge: Judge, rows: Floats, positions: Ints | None = None) -> Floats:
    """Judge rows (n, F) in their order; the memory ends where positions (n,) leave a gap. Returns scores (n,)."""
    memory = Memory(judge)
    scores = np.empty(len(rows))
    for n, row in enumerate(rows):
        if positions is not None and n and positions[n] != positions[n - 1] + 1:
            memory.clear()
        scores[n] = memory.judge(row)[0]
    return scores


def windows(rows: Floats, length: int) -> Floats:
    """Return every window (n - length + 1, length, F) of rows (n, F) that follow each other."""
    return np.lib.stride_tricks.sliding_window_view(rows, length, axis=0).transpose(0, 2, 1)
