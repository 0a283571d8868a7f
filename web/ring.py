"""The newest scores of a device, in packed columns of bounded length."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from math import nan
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from contracts.service import Score

Part = Literal["values", "expected", "lower", "upper"]
PARTS: tuple[Part, ...] = ("values", "expected", "lower", "upper")
MAX_METRICS = 64
_SLACK = 1.25


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one device, oldest first: `times` in seconds since 1970; NaN where there is no value."""

    times: array[float]
    scores: array[float]
    metrics: dict[str, dict[Part, array[float]]]

    def __len__(self) -> int:
        return len(self.times)


@dataclass(slots=True)
class Ring:
    """Takes scores in the order of their times; one that is not newer than the last is left out.

    Args:
        limit: rows kept at least; a quarter more may be held until they are cut in one go.
    """

    limit: int
    _times: array[float] = field(default_factory=lambda: array("d"))
    _scores: array[float] = field(default_factory=lambda: array("f"))
    _metrics: dict[str, dict[Part, array[float]]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._times)

    def add(self, score: Score) -> bool:
        """Append a row; tell whether it was newer than the last one."""
        at = score.measured_at.timestamp()
        if self._times and at <= self._times[-1]:
            return False
        for name in score.values:
            if name not in self._metrics and len(self._metrics) < MAX_METRICS:
                self._metrics[name] = {part: array("f", [nan]) * len(self._times) for part in PARTS}
        self._times.append(at)
        self._scores.append(score.score)
        for name, columns in self._metrics.items():
            for part in PARTS:
                value = getattr(score, part).get(name)
                columns[part].append(nan if value is None else value)
        if len(self._times) > self.limit * _SLACK:
            self._cut(len(self._times) - self.limit)
        return True

    def window(self, since: float, until: float) -> Rows:
        """Return the rows of a span, both ends included."""
        begin, end = bisect_left(self._times, since), bisect_right(self._times, until)
        return self._between(begin, end)

    def newest(self, count: int) -> Rows:
        """Return the last rows."""
        return self._between(max(0, len(self._times) - count), len(self._times))

    def _between(self, begin: int, end: int) -> Rows:
        metrics = {
            name: {part: column[begin:end] for part, column in columns.items()}
            for name, columns in self._metrics.items()
        }
        return Rows(self._times[begin:end], self._scores[begin:end], metrics)

    def _cut(self, count: int) -> None:
        del self._times[:count]
        del self._scores[:count]
        for columns in self._metrics.values():
            for column in columns.values():
                del column[:count]
