"""What the evidence lets a text say: each metric with its names, figures and side; figures of the incident itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from explainer.evidence import leading_contributions, side
from explainer.llm.lexicon import quantity_words, unmeasured_words
from explainer.llm.prompt import MAX_NAME
from explainer.wording import clean, moment

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from contracts.alert import Alert
    from contracts.anomaly import Contribution, Kind
    from explainer.evidence import Side
    from explainer.knowledge import Knowledge, QuantityWords

Trend = Literal["up", "down"]

# Words for a quantity that mean something else more often than not.
_AMBIGUOUS = frozenset(("current", "level", "fill", "press", "thermo", "accel", "tension"))
_LEAST_LETTERS = 4  # of a word of a metric's name that may stand for it
_UNIT_WORDS = {
    "celsius": "°c",
    "degrees": "°",
    "degree": "°",
    "c": "°c",
    "percent": "%",
    "prozent": "%",
    "grad": "°",
    "grados": "°",
    "gradi": "°",
    "umdrehungen": "rpm",
    "voltios": "v",
    "amperios": "a",
    "kilowatts": "kw",
    "kilowatt": "kw",
    "ampere": "a",
    "amp": "a",
    "volts": "v",
    "volt": "v",
    "amps": "a",
    "amperes": "a",
    "watts": "w",
    "kelvin": "k",
    "hertz": "hz",
    "1/min": "rpm",
    "μg/m³": "µg/m³",
}
_MOVING: frozenset[Kind] = frozenset(("spike", "level_shift", "drift", "correlation"))


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric of the evidence.

    Attributes:
        seen: the figure that may be stated as what is.
        gaps: how far that is from what should be.
        normal: figures that may be stated as what should be: expected, and the usual range.
        bounds: the ends of the usual range.
        offs: how far it is off, in percent of what should be.
        shares: its share of the anomaly, in percent.
        ratio: observed by expected, None where that says nothing.
        trend: the side on which it was seen, None where the evidence takes none.
        side: where it stands in its usual range.
    """

    name: str
    unit: str | None
    seen: tuple[float, ...]
    gaps: tuple[float, ...]
    normal: tuple[float, ...]
    bounds: tuple[float, ...]
    offs: tuple[float, ...]
    shares: tuple[float, ...]
    ratio: float | None
    trend: Trend | None
    side: Side


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
    metrics = {one.metric: _metric(one, alert.evidence.kind, first=one is leading[0]) for one in leading}
    found = {one.metric: knowledge.quantity(one) for one in leading}
    quantities = {
        name: tuple(metrics[metric] for metric, of_metric in found.items() if of_metric == words)
        for name, words in knowledge.quantities.items()
    }
    names: list[tuple[str, Metric | None]] = [(name, None) for name in _device_names(alert.device)]
    names += [(one.metric, metrics.get(one.metric)) for one in alert.evidence.contributions]
    foreign: set[str] = set()
    for quantity, words in knowledge.quantities.items():
        said = _words_of(quantity, words)
        if len(quantities[quantity]) == 1:
            names += [(word, quantities[quantity][0]) for word in said]
        elif not quantities[quantity]:
            foreign |= set(said) - _AMBIGUOUS
    said_by_names = {part for one in alert.evidence.contributions for part in plain_name(one.metric).split()}
    foreign = foreign.union(*(words for words in unmeasured_words() if words.isdisjoint(said_by_names)))
    names += _head_words(metrics, {name.lower() for name, _ in names} | foreign)
    own = {plain_name(name) for name, _metric in names}
    known = {unit.lower() for words in knowledge.quantities.values() for unit in words.units}
    return Facts(
        names=tuple((_pattern(name), metric) for name, metric in sorted(names, key=lambda pair: -len(pair[0]))),
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


def plain_name(name: str) -> str:
    """Write a name as names of other devices are looked for: lower case, one space between words."""
    return " ".join(re.split(r"[\s_\-./]+", clean(name, MAX_NAME).rstrip("…").lower())).strip()


def plain_unit(unit: str) -> str:
    """Write a unit in the one form that is compared: lower case, words for signs replaced."""
    text = " ".join(_UNIT_WORDS.get(part, part) for part in unit.lower().split())
    return text.replace("° ", "°").replace("°°", "°")


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


def _device_names(device: str) -> Iterable[str]:
    """Return a device's name, and what is left of it without its number: "pump" of pump-3."""
    kind = re.sub(r"[\s_\-./]*\d+$", "", device)
    return dict.fromkeys(name for name in (device, kind) if any(c.isalpha() for c in name))


def _head_words(metrics: dict[str, Metric], taken: set[str]) -> list[tuple[str, Metric]]:
    """Return the last word of each metric's name that no other has: "torque" of motor_torque."""
    heads = {name: re.split(r"[\s_\-./]+", name.lower())[-1] for name in metrics}
    found = list(heads.values())
    usable = {
        name: head
        for name, head in heads.items()
        if found.count(head) == 1 and head.isalpha() and len(head) >= _LEAST_LETTERS and head not in taken | _AMBIGUOUS
    }
    return [(head, metrics[name]) for name, head in usable.items() if head != name.lower()]


def _words_of(quantity: str, words: QuantityWords) -> list[str]:
    own = [word for word in words.words if word not in _AMBIGUOUS and word not in _UNIT_WORDS]  # "256 Volt"
    return [*own, *quantity_words().get(quantity, ())]


def _metric(contribution: Contribution, kind: Kind, *, first: bool) -> Metric:
    observed, expected = contribution.observed, contribution.expected
    normal = [one for one in (expected, contribution.lower, contribution.upper) if one is not None]
    offs = [] if observed is None else [abs(observed - one) / abs(one) * 100 for one in normal if one]
    return Metric(
        name=contribution.metric,
        unit=contribution.unit,
        seen=() if observed is None else (observed,),
        gaps=() if observed is None else tuple(abs(observed - one) for one in normal),
        normal=tuple(normal),
        bounds=tuple(one for one in (contribution.lower, contribution.upper) if one is not None),
        offs=tuple(offs),
        shares=(contribution.share * 100,),
        ratio=observed / expected if observed is not None and expected and observed / expected > 0 else None,
        trend=_trend(contribution, kind, first=first),
        side=side(contribution),
    )


def _trend(contribution: Contribution, kind: Kind, *, first: bool) -> Trend | None:
    found = side(contribution)
    if found in {"above", "below"}:
        return "up" if found == "above" else "down"
    observed, expected = contribution.observed, contribution.expected
    # Within its usual range, only the metric that the anomaly is about has a side, and those that should go together.
    if observed is None or expected is None or observed == expected or kind not in _MOVING:
        return None
    if not (first or kind == "correlation"):
        return None
    return "up" if observed > expected else "down"


def _pattern(name: str) -> re.Pattern[str]:
    """Match a name as it is, or with other separators between its words; never inside a longer word."""
    safe = clean(name, MAX_NAME).rstrip("…")
    parts = [re.escape(part) for part in re.split(r"[\s_\-]+", safe) if part]
    return re.compile(r"(?<!\w)" + r"[\s_\-]*".join(parts) + r"(?!\w)", re.IGNORECASE)
