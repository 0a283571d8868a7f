"""Who takes what is no reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contracts.service import Answer
    from detector.messages.feedback import FeedbackDesk
    from detector.messages.orders import Orders
    from detector.refits.refits import Refits


@dataclass(frozen=True, slots=True)
class Desks:
    """Who takes what is no reading."""

    refits: Refits
    orders: Orders
    feedback: FeedbackDesk

    def answers(self) -> list[Answer]:
        """Take the answers that are to be published."""
        answers = [*self.orders.answers, *self.feedback.answers]
        self.orders.answers.clear()
        self.feedback.answers.clear()
        return answers
