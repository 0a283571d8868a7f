"""What a finding changes: the alert's texts, and the row of the attempt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from contracts.alert import Explanation
from explainer.incidents import Change
from explainer.wording import clean

if TYPE_CHECKING:
    from datetime import datetime

    from explainer.llm.answer import CleanAnswer
    from explainer.llm.interview import Finding
    from storage.records import AlertRecord, Attempt

_MAX_ERROR = 300
_MAX_KEPT = 20_000
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Prices:
    """What a million tokens cost, in any currency; 0 where nothing is charged."""

    prompt: float = 0.0
    answer: float = 0.0

    def cost(self, prompt_tokens: int, answer_tokens: int) -> float | None:
        """Return what so many tokens cost, None where nothing is charged."""
        if not (self.prompt or self.answer):
            return None
        return (prompt_tokens * self.prompt + answer_tokens * self.answer) / _MILLION


def attempt_of(begun: Attempt, finding: Finding, prices: Prices) -> Attempt:
    """Complete the row of an attempt."""
    return replace(
        begun,
        outcome=finding.outcome,
        requests=finding.requests,
        latency_ms=round(finding.latency_s * 1000, 1),
        prompt_tokens=finding.prompt_tokens,
        answer_tokens=finding.answer_tokens,
        cost=prices.cost(finding.prompt_tokens, finding.answer_tokens),
        grounded={"explained": True, "ungrounded": False}.get(finding.outcome),
        error=None if finding.error is None else clean(finding.error, _MAX_ERROR),
        # Escaped, so that it can be looked at anywhere and stored by any database.
        answer=msgspec.json.encode(finding.texts).decode()[:_MAX_KEPT] if finding.texts else None,
    )


def given_up(finding: Finding) -> bool:
    """Tell whether a finding is the last word: there was an answer, good or not, or there will never be one."""
    return finding.outcome != "error" or finding.hopeless


def applied(record: AlertRecord, attempt: Attempt, finding: Finding) -> Change:
    """Put a finding into the alert: the model's texts if they are good, else the evidence text stays, marked so."""
    explanation = Explanation(
        source="evidence" if finding.answer is None else "llm",
        provider=attempt.provider,
        model=attempt.model,
        template=attempt.template,
        latency_ms=attempt.latency_ms,
        tokens=attempt.prompt_tokens + attempt.answer_tokens,
        cost=attempt.cost,
        grounded=attempt.grounded,
        pending=not given_up(finding),
        error=attempt.error,
    )
    if finding.answer is not None:
        return Change(_explained(record, explanation, finding.answer), "explained")
    failed = given_up(finding)
    changed = replace(record, explanation_state="failed" if failed else "owed")
    return Change(_with(changed, explanation), "unexplained" if failed else "updated")


def owing(record: AlertRecord, now: datetime) -> AlertRecord:
    """Owe an explanation from now on."""
    explanation = msgspec.structs.replace(record.alert.explanation, pending=True)
    return _with(replace(record, explanation_state="owed", owed_since=now), explanation)


def expired(record: AlertRecord) -> Change:
    """Stop owing an explanation that came too late."""
    explanation = msgspec.structs.replace(
        record.alert.explanation, pending=False, error=record.alert.explanation.error or "not explained in time"
    )
    return Change(_with(replace(record, explanation_state="failed"), explanation), "unexplained")


def _explained(record: AlertRecord, explanation: Explanation, answer: CleanAnswer) -> AlertRecord:
    alert = msgspec.structs.replace(
        record.alert, label=answer.label, reason=answer.reason, causes=answer.causes, actions=answer.actions
    )
    return _with(replace(record, alert=alert, explanation_state="done"), explanation)


def _with(record: AlertRecord, explanation: Explanation) -> AlertRecord:
    return replace(record, alert=msgspec.structs.replace(record.alert, explanation=explanation))
