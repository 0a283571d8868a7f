"""The newest notices of foreign devices, as the service's status shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.codec import decode, encode
from contracts.errors import DecodeError
from contracts.service import ServiceNotice

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from detector.store.foreign_book import ForeignBook
    from devices.semantics.memory import Notice

_MOST = 20
_MOST_OF_A_REASON = 8  # radios that pass by do not push out what else there is to say
_LONGEST = 240


class NoticeBoard:
    """Keeps the newest notices, over a restart too."""

    def __init__(self) -> None:
        self._pinned: list[ServiceNotice] = []
        self._changed = False

    @property
    def newest(self) -> tuple[ServiceNotice, ...]:
        """The newest notices, oldest first."""
        return tuple(self._pinned)

    def recover(self, book: ForeignBook) -> None:
        """Read what was known before a restart; what cannot be read is left aside."""
        for row in book.notices():
            try:
                self._pinned.append(decode(row, ServiceNotice))
            except DecodeError:
                self._changed = True

    def pin(self, notices: Iterable[Notice], at: datetime) -> None:
        """Take notices; one that is there already moves to the end."""
        for one in notices:
            new = ServiceNotice(device=one.device, reason=one.reason, words=one.words[:_LONGEST], at=at)
            alike = [old for old in self._pinned if old.reason == new.reason]
            same = [old for old in alike if (old.device, old.words) == (new.device, new.words)]
            for old in same or alike[: 1 if len(alike) >= _MOST_OF_A_REASON else 0]:
                self._pinned.remove(old)
            self._pinned = [*self._pinned, new][-_MOST:]
            self._changed = True

    def take_down(self, reason: str) -> None:
        """Remove the notices of a reason that holds no longer."""
        left = [one for one in self._pinned if one.reason != reason]
        self._changed |= len(left) < len(self._pinned)
        self._pinned = left

    def flush(self, book: ForeignBook) -> None:
        """Store what has changed, in the caller's transaction."""
        if self._changed:
            self._changed = False
            book.keep_notices(encode(one) for one in self._pinned)
