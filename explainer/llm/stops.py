"""Says once that a budget is used up while explanations are owed, and writes it down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.logs import get_logger
from storage import explaining
from storage.records import BudgetStop

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from explainer.llm.limits import Allowance
    from explainer.meters import Meters
    from storage.book import AlertBook

_log = get_logger("explainer.llm")


class Stops:
    """Notes when a budget begins to hold back explanations.

    Args:
        book: the database.
        meters: counts.
        now: the time now, aware.
    """

    def __init__(self, book: AlertBook, meters: Meters, now: Callable[[], datetime]) -> None:
        self._book = book
        self._meters = meters
        self._now = now
        self.budget: str | None = None

    def note(self, allowance: Allowance, owed: int) -> None:
        """Note which budget is used up, if something is owed; `budget` names it until it is no more."""
        stop = allowance.stop if owed else None
        name = None if stop is None else stop[0]
        self._meters.llm_held_back.set(owed if stop else 0)
        if stop is not None and name != self.budget:
            budget, used, allowed = stop
            _log.warning("a budget is used up; explanations wait", budget=budget, used=used, allowed=allowed, owed=owed)
            with self._book.writing() as entry:
                explaining.note_stop(entry.connection, BudgetStop(self._now(), budget, used, allowed, owed))
        self.budget = name
