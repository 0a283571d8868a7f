"""The deterministic text of an anomaly: what was seen, what was expected, how rare it is, what to look at first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.alert import Cause
from explainer.incidents.incidents import Wording
from explainer.words.labels import direction_of, label_of, name
from explainer.words.odd_kinds import clock_words, schema_words
from explainer.words.usual import seen_and_expected, seen_within, side
from explainer.words.wording import clean, moment, number, quantity, rarity, span_days

if TYPE_CHECKING:
    from contracts.anomaly import Anomaly, Contribution, Kind
    from explainer.words.knowledge import Knowledge, QuantityWords

MAX_REASON = 2000
_SHOWN_METRICS = 3
_LEAST_SHARE = 0.05
_FAR_WIDTHS = 3.0  # nearer, the figures speak for themselves
_TOO_FAR_WIDTHS = 1000.0  # what has never moved has a range without a width, as good as
# The order is all that is known, so the figures only say it: first, second, third thought.
_PRIORS = (0.4, 0.25, 0.15)

_OF_QUANTITIES: frozenset[Kind] = frozenset(("spike", "level_shift", "drift", "out_of_range", "noise"))


@dataclass(frozen=True, slots=True)
class Describer:
    """Puts evidence into words, with the texts of one knowledge file."""

    knowledge: Knowledge

    def __call__(self, anomaly: Anomaly) -> Wording:
        """Describe an anomaly; the same anomaly always gives the same words."""
        leading = leading_contributions(anomaly.contributions)
        label = label_of(anomaly, leading)
        reason = clean(_reason(anomaly, leading), MAX_REASON)
        causes = self._causes(anomaly, leading)
        actions = self._actions(anomaly, leading)
        return Wording(label, reason, _text(anomaly, leading, label, reason), causes, actions)

    def _causes(self, anomaly: Anomaly, leading: list[Contribution]) -> tuple[Cause, ...]:
        general = self.knowledge.kinds[anomaly.kind].causes
        special = self._special_causes(anomaly, leading)
        texts = list(dict.fromkeys((*special[:2], *general)))[: len(_PRIORS)]
        return tuple(Cause(cause=text, confidence=prior) for text, prior in zip(texts, _PRIORS, strict=False))

    def _actions(self, anomaly: Anomaly, leading: list[Contribution]) -> tuple[str, ...]:
        words = self._quantity(anomaly, leading)
        special = words.checks if words is not None else ()
        general = self.knowledge.kinds[anomaly.kind].checks
        first = general[:1] if anomaly.kind == "out_of_range" else ()  # is it safe?
        return tuple(dict.fromkeys((*first, *special, *general)))[:_SHOWN_METRICS]

    def _quantity(self, anomaly: Anomaly, leading: list[Contribution]) -> QuantityWords | None:
        return self.knowledge.quantity(leading[0]) if leading and anomaly.kind in _OF_QUANTITIES else None

    def _special_causes(self, anomaly: Anomaly, leading: list[Contribution]) -> tuple[str, ...]:
        words = self._quantity(anomaly, leading)
        direction = direction_of(leading[0]) if leading else None
        if words is None or direction is None or (anomaly.kind == "noise" and side(leading[0]) == "within"):
            return ()  # it goes up and down: neither is the trouble
        return words.high if direction == "high" else words.low


def leading_contributions(contributions: tuple[Contribution, ...]) -> list[Contribution]:
    """Return the metrics worth naming, the largest share first."""
    ordered = sorted(contributions, key=lambda one: one.share, reverse=True)
    return [one for one in ordered if one.share >= _LEAST_SHARE][:_SHOWN_METRICS] or ordered[:1]


def _reason(anomaly: Anomaly, leading: list[Contribution]) -> str:
    parts = [_opening(anomaly, leading)]
    if anomaly.kind not in {"clock", "schema"}:
        parts.extend(_others(anomaly.kind, leading[1:]))
    if anomaly.rarity_days is not None:
        parts.append(_how_rare(anomaly.rarity_days, anomaly.watched_days))
    return " ".join(parts)


def _how_rare(days: float, watched: float | None) -> str:
    """Say how rare something is, never rarer than the time that the device has been watched for can tell."""
    if watched is not None and days >= watched:
        return f"Nothing as unusual was seen before in the {span_days(watched)} that this device has been watched."
    return f"By its own history this device shows something as unusual {rarity(days)}."


def _others(kind: str, others: list[Contribution]) -> list[str]:
    """Say what else is out of the ordinary, and which metrics are not: that narrows the search as well."""
    usual = [name(one.metric) for one in others if kind != "correlation" and side(one) == "within"]
    odd = [one for one in others if name(one.metric) not in usual]
    parts = [f"{_beside(kind, one)} {name(one.metric)} is {seen_and_expected(one)}." for one in odd]
    if len(usual) == 1:
        parts.append(f"{usual[0]} is within its usual range.")
    elif usual:
        parts.append(f"{_listed(usual)} are within their usual ranges.")
    return parts


def _beside(kind: str, other: Contribution) -> str:
    """Say whether a metric is out of the ordinary too, or only what the first no longer goes with."""
    return "Beside it" if kind == "correlation" and side(other) == "within" else "Also"


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]])


def _opening(anomaly: Anomaly, leading: list[Contribution]) -> str:
    since = _since(anomaly)
    device = name(anomaly.device)
    if not leading or anomaly.kind in {"clock", "schema"}:
        comma = "," if anomaly.kind in {"clock", "schema"} else ""
        return f"On {device}, {_event(anomaly)}{comma} {since}."
    first = leading[0]
    metric = name(first.metric)
    if anomaly.kind in {"dropout", "silence"} or first.observed is None:
        usual = "" if first.expected is None else f"; about {quantity(first.expected, first.unit)} was expected"
        return f"On {device}, {metric} has given no value {since}{usual}."
    if anomaly.kind == "stuck":
        return f"On {device}, {metric} has not moved from {quantity(first.observed, first.unit)} {since}."
    if anomaly.kind == "noise":
        return f"On {device}, {metric} jumps about more than usual; it is {seen_and_expected(first)}, {since}."
    if anomaly.kind == "correlation":
        return f"On {device}, {metric} is {seen_and_expected(first)} by the other metrics, {since}."
    within = side(first) == "within" and anomaly.kind != "out_of_range"
    seen = seen_within(first) if within else seen_and_expected(first) + _how_far(first)
    return f"On {device}, {metric} is {seen}, {since}."


def _since(anomaly: Anomaly) -> str:
    """Say since when it is so; of an incident that opened again, that it was so before."""
    began = anomaly.incident.began_at
    if anomaly.since is None and began is not None and began > anomaly.incident.opened_at:
        return f"again since {moment(began)}"
    return f"since {moment(anomaly.since or began or anomaly.incident.opened_at)}"


def _how_far(first: Contribution) -> str:
    """Say how far a value is off, in widths of its usual range, where that says more than the figures do."""
    observed, lower, upper = first.observed, first.lower, first.upper
    if observed is None or lower is None or upper is None or not lower < upper:
        return ""
    widths = max(observed - upper, lower - observed) / (upper - lower)
    if not _FAR_WIDTHS <= widths < _TOO_FAR_WIDTHS:
        return ""
    times = number(round(widths, 1) if widths < 10 else round(widths))  # noqa: PLR2004
    return f", {times} times the width of that range {'above' if observed > upper else 'below'} it"


def _event(anomaly: Anomaly) -> str:
    if anomaly.kind == "clock":
        return clock_words(anomaly)
    if anomaly.kind == "schema":
        return schema_words(anomaly.contributions)
    return "no reading has come" if anomaly.kind == "silence" else "its readings have been unusual"


def _text(anomaly: Anomaly, leading: list[Contribution], label: str, reason: str) -> str:
    """Write the whole evidence, one thought a sentence, for a reader who knows nothing else."""
    parts = [f"{label}.", reason]
    if len(leading) > 1:
        shares = ", ".join(f"{name(one.metric)} ({one.share:.0%})" for one in leading)
        parts.append(f"What makes it unusual: {shares}.")
    readings = anomaly.incident.readings
    if readings > 1:
        closed = anomaly.incident.phase == "close"
        parts.append(f"{readings} readings {'were abnormal' if closed else 'have been abnormal so far'}.")
    parts.append(f"Severity {anomaly.severity}, confidence {anomaly.confidence:.0%}, score {anomaly.score:.3f} of 1.")
    return " ".join(parts)
