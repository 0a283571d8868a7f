"""Units of one kind: how many metres a second are a centimetre a second; and units written out."""

from __future__ import annotations

import re

from explainer.grounding.naming import plain_unit

_PREFIXES = {"": 1.0, "µ": 1e-6, "m": 1e-3, "c": 1e-2, "d": 1e-1, "h": 1e2, "k": 1e3, "M": 1e6, "G": 1e9}
# A unit without prefix as so many of another one.
_BASES = {
    "bar": ("Pa", 1e5),
    "Pa": ("Pa", 1.0),
    "t": ("g", 1e6),
    **{base: (base, 1.0) for base in ("m", "g", "A", "V", "W", "Wh", "Hz", "l", "s", "S", "N", "Nm", "J", "Ohm")},
}
_PREFIXED = re.compile(r"([µmcdhkMG]?)(" + "|".join(sorted(_BASES, key=len, reverse=True)) + ")")

_PREFIX_WORDS = {
    "micro": "µ", "mikro": "µ", "milli": "m", "mili": "m", "centi": "c", "zenti": "c", "deci": "d", "hecto": "h",
    "hekto": "h", "kilo": "k", "mega": "M", "giga": "G",
}  # fmt: skip
_BASE_WORDS = {
    word: sign
    for sign, words in {
        "g": "gram gramme gramm gramo grammi", "m": "metre meter mètre metro metri", "l": "litre liter litro litri",
        "W": "watt vatio", "V": "volt voltio", "A": "ampere amp ampère amperio", "Hz": "hertz", "Pa": "pascal",
        "bar": "bar", "J": "joule", "N": "newton", "S": "siemens", "t": "tonne",
        "s": "second seconde sekunde segundo secondo", "min": "minute minuto minuti", "h": "hour heure stunde hora ora",
        "d": "day",
    }.items()
    for word in words.split()
}  # fmt: skip
_POWERS = {"square ": "²", "quadrat": "²", "cubic ": "³", "kubik": "³", " squared": "²", " cubed": "³", " cubes": "³"}
_ONE = (
    rf"(square |quadrat|cubic |kubik)?({'|'.join(_PREFIX_WORDS)})?"
    rf"({'|'.join(sorted(_BASE_WORDS, key=len, reverse=True))})(?:s|n|en)?( squared| cubed| cubes)?"
)
_WRITTEN_OUT = re.compile(rf"(?<=\d)\s?{_ONE}(?:\s(?:per|pro|par|por|al|all')\s?{_ONE})?\b", re.IGNORECASE)


def with_unit_signs(text: str) -> str:
    """Write "mg/l" for "milligrams per litre" behind figures; a plain word such as "volts" or "days" stays."""
    return _WRITTEN_OUT.sub(_sign, text)


def _sign(found: re.Match[str]) -> str:
    parts = found.groups(default="")
    counted, per = (_power(*parts[start : start + 4]) for start in (0, 4))
    is_plain = not (parts[0] or parts[1] or parts[3] or per)
    return found[0] if is_plain else f" {counted}/{per}" if per else f" {counted}"


def _power(before: str, prefix: str, base: str, behind: str) -> str:
    power = _POWERS.get(before.lower(), "") or _POWERS.get(behind.lower(), "")
    return _PREFIX_WORDS.get(prefix.lower(), "") + _BASE_WORDS.get(base.lower(), "") + power


def scale(unit: str, other: str) -> float | None:
    """Return how many of another unit one of a unit is, None where they do not measure the same."""
    (counted, *per), (other_counted, *other_per) = unit.split("/"), other.split("/")
    one, another = _in_base(counted), _in_base(other_counted)
    if one is None or another is None or [plain_unit(p) for p in per] != [plain_unit(p) for p in other_per]:
        return None
    return one[1] / another[1] if one[0] == another[0] else None


def _in_base(unit: str) -> tuple[str, float] | None:
    found = _PREFIXED.fullmatch(unit.replace("L", "l").replace("μ", "µ"))
    if found is None:
        return None
    base, factor = _BASES[found[2]]
    return base, factor * _PREFIXES[found[1]]
