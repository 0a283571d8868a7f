"""When which device has to look at the clock."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_LEAST_WAIT_S = 0.05


class Timers:
    """One deadline a device at most; a device whose deadline has moved is asked again when the old one is over."""

    def __init__(self) -> None:
        self._waiting: list[tuple[float, str]] = []
        self._known: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self._known

    def set(self, name: str, deadline: float | None, after: float = 0.0) -> None:
        """Wake a device at its deadline (epoch s), None for not at all, and not at once when it was just looked at."""
        if deadline is not None:
            heapq.heappush(self._waiting, (max(deadline, after + _LEAST_WAIT_S) if after else deadline, name))
            self._known.add(name)

    def due(self, now: float) -> Iterator[str]:
        """Take the devices whose deadline is over."""
        while self._waiting and self._waiting[0][0] <= now:
            _, name = heapq.heappop(self._waiting)
            self._known.discard(name)
            yield name
