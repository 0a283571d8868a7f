"""What the evidence lets a text say: each metric with its names, figures and side; figures of the incident itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explainer.evidence import leading_contributions
from explainer.grounding.lexicon import quantity_words, unmeasured_words
from explainer.grounding.metric import metric_of
from explainer.grounding.moments import moments_of
from explainer.grounding.naming import (
    AMBIGUOUS,
    GENERIC,
    device_names,
    in_other_languages,
    name_of,
    other_writings,
    parts_of,
    plain_name,
    plain_unit,
    pressure_difference,
    single_parts,
    words_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contracts.alert import Alert
    from contracts.anomaly import Contribution, Kind
    from explainer.grounding.metric import Metric, Trend
    from explainer.grounding.naming import Name
    from explainer.words.knowledge import Knowledge

_MOSTLY = 0.75
_CLOCK_SPAN = re.compile(r"\b\d+ (?:d|h|min|s)(?: \d+ (?:h|min|s))?\b")
_KIN = 6  # letters at the start of two words that make them kin: accelerometer and acceleration


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that label and reason may state.

    Attributes:
        kind: the kind of trouble.
        names: each way to name a metric or the device, the longest first.
        metrics: the leading ones first.
        readings: how many readings were abnormal.
        rarity_days: days between two such events, None where unknown.
        watched_days: how long the device has been watched, where that is what its rarity goes by.
        devices: how many devices failed together, None where it was one.
        quantities: the metrics that measure a quantity of knowledge.toml.
        foreign: words for quantities that no metric of the evidence measures.
        units: every unit that is known, as `plain_unit` writes them.
        clock: on which side of the real time a wrong clock is, None where that is not known.
        moments: when it began, in the ways to write it, the longest first; and how far a clock is off.
        hour: the hour at which it began, in UTC.
        others: names of other devices, as `plain_name` writes them.
    """

    kind: Kind
    names: tuple[Name, ...]
    metrics: tuple[Metric, ...]
    readings: int
    rarity_days: float | None
    watched_days: float | None
    devices: int | None
    quantities: dict[str, tuple[Metric, ...]]
    foreign: frozenset[str]
    units: frozenset[str]
    clock: Trend | None
    moments: tuple[str, ...]
    hour: int
    others: frozenset[str] = frozenset()

    def kin(self, word: str) -> Metric | None:
        """Return the metric whose name has a part that a word is derived from: "vibrates" from vibration."""
        if word in AMBIGUOUS:
            return None
        for metric in self.metrics:
            part = [part for part in parts_of(metric.name.lower()) if part not in GENERIC][-1:]
            if part and part[0] not in AMBIGUOUS and _are_kin(word, part[0]):
                return metric
        for name in self.names:  # "Motorstrom"
            if name.weak and name.metric is not None and len(name.text) >= _KIN - 1 and word.endswith(name.text):
                return name.metric
        return None


def facts_of(alert: Alert, knowledge: Knowledge, devices: int | None = None, others: Iterable[str] = ()) -> Facts:
    """Collect what may be said of an alert.

    Args:
        alert: the alert.
        knowledge: tells which words mean which quantity.
        devices: how many devices failed together.
        others: names of devices that are known.
    """
    leading = leading_contributions(alert.evidence.contributions)
    told = [*leading, *(one for one in alert.evidence.contributions if one not in leading)]
    metrics = {one.metric: metric_of(one, alert.evidence.kind, first=one is leading[0]) for one in told}
    found = {one.metric: _quantity(one, knowledge) for one in told}
    quantities = {
        name: tuple(metrics[metric] for metric, of_metric in found.items() if of_metric == name)
        for name in knowledge.quantities
    }
    names = _names(alert, metrics, quantities, knowledge)
    own = {plain_name(name) for name in names}
    known = {unit for words in knowledge.quantities.values() for unit in words.units}
    return Facts(
        kind=alert.evidence.kind,
        names=tuple(names[name] for name in sorted(names, key=lambda name: -len(name))),
        metrics=tuple(metrics.values()),
        readings=alert.evidence.readings,
        rarity_days=alert.evidence.rarity_days,
        watched_days=alert.evidence.watched_days,
        devices=devices,
        quantities=quantities,
        foreign=_foreign(alert, quantities, knowledge) - own,
        units=frozenset(map(plain_unit, known | {metric.unit for metric in metrics.values() if metric.unit})),
        clock=_clock(alert),
        moments=(*moments_of(alert), *(_CLOCK_SPAN.findall(alert.evidence.text) if _clock(alert) else ())),
        hour=alert.opened_at.hour,
        others=frozenset(map(plain_name, others)) - own - {""},
    )


def _names(
    alert: Alert, metrics: dict[str, Metric], quantities: dict[str, tuple[Metric, ...]], knowledge: Knowledge
) -> dict[str, Name]:
    names = {name: name_of(name, None) for name in device_names(alert.device)}
    taken = frozenset(part for name in names for part in parts_of(name.lower()))
    names |= {one.metric: name_of(one.metric, metrics.get(one.metric)) for one in alert.evidence.contributions}
    for name in _of_quantities(metrics, quantities, knowledge):
        names.setdefault(name.text, name)
    for part, metric, modifies in single_parts(metrics.values(), taken):
        if part not in {name.lower() for name in names}:
            names[part] = name_of(part, metric, weak=True, modifies=modifies)
    return names


def _of_quantities(
    metrics: dict[str, Metric], quantities: dict[str, tuple[Metric, ...]], knowledge: Knowledge
) -> Iterable[Name]:
    """Return names by what is measured, the whole ones before words for a quantity alone."""
    for quantity, measuring in quantities.items():
        said = words_of(quantity, knowledge.quantities[quantity])
        for metric in measuring:
            yield from (name_of(name, metric) for name in other_writings(metric.name, said))
            yield from in_other_languages(metric, said)
        if len(measuring) == 1:
            yield from (name_of(word, measuring[0], weak=True) for word in said)
    for metric in metrics.values():
        yield from (name_of(name, metric) for name in pressure_difference(metric.name))


def _quantity(contribution: Contribution, knowledge: Knowledge) -> str | None:
    """Return which quantity a metric measures: as the knowledge has it, else by a word of its name in any language."""
    if (known := knowledge.quantity(contribution)) is not None:
        return next(name for name, words in knowledge.quantities.items() if words == known)
    parts = parts_of(contribution.metric.lower())
    return next((name for name, words in quantity_words().items() if words.intersection(parts)), None)


def _foreign(alert: Alert, quantities: dict[str, tuple[Metric, ...]], knowledge: Knowledge) -> frozenset[str]:
    """Return words for quantities that nothing here measures."""
    words = {
        word
        for quantity, measuring in quantities.items()
        if not measuring
        for word in words_of(quantity, knowledge.quantities[quantity]) - AMBIGUOUS
    }
    parts = {part for one in alert.evidence.contributions for part in plain_name(one.metric).split()}
    if parts & {"velocity", "speed"} and parts & {"air", "wind", "gas", "water"}:
        words -= {"flow"}  # of what moves so fast
    for group in unmeasured_words():
        if not any(word == part or _shared(word, part) >= _KIN for word in group for part in parts):
            words |= group
    return frozenset(words)


def _are_kin(word: str, part: str) -> bool:
    shared = _shared(word, part)
    longest, shortest = max(len(word), len(part)), min(len(word), len(part))
    alike = shared >= _KIN - 1 and (shared == shortest or shared >= _MOSTLY * longest)
    return word != part and (shared >= _KIN or alike)


def _shared(one: str, other: str) -> int:
    """Count the letters that two words begin with alike."""
    return next(
        (index for index, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def _clock(alert: Alert) -> Trend | None:
    text = alert.evidence.text if alert.evidence.kind == "clock" else ""
    return "up" if " ahead of " in text else "down" if " behind " in text else None
