"""Ways to write the names of devices, metrics, quantities and units."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explainer.grounding.lexicon import part_words, quantity_words
from explainer.llm.prompt import MAX_NAME
from explainer.words.wording import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from explainer.grounding.metric import Metric
    from explainer.words.knowledge import QuantityWords


# Words for a quantity that mean something else more often than not.
AMBIGUOUS = frozenset(("current", "level", "fill", "press", "thermo", "accel", "tension", "temps"))
# Parts of names that say how a value was made, not what of.
GENERIC = frozenset(
    ("rms", "value", "raw", "avg", "mean", "max", "min", "sensor", "reading", "actual", "measured", "pv")
)
_DIFFERENCE = frozenset(("dp", "differential", "diff", "delta"))
_PRESSURE_DIFFERENCE = (
    "pressure drop", "pressure loss", "differential pressure", "pressure difference", "pressure differential",
    "delta p", "Differenzdruck", "Druckverlust", "Druckabfall", "perte de charge", "pression différentielle",
    "presión diferencial", "pérdida de carga", "caída de presión", "pressione differenziale", "perdita di carico",
    "drukverschil",
)  # fmt: skip
_OF = r"de\sla\s|de\sl'|du|des|de|d'|della|del|dell'|di|en"
_LEAST_LETTERS_ELSEWHERE = 5
_LEAST_LETTERS = 3  # of a part of a metric's name that may stand for it
_UNIT_WORDS = {
    "celsius": "°c",
    "degrees": "°",
    "degree": "°",
    "deg": "°",
    "c": "°c",
    "percent": "%",
    "percentage": "%",
    "prozent": "%",
    "grad": "°",
    "grados": "°",
    "gradi": "°",
    "umdrehungen": "rpm",
    "revolutions": "rpm",
    "rev": "rpm",
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
    "bars": "bar",
    "kilograms": "kg",
    "meters": "m",
    "metres": "m",
    "liters": "l",
    "litres": "l",
    "1/min": "rpm",
    "tr/min": "rpm",
    "u/min": "rpm",
    "rev/min": "rpm",
    "min-1": "rpm",
}


@dataclass(frozen=True, slots=True)
class Name:
    """A way to write a name.

    Attributes:
        text: the name, in lower case.
        pattern: what is looked for.
        metric: what it names; None for the device and other names without figures.
        weak: whether it is a part of the metric's name only, or a word for its quantity.
        modifies: whether it is a part that says what the quantity is of: "rotor" of rotor_speed.
    """

    text: str
    pattern: re.Pattern[str]
    metric: Metric | None
    weak: bool = False
    modifies: bool = False


def name_of(text: str, metric: Metric | None, *, weak: bool = False, modifies: bool = False) -> Name:
    """Make a way to write a name."""
    return Name(text.lower(), pattern_of(text, plural=weak and text != "time"), metric, weak, modifies)


def plain_name(name: str) -> str:
    """Write a name as names of other devices are looked for: lower case, one space between words."""
    return " ".join(parts_of(clean(name, MAX_NAME).rstrip("…").lower()))


def parts_of(name: str) -> list[str]:
    """Split a name into its words."""
    return [part for part in re.split(r"[\s_\-./]+", name) if part]


def plain_unit(unit: str) -> str:
    """Write a unit in the one form that is compared: lower case, words for signs replaced."""
    lower = unit.lower().translate(str.maketrans("³²μ", "32µ"))
    text = " ".join(_UNIT_WORDS.get(part, part) for part in lower.split())
    return text.replace("° ", "°").replace("°°", "°")


def is_unit_word(word: str) -> bool:
    """Tell whether a word stands for a unit."""
    return word in _UNIT_WORDS


def device_names(device: str) -> Iterable[str]:
    """Return a device's name, and what is left of it without its number: "pump" of pump-3."""
    kind = re.sub(r"[\s_\-./]*\d+$", "", device)
    return dict.fromkeys(name for name in (device, kind) if any(c.isalpha() for c in name))


def other_writings(name: str, words: frozenset[str]) -> Iterable[str]:
    """Return a metric's name with the word for its quantity replaced: "supply temperature" for supply_temp."""
    parts = parts_of(name.lower())
    for index, part in enumerate(parts):
        if part in words:
            yield from (" ".join([*parts[:index], word, *parts[index + 1 :]]) for word in words - {part})


def pressure_difference(name: str) -> Iterable[str]:
    """Return what the drop of a pressure is called, where a metric is one: it names no direction."""
    parts = parts_of(name.lower())
    if not _DIFFERENCE.intersection(parts) or not {"dp", "pressure", "press"}.intersection(parts):
        return
    before = " ".join(part for part in parts if part not in _DIFFERENCE | {"pressure", "press"})
    for words in _PRESSURE_DIFFERENCE:
        yield words
        if before:
            yield f"{before} {words}"


def in_other_languages(metric: Metric, words: frozenset[str]) -> Iterable[Name]:
    """Return a metric's name as German and Romance languages put it together: "Rücklauftemperatur"."""
    own = parts_of(metric.name.lower())
    parts = [word for part in own for word in part_words().get(part, (part,) if any(map(str.isdigit, part)) else ())]
    if parts and words.intersection(own):
        part, quantity = ("|".join(map(re.escape, sorted(said))) for said in (parts, words))
        joined = rf"(?:{part})-?(?:{quantity})|(?:{quantity})\s(?:{_OF})\s?(?:{part})"
        pattern = re.compile(rf"(?<!\w)(?:{joined})(?!\w)", re.IGNORECASE)
        yield Name(f"{metric.name.lower()} in other languages", pattern, metric)


def single_parts(metrics: Iterable[Metric], taken: frozenset[str]) -> list[tuple[str, Metric, bool]]:
    """Return parts of names that only one metric has, and whether another part follows: "rotor" of rotor_speed."""
    found: dict[str, list[tuple[Metric, bool]]] = {}
    for metric in metrics:
        parts = [part for part in parts_of(metric.name.lower()) if part not in GENERIC]
        for index, part in enumerate(parts):
            found.setdefault(part, []).append((metric, index < len(parts) - 1))
    return [
        (said, *owners[0])
        for part, owners in found.items()
        if len(owners) == 1 and part.isalpha() and len(part) >= _LEAST_LETTERS and part not in taken | AMBIGUOUS
        for said in _said_as(part)
        if said not in taken
    ]


def _said_as(part: str) -> list[str]:
    return [part, *(word for word in part_words().get(part, ()) if len(word) >= _LEAST_LETTERS_ELSEWHERE)]


def words_of(quantity: str, words: QuantityWords) -> frozenset[str]:
    """Return words for a quantity: those of knowledge.toml and those of other languages."""
    own = [word for word in words.words if word not in AMBIGUOUS and not is_unit_word(word)]  # "256 Volt"
    return frozenset((*own, *quantity_words().get(quantity, ())))


def pattern_of(name: str, *, plural: bool = False) -> re.Pattern[str]:
    """Match a name as it is, or with other separators between its words; never inside a longer word but a plural."""
    safe = clean(name, MAX_NAME).rstrip("…")
    parts = [re.escape(part) for part in re.split(r"[\s_\-]+", safe) if part]
    return re.compile(r"(?<!\w)" + r"[\s_\-]*".join(parts) + ("s?" if plural else "") + r"(?!\w)", re.IGNORECASE)
