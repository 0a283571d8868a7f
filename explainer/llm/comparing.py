"""Runs several templates or models over stored incidents, and measures what they say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from explainer.llm.interview import MAX_REQUESTS
from explainer.llm.prompt import Background

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from contracts.alert import Alert
    from explainer.llm.interview import Finding, Interviewer
    from explainer.llm.prices import Prices
    from explainer.site_notes import SiteNotes

_WORD = re.compile(r"[^\W_]+")
_SMALL = frozenset(["the", "a", "an", "of", "is", "its", "on", "in", "at", "and", "to", "has", "with"])


@dataclass(frozen=True, slots=True)
class Contender:
    """A template with a model, and what the model's tokens cost."""

    interviewer: Interviewer
    prices: Prices

    @property
    def name(self) -> str:
        """Say which template and which model."""
        return f"{self.interviewer.template.name} · {self.interviewer.provider.model}"


@dataclass(frozen=True, slots=True)
class Trial:
    """What one contender said of one incident, and what that took."""

    contender: str
    incident: str
    device: str
    outcome: str
    label: str
    reason: str
    causes: tuple[str, ...]
    error: str | None
    requests: int
    tokens: int
    latency_s: float
    cost: float | None


@dataclass(frozen=True, slots=True)
class Score:
    """How a contender did over all incidents.

    Attributes:
        answered: share of incidents with an answer of the right form, 0 to 1.
        grounded: share of incidents whose answer says only what the evidence holds.
        agreement: mean likeness of its labels to those of the others, 0 to 1 by common words; to the evidence's own
            label where there are no others.
        label_words, reason_words: mean lengths.
        requests, tokens, latency_s, cost: means of an incident.
    """

    contender: str
    incidents: int
    answered: float
    grounded: float
    agreement: float
    label_words: float
    reason_words: float
    requests: float
    tokens: float
    latency_s: float
    cost: float | None


def compare(
    alerts: Sequence[Alert], contenders: Sequence[Contender], notes: SiteNotes, tell: Callable[[Trial], None]
) -> list[Trial]:
    """Ask every contender about every incident, one after the other; `tell` hears of each answer."""
    trials = []
    devices = tuple({alert.device for alert in alerts})
    for alert in alerts:
        for contender in contenders:
            background = Background(notes.notes_for(alert.device), others=devices)
            finding = contender.interviewer.explain(alert, MAX_REQUESTS, background)
            trials.append(_trial(alert, contender, finding))
            tell(trials[-1])
    return trials


def scores(trials: Sequence[Trial], alerts: Sequence[Alert]) -> Iterator[Score]:
    """Sum up each contender's trials, in the order in which they were asked."""
    own = {alert.incident: alert.evidence.text.partition(". ")[0] for alert in alerts}
    for name in dict.fromkeys(trial.contender for trial in trials):
        mine = [trial for trial in trials if trial.contender == name]
        said = [trial for trial in mine if trial.label]
        costs = [trial.cost for trial in mine if trial.cost is not None]
        yield Score(
            contender=name,
            incidents=len(mine),
            answered=len(said) / len(mine),
            grounded=sum(trial.outcome == "explained" for trial in mine) / len(mine),
            agreement=_mean([_agreement(trial, trials, own) for trial in said]),
            label_words=_mean([len(trial.label.split()) for trial in said]),
            reason_words=_mean([len(trial.reason.split()) for trial in said]),
            requests=_mean([trial.requests for trial in mine]),
            tokens=_mean([trial.tokens for trial in mine]),
            latency_s=_mean([trial.latency_s for trial in mine]),
            cost=_mean(costs) if costs else None,
        )


def _trial(alert: Alert, contender: Contender, finding: Finding) -> Trial:
    answer = finding.answer or finding.doubtful
    return Trial(
        contender=contender.name,
        incident=alert.incident,
        device=alert.device,
        outcome=finding.outcome,
        label=answer.label if answer else "",
        reason=answer.reason if answer else "",
        causes=tuple(one.cause for one in answer.causes) if answer else (),
        error=finding.error,
        requests=finding.requests,
        tokens=finding.prompt_tokens + finding.answer_tokens,
        latency_s=finding.latency_s,
        cost=contender.prices.cost(finding.prompt_tokens, finding.answer_tokens),
    )


def _agreement(trial: Trial, trials: Sequence[Trial], own: dict[str, str]) -> float:
    others = [
        one.label for one in trials if one.incident == trial.incident and one.contender != trial.contender and one.label
    ]
    return _mean([_likeness(trial.label, label) for label in others or [own[trial.incident]]])


def _likeness(one: str, other: str) -> float:
    """Jaccard index of the words of two labels, the small ones left out."""
    a, b = _words(one), _words(other)
    return len(a & b) / len(a | b) if a | b else 1.0


def _words(text: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(text)} - _SMALL


def _mean(values: Sequence[float]) -> float:
    return fmean(values) if values else 0.0
