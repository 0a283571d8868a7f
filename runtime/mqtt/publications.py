"""What was sent and is not answered yet, by packet id; the answer may come before the sender knows the id."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runtime.bus import Publication


class Publications:
    """For two threads: one sends, the other hears the broker."""

    def __init__(self) -> None:
        self._known: dict[int, Publication] = {}

    def sent(self, packet_id: int, publication: Publication) -> Publication:
        """Note a publication; return it, or the one that the broker has answered already."""
        known = self._known.setdefault(packet_id, publication)
        if known is not publication:  # the broker was quicker than we
            self._known.pop(packet_id, None)
        return known

    def answered(self, packet_id: int, answer: Publication, refused: str | None) -> None:
        """Settle a publication; `answer` stands for it until the sender comes."""
        publication = self._known.setdefault(packet_id, answer)
        publication.settle(refused)
        if publication is not answer:
            self._known.pop(packet_id, None)

    def wait(self, timeout: float) -> None:
        """Wait at most `timeout` seconds for all answers."""
        give_up = time.monotonic() + timeout
        for publication in list(self._known.values()):
            publication.wait(max(0.0, give_up - time.monotonic()))
