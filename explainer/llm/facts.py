"""What the evidence lets a text say: each metric with its names, figures and side; figures of the incident itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from explainer.evidence import leading_contributions, side
from explainer.llm.prompt import MAX_NAME
from explainer.llm.trend_words import AMBIGUOUS
from explainer.wording import clean

if TYPE_CHECKING:
    from contracts.alert import Alert
    from contracts.anomaly import Contribution
    from explainer.knowledge import Knowledge

Trend = Literal["up", "down"]

_UNIT_WORDS = {
    "celsius": "°c",
    "degrees": "°",
    "degree": "°",
    "c": "°c",
    "percent": "%",
    "volts": "v",
    "volt": "v",
    "amps": "a",
    "amperes": "a",
    "watts": "w",
    "kelvin": "k",
    "hertz": "hz",
    "1/min": "rpm",
}


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric of the evidence.

    Attributes:
        seen: the figure that may be stated as what is.
        gaps: how far that is from what should be.
        normal: figures that may be stated as what should be: expected, and the usual range.
        trend: the side on which it was seen, None where the evidence takes none.
    """

    name: str
    unit: str | None
    seen: tuple[float, ...]
    gaps: tuple[float, ...]
    normal: tuple[float, ...]
    percents: tuple[float, ...]
    trend: Trend | None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that label and reason may state.

    Attributes:
        names: pattern and metric for each way to name one; None for the device and other names without figures.
        figures: numbers of the incident that belong to no metric.
        foreign: words for quantities that no metric of the evidence measures.
        units: every unit that is known, in lower case.
    """

    names: tuple[tuple[re.Pattern[str], Metric | None], ...]
    metrics: tuple[Metric, ...]
    figures: tuple[float, ...]
    foreign: frozenset[str]
    units: frozenset[str]


def facts_of(alert: Alert, knowledge: Knowledge) -> Facts:
    """Collect what may be said of an alert."""
    leading = leading_contributions(alert.evidence.contributions)
    metrics = {one.metric: _metric(one) for one in leading}
    quantities = {one.metric: knowledge.quantity(one) for one in leading}
    names: list[tuple[str, Metric | None]] = [(alert.device, None)]
    names += [(one.metric, metrics.get(one.metric)) for one in alert.evidence.contributions]
    foreign: set[str] = set()
    for words in knowledge.quantities.values():
        measured = [metrics[name] for name, found in quantities.items() if found == words]
        long_words = [word for word in words.words if word not in AMBIGUOUS]
        if len(measured) == 1:
            names += [(word, measured[0]) for word in long_words]
        elif not measured:
            foreign |= set(long_words)
    known = {unit.lower() for words in knowledge.quantities.values() for unit in words.units}
    return Facts(
        names=tuple((_pattern(name), metric) for name, metric in sorted(names, key=lambda pair: -len(pair[0]))),
        metrics=tuple(metrics.values()),
        figures=_figures(alert),
        foreign=frozenset(foreign),
        units=frozenset(known | {metric.unit for metric in metrics.values() if metric.unit}),
    )


def plain_unit(unit: str) -> str:
    """Write a unit in the one form that is compared: lower case, words for signs replaced."""
    text = " ".join(_UNIT_WORDS.get(part, part) for part in unit.lower().split())
    return text.replace("° ", "°")


def _metric(contribution: Contribution) -> Metric:
    observed, expected = contribution.observed, contribution.expected
    normal = [one for one in (expected, contribution.lower, contribution.upper) if one is not None]
    percents = [contribution.share * 100]
    if observed is not None:
        percents += [abs(observed - one) / abs(one) * 100 for one in normal if one]
    return Metric(
        name=contribution.metric,
        unit=plain_unit(contribution.unit) if contribution.unit else None,
        seen=() if observed is None else (observed,),
        gaps=() if observed is None else tuple(abs(observed - one) for one in normal),
        normal=tuple(normal),
        percents=tuple(percents),
        trend=_trend(contribution),
    )


def _trend(contribution: Contribution) -> Trend | None:
    found = side(contribution)
    if found in {"above", "below"}:
        return "up" if found == "above" else "down"
    observed, expected = contribution.observed, contribution.expected
    if observed is None or expected is None or observed == expected:
        return None
    return "up" if observed > expected else "down"


def _figures(alert: Alert) -> tuple[float, ...]:
    evidence = alert.evidence
    figures = [float(evidence.readings)]
    if evidence.rarity_days is not None:
        figures.append(evidence.rarity_days)
    return tuple(figures)


def _pattern(name: str) -> re.Pattern[str]:
    """Match a name as it is, or with other separators between its words; never inside a longer word."""
    safe = clean(name, MAX_NAME).rstrip("…")
    parts = [re.escape(part) for part in re.split(r"[\s_\-]+", safe) if part]
    return re.compile(r"(?<!\w)" + r"[\s_\-]*".join(parts) + r"(?!\w)", re.IGNORECASE)
