"""Memory that stays bounded, whatever is sent."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")


class Bounded(Generic[_K, _V]):
    """A mapping that forgets what was written longest ago.

    Attributes:
        forgotten: entries that had to go.
    """

    __slots__ = ("_entries", "_most", "forgotten")

    def __init__(self, most: int) -> None:
        self._entries: OrderedDict[_K, _V] = OrderedDict()
        self._most = most
        self.forgotten = 0

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def get(self, key: _K) -> _V | None:
        """Return what is known of a key."""
        return self._entries.get(key)

    def __setitem__(self, key: _K, value: _V) -> None:
        self._entries[key] = value
        self._entries.move_to_end(key)
        if len(self._entries) > self._most:
            self._entries.popitem(last=False)
            self.forgotten += 1

    def pop(self, key: _K) -> _V | None:
        """Forget a key; return what was known."""
        return self._entries.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()

    def items(self) -> list[tuple[_K, _V]]:
        """List what is known, oldest first."""
        return list(self._entries.items())

    def values(self) -> list[_V]:
        """List what is known, oldest first."""
        return list(self._entries.values())
