"""What a finding changes: the alert's texts, and the row of the attempt."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from contracts.alert import Explanation
from explainer.evidence import MAX_REASON
from explainer.incidents.handling import Change
from explainer.words.wording import clean

if TYPE_CHECKING:
    from datetime import datetime

    from contracts.alert import Alert, Source
    from explainer.llm.answer import CleanAnswer
    from explainer.llm.interview import Finding
    from explainer.llm.prices import Prices
    from storage.records import AlertRecord, Attempt

_MAX_ERROR = 300
_MAX_KEPT = 20_000
_MAX_DOUBTFUL = 700


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
        grounded={"explained": True, "cached": True, "ungrounded": False}.get(finding.outcome),
        error=None if finding.error is None else clean(finding.error, _MAX_ERROR),
        # Escaped, so that it can be looked at anywhere and stored by any database.
        answer=msgspec.json.encode(finding.texts).decode()[:_MAX_KEPT] if finding.texts else None,
    )


def given_up(finding: Finding) -> bool:
    """Tell whether a finding is the last word: there was an answer, good or not, or there will never be one."""
    return finding.outcome != "error" or finding.hopeless


def applied(record: AlertRecord, attempt: Attempt, finding: Finding, devices: int | None = None) -> Change:
    """Put a finding into the alert: the model's texts if they are good, else the evidence text stays.

    Words that the evidence does not bear out are kept beside it, marked. `devices` is how many share the answer.
    """
    explanation = Explanation(
        source=_source(finding),
        provider=attempt.provider,
        model=attempt.model,
        template=attempt.template,
        latency_ms=attempt.latency_ms,
        tokens=attempt.prompt_tokens + attempt.answer_tokens,
        cost=attempt.cost,
        grounded=attempt.grounded,
        pending=not given_up(finding),
        error=attempt.error,
        doubtful=_doubtful(finding),
        devices=devices,
    )
    if finding.answer is not None:
        return Change(_explained(record, explanation, finding.answer), "explained")
    failed = given_up(finding)
    changed = replace(record, explanation_state="failed" if failed else "owed")
    return Change(_with(changed, explanation), "unexplained" if failed else "updated")


def shared(record: AlertRecord, leader: AlertRecord, devices: int) -> Change:
    """Give an incident what was found for the first of its site incident: causes and actions, its own figures."""
    explanation = msgspec.structs.replace(
        leader.alert.explanation, latency_ms=None, tokens=None, cost=None, devices=devices, doubtful=None
    )
    if leader.explanation_state != "done":
        explanation = msgspec.structs.replace(explanation, source="evidence", pending=False)
        return Change(_with(replace(record, explanation_state="failed"), explanation), "unexplained")
    alert = msgspec.structs.replace(record.alert, causes=leader.alert.causes, actions=leader.alert.actions)
    # Rung once, for the first: nobody wants to hear it from every device.
    return Change(_with(replace(record, alert=alert, explanation_state="done"), explanation), "handled")


def _source(finding: Finding) -> Source:
    if finding.answer is None:
        return "evidence"
    return "cache" if finding.outcome == "cached" else "llm"


def _doubtful(finding: Finding) -> str | None:
    if finding.doubtful is None:
        return None
    return clean(f"{finding.doubtful.label}: {finding.doubtful.reason}", _MAX_DOUBTFUL)


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
    causes = tuple({one.cause: one for one in reversed(answer.causes)}.values())[::-1]
    actions = tuple(dict.fromkeys(answer.actions))
    reason = _with_figures(record.alert, answer)
    alert = msgspec.structs.replace(record.alert, label=answer.label, reason=reason, causes=causes, actions=actions)
    return _with(replace(record, alert=alert, explanation_state="done"), explanation)


def _with_figures(alert: Alert, answer: CleanAnswer) -> str:
    """Return the model's reason; one without figures is followed by the evidence's own, which has them."""
    spoken_before = alert.explanation.source != "evidence"
    if spoken_before or not alert.evidence.contributions or any(c.isdigit() for c in answer.reason):
        return answer.reason
    own = alert.reason
    if _bare(answer.reason) in {_bare(answer.label), _bare(own)}:
        return own
    return clean(f"{answer.reason.rstrip('. ')}. {own}", MAX_REASON)


def _bare(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())


def _with(record: AlertRecord, explanation: Explanation) -> AlertRecord:
    return replace(record, alert=msgspec.structs.replace(record.alert, explanation=explanation))
