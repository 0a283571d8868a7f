"""What has become usual in a trouble that does not end.

The reference is not touched: the readings stay as far from it as they are, and the incident stays open. But a reading
of such a trouble is an alarm only when it is rare even there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from detector.models.tail import Tail

if TYPE_CHECKING:
    from collections.abc import Sequence

AFTER_SECONDS = 86_400.0  # a trouble that has lasted for a day ...
AFTER_ROWS = 400  # ... and for so many readings
_START = 100


class Settled:
    """Tail of the raw scores of one lasting trouble."""

    __slots__ = ("_start", "_tail")

    def __init__(self) -> None:
        self._start: list[float] = []
        self._tail: Tail | None = None

    def probability(self, raw: float) -> float:
        """Return how rare a raw score is in the trouble; 0 while none has lasted."""
        return 0.0 if self._tail is None else self._tail.probability(raw)

    def add(self, raw: float) -> None:
        """Take a raw score of the trouble."""
        if self._tail is not None:
            self._tail.add(raw)
            return
        self._start.append(raw)
        if len(self._start) >= _START:
            self._tail = Tail.of(np.array(self._start))
            self._start.clear()

    def state(self) -> tuple[object, ...]:
        """Return what `restored` needs."""
        return (self._start, None if self._tail is None else self._tail.state())

    @classmethod
    def restored(cls, state: Sequence[Any]) -> Settled:
        """Rebuild from `state`."""
        settled = cls()
        settled._start = list(state[0])
        settled._tail = None if state[1] is None else Tail.restored(state[1])
        return settled
