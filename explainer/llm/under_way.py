"""What is being asked just now: a thread for each incident, and what the threads have found."""

from __future__ import annotations

import queue
import threading
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explainer.llm.interview import Finding, Interviewer
    from explainer.llm.ledger import Begun
    from storage.records import AlertRecord


class UnderWay:
    """Attempts that have begun and are not written down yet; for one thread, but for `len`.

    Args:
        interviewer: asks, in threads of their own.
    """

    def __init__(self, interviewer: Interviewer) -> None:
        self._interviewer = interviewer
        self._begun: dict[str, Begun] = {}
        self._arrived: queue.SimpleQueue[tuple[str, Finding]] = queue.SimpleQueue()
        self._unwritten: deque[tuple[str, Finding]] = deque()

    def __contains__(self, incident: str) -> bool:
        return incident in self._begun

    def __len__(self) -> int:
        return len(self._begun)

    @property
    def further_requests(self) -> int:
        """How many requests they may still send beside those that the book knows of: the first of each."""
        return sum(one.reserved - 1 for one in self._begun.values())

    @property
    def fingerprints(self) -> set[str | None]:
        """What they ask."""
        return {one.attempt.fingerprint for one in self._begun.values()}

    def start(self, record: AlertRecord, begun: Begun) -> None:
        """Ask about an incident."""
        incident = record.alert.incident
        self._begun[incident] = begun

        def work() -> None:
            finding = self._interviewer.explain(record.alert, begun.reserved, begun.background)
            self._arrived.put((incident, finding))

        threading.Thread(target=work, name=f"explain-{incident[:8]}", daemon=True).start()

    def found(self) -> tuple[Begun, Finding] | None:
        """Return what was found first, until `settle` is called; None when nothing waits to be written down."""
        while not self._arrived.empty():
            self._unwritten.append(self._arrived.get())
        if not self._unwritten:
            return None
        incident, finding = self._unwritten[0]
        return self._begun[incident], finding

    def settle(self) -> None:
        """Forget what `found` has returned: it is written down."""
        incident, _finding = self._unwritten.popleft()
        del self._begun[incident]
