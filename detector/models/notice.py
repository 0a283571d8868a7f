"""Scores that are news: a high score mutes what follows it, unless that is higher still.

One metric alone stays odd for long after a change; people want to hear of it once. Whatever level somebody compares the
muted score with, no two alarms of that level lie within 100 readings unless the later one is worse.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

READINGS = 100


class Notice:
    """The scores of the newest readings, as far as a later one has not exceeded them: (reading, score), falling."""

    __slots__ = ("_count", "_highest")

    def __init__(self, count: int = 0, highest: Iterable[tuple[int, float]] = ()) -> None:
        self._count = count
        self._highest = deque((int(at), float(score)) for at, score in highest)

    def take(self, score: float) -> float:
        """Return the score if it is higher than those of the last 100 readings, else 0."""
        self._count += 1
        while self._highest and self._highest[0][0] < self._count - READINGS:
            self._highest.popleft()
        news = not self._highest or score > self._highest[0][1]
        while self._highest and self._highest[-1][1] <= score:
            self._highest.pop()
        self._highest.append((self._count, score))
        return score if news else 0.0

    def state(self) -> tuple[int, list[tuple[int, float]]]:
        """Return what the constructor needs to rebuild it."""
        return self._count, list(self._highest)
