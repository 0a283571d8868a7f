"""What the evidence lets a text say: each metric with its names, figures and side; figures of the incident itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explainer.evidence import leading_contributions
from explainer.llm.lexicon import unmeasured_words
from explainer.llm.metric import metric_of
from explainer.llm.naming import AMBIGUOUS, device_names, head_words, pattern_of, plain_name, words_of
from explainer.wording import moment

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable
    from datetime import datetime

    from contracts.alert import Alert
    from explainer.knowledge import Knowledge
    from explainer.llm.metric import Metric


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that label and reason may state.

    Attributes:
        names: pattern and metric for each way to name one; None for the device and other names without figures.
        metrics: the leading ones.
        readings: how many readings were abnormal.
        rarity_days: days between two such events, None where unknown.
        devices: how many devices failed together, None where it was one.
        stuck: whether a value does not move.
        quantities: the metrics that measure a quantity of knowledge.toml.
        foreign: words for quantities that no metric of the evidence measures.
        units: every unit that is known, in lower case.
        moments: when it began, in the ways to write it, the longest first.
        others: names of other devices, as `plain_name` writes them.
    """

    names: tuple[tuple[re.Pattern[str], Metric | None], ...]
    metrics: tuple[Metric, ...]
    readings: int
    rarity_days: float | None
    devices: int | None
    stuck: bool
    quantities: dict[str, tuple[Metric, ...]]
    foreign: frozenset[str]
    units: frozenset[str]
    moments: tuple[str, ...] = ()
    others: frozenset[str] = frozenset()


def facts_of(alert: Alert, knowledge: Knowledge, devices: int | None = None, others: Iterable[str] = ()) -> Facts:
    """Collect what may be said of an alert.

    Args:
        alert: the alert.
        knowledge: tells which words mean which quantity.
        devices: how many devices failed together.
        others: names of devices that are known.
    """
    leading = leading_contributions(alert.evidence.contributions)
    metrics = {one.metric: metric_of(one, alert.evidence.kind, first=one is leading[0]) for one in leading}
    found = {one.metric: knowledge.quantity(one) for one in leading}
    quantities = {
        name: tuple(metrics[metric] for metric, of_metric in found.items() if of_metric == words)
        for name, words in knowledge.quantities.items()
    }
    names: list[tuple[str, Metric | None]] = [(name, None) for name in device_names(alert.device)]
    names += [(one.metric, metrics.get(one.metric)) for one in alert.evidence.contributions]
    foreign: set[str] = set()
    for quantity, words in knowledge.quantities.items():
        said = words_of(quantity, words)
        if len(quantities[quantity]) == 1:
            names += [(word, quantities[quantity][0]) for word in said]
        elif not quantities[quantity]:
            foreign |= set(said) - AMBIGUOUS
    said_by_names = {part for one in alert.evidence.contributions for part in plain_name(one.metric).split()}
    foreign = foreign.union(*(words for words in unmeasured_words() if words.isdisjoint(said_by_names)))
    names += head_words(metrics, {name.lower() for name, _ in names} | foreign)
    own = {plain_name(name) for name, metric_of in names}
    known = {unit.lower() for words in knowledge.quantities.values() for unit in words.units}
    return Facts(
        names=tuple((pattern_of(name), metric) for name, metric in sorted(names, key=lambda pair: -len(pair[0]))),
        metrics=tuple(metrics.values()),
        readings=alert.evidence.readings,
        rarity_days=alert.evidence.rarity_days,
        devices=devices,
        stuck=alert.evidence.kind == "stuck",
        quantities=quantities,
        foreign=frozenset(foreign),
        units=frozenset(known | {metric.unit for metric in metrics.values() if metric.unit}),
        moments=_moments(alert.opened_at),
        others=frozenset(map(plain_name, others)) - own - {""},
    )


def _moments(opened_at: datetime) -> tuple[str, ...]:
    whole = moment(opened_at)
    day, clock, zone = whole.split(" ")
    short = clock[:-3]
    return (
        whole,
        f"{day} {clock}",
        f"{day}T{clock}Z",
        f"{day} {short}",
        f"{clock} {zone}",
        f"{short} {zone}",
        day,
        clock,
    )
