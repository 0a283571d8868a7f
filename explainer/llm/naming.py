"""Ways to write the names of devices, metrics, quantities and units."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from explainer.llm.lexicon import quantity_words
from explainer.llm.prompt import MAX_NAME
from explainer.wording import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from explainer.knowledge import QuantityWords
    from explainer.llm.metric import Metric


# Words for a quantity that mean something else more often than not.
AMBIGUOUS = frozenset(("current", "level", "fill", "press", "thermo", "accel", "tension"))
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


def plain_name(name: str) -> str:
    """Write a name as names of other devices are looked for: lower case, one space between words."""
    return " ".join(re.split(r"[\s_\-./]+", clean(name, MAX_NAME).rstrip("…").lower())).strip()


def plain_unit(unit: str) -> str:
    """Write a unit in the one form that is compared: lower case, words for signs replaced."""
    text = " ".join(_UNIT_WORDS.get(part, part) for part in unit.lower().split())
    return text.replace("° ", "°").replace("°°", "°")


def device_names(device: str) -> Iterable[str]:
    """Return a device's name, and what is left of it without its number: "pump" of pump-3."""
    kind = re.sub(r"[\s_\-./]*\d+$", "", device)
    return dict.fromkeys(name for name in (device, kind) if any(c.isalpha() for c in name))


def head_words(metrics: dict[str, Metric], taken: set[str]) -> list[tuple[str, Metric]]:
    """Return the last word of each metric's name that no other has: "torque" of motor_torque."""
    heads = {name: re.split(r"[\s_\-./]+", name.lower())[-1] for name in metrics}
    found = list(heads.values())
    usable = {
        name: head
        for name, head in heads.items()
        if found.count(head) == 1 and head.isalpha() and len(head) >= _LEAST_LETTERS and head not in taken | AMBIGUOUS
    }
    return [(head, metrics[name]) for name, head in usable.items() if head != name.lower()]


def words_of(quantity: str, words: QuantityWords) -> list[str]:
    """Return words for a quantity: those of knowledge.toml and those of other languages."""
    own = [word for word in words.words if word not in AMBIGUOUS and word not in _UNIT_WORDS]  # "256 Volt"
    return [*own, *quantity_words().get(quantity, ())]


def pattern_of(name: str) -> re.Pattern[str]:
    """Match a name as it is, or with other separators between its words; never inside a longer word."""
    safe = clean(name, MAX_NAME).rstrip("…")
    parts = [re.escape(part) for part in re.split(r"[\s_\-]+", safe) if part]
    return re.compile(r"(?<!\w)" + r"[\s_\-]*".join(parts) + r"(?!\w)", re.IGNORECASE)
