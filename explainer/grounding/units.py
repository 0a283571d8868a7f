"""Units of one kind: how many metres a second are a centimetre a second."""

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
