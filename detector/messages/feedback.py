"""What people say of incidents: a false positive quiets its look-alikes, a confirmed incident is never learned."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from contracts.service import Answer
from runtime.logs import get_logger

if TYPE_CHECKING:
    from contracts.service import Feedback
    from detector.device.tracked import Tracked
    from detector.fleet.fleet import Fleet
    from detector.store.state import StateFile
    from detector.verdicts.recollection import Opinion

_OURS = frozenset({"confirmed", "false_positive", "undo"})  # the others are between people and the explainer
_log = get_logger("detector.messages.feedback")


class FeedbackDesk:
    """Takes feedback inside the caller's transaction; the answers are published when it is committed.

    Args:
        state: keeps what was said.
        fleet: the devices.

    Attributes:
        answers: to be published.
    """

    def __init__(self, state: StateFile, fleet: Fleet) -> None:
        self._state = state
        self._fleet = fleet
        self.answers: list[Answer] = []

    def take(self, feedback: Feedback) -> Tracked | None:
        """Keep what was said of an incident and let its device know; return that device."""
        if feedback.verdict not in _OURS:
            return None
        ledger = self._state.incidents
        evidence = ledger.evidence(feedback.incident)
        if evidence is None or evidence.device not in self._fleet:
            self._answer(feedback, None, "no such incident in the last 90 days")
            return None
        tracked = self._fleet[evidence.device]
        if not ledger.say(feedback):
            self._answer(feedback, tracked, "something newer was said of it")
            return None
        if not tracked.detector.feedback(feedback.incident, cast("Opinion", feedback.verdict)):
            self._answer(feedback, tracked, "its device no longer remembers it")
            return None
        self._fleet.journal.save(tracked)
        _log.info("feedback", device=tracked.name, incident=feedback.incident, verdict=feedback.verdict)
        self._answer(feedback, tracked, None)
        return tracked

    def _answer(self, feedback: Feedback, tracked: Tracked | None, error: str | None) -> None:
        self.answers.append(
            Answer(
                id=feedback.incident,
                ok=error is None,
                error=error,
                device=None if tracked is None else tracked.name,
                result=None if tracked is None else {"verdict": feedback.verdict, "quieted": tracked.detector.quieted},
                at=datetime.now(UTC),
            )
        )
