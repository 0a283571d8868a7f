"""Numbers in a text: value, rounding, unit, and the word behind."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from explainer.grounding.naming import plain_unit
from explainer.grounding.units import scale

if TYPE_CHECKING:
    from explainer.grounding.facts import Facts

_SIGN = r"(?:[-+\u2212]|[Mm]inus\s|moins\s|menos\s|meno\s)?"
# 1,473 and 1 473 are thousands; 11,9 is a decimal comma, as most languages but English write it.
_DIGITS = r"(?:\d{1,3}(?:[,\s\u202f]\d{3})+(?![\d,])(?:\.\d+)?|\d+(?:[.,]\d+)?)(?:[eE][-+]?\d{1,2})?"
NUMBER = rf"(?<![\w.,])(?P<number>{_SIGN}{_DIGITS})(?![\w]*\d)"
UNIT = (
    r"(?P<unit>\s*(?:%|[°µμA-Za-z²³]+(?:/[A-Za-z²³]+)?\d?(?![\w/])(?:\s+(?:[A-Z][a-z]+|celsius|fahrenheit"
    r"|per\s+minute)|\s+points?)?)|-fold\b)?"
)
_MORE_THAN_ROUND = 0.04  # "about 50 %" of 48.4 %
_DEGREES = frozenset(("grad", "grados", "gradi"))


Bound = Literal["justunder", "justover", "upto"]
# Between how many times the figure the fact may lie.
_BOUNDS: dict[Bound, tuple[float, float]] = {"justunder": (0.9, 1.0), "justover": (1.0, 1.1), "upto": (0.5, 1.0)}


@dataclass(frozen=True, slots=True)
class Figure:
    """A number: `step` says how coarsely it was rounded, `unit` is in `plain_unit`'s form, `word` stands behind."""

    text: str
    value: float
    step: float
    unit: str | None
    word: str

    def fits(self, fact: float, *, unsigned: bool = False, roughly: bool = False, bound: Bound | None = None) -> bool:
        """Tell whether a fact rounds to what was stated.

        Args:
            fact: what is known.
            unsigned: whether the sign does not matter.
            roughly: whether the text said "about".
            bound: which side of the figure the text named: "just under 2".
        """
        if bound is not None:
            lower, upper = _BOUNDS[bound]
            return abs(self.value) * lower <= abs(fact) <= abs(self.value) * upper
        tolerance = self.step * 0.5 + 1e-9 * max(1.0, abs(fact))
        if roughly:
            tolerance = max(tolerance, _MORE_THAN_ROUND * abs(fact))
        value = abs(self.value) if unsigned else self.value
        return abs(value - (abs(fact) if unsigned else fact)) <= tolerance


def read_figure(match: re.Match[str], facts: Facts) -> Figure:
    """Read a number with what stands behind it."""
    value, step = _value_and_step(match["number"])
    unit, word = _unit(match["unit"], facts)
    written = (match["unit"] or "").split()[:1]
    if written and unit not in {plain_unit(one.unit or "") for one in facts.metrics}:
        for metric in facts.metrics:
            if metric.unit and (factor := scale(written[0], metric.unit)) is not None:
                unit, word, value, step = plain_unit(metric.unit), metric.unit, value * factor, step * factor
                break
    return Figure(match["number"].strip(), value, step, unit, word)


def _unit(text: str | None, facts: Facts) -> tuple[str | None, str]:
    """Split what stands behind a number into a unit, if it is one, and the word itself."""
    word = " ".join((text or "").split())
    lower = word.lower()
    if word == "a":  # "226 a 238": a word of several languages; amperes are written with a capital
        return None, word
    if lower.startswith(("percentage point", "% point", "percent point")):
        return "%", word
    first = word.split(" ")[0]
    if lower in _DEGREES or (first.lower() in {"degree", "degrees", "deg"} and plain_unit(word) not in {"°c", "°f"}):
        return "°", first
    known = facts.units | {"%", "°c", "°f", "°", "rpm"}
    for candidate in (word, first):
        if candidate and plain_unit(candidate.replace(" per minute", "")) in known:
            return plain_unit(candidate.replace(" per minute", "")), candidate.replace(" per minute", "")
    return None, first.lower()


def _value_and_step(text: str) -> tuple[float, float]:
    """Read a number and how coarsely it was rounded: 95.3 by tenths, 1200 by hundreds at most."""
    plain = re.sub(r"^(?:[\u2212]|[A-Za-z]+)\s*", "-", text.strip())
    if re.fullmatch(r"[-+]?\d+,\d+", plain) and not re.fullmatch(r"[-+]?[1-9]\d{0,2},\d{3}", plain):
        plain = plain.replace(",", ".")
    plain = re.sub(r"[,\s\u202f]", "", plain)
    mantissa, _, exponent = plain.lower().partition("e")
    whole, _, decimals = mantissa.partition(".")
    digits = whole.lstrip("+-")
    zeros = 0 if decimals else min(len(digits) - len(digits.rstrip("0")), max(0, len(digits) - 2))
    return float(plain), 10.0 ** (zeros - len(decimals) + int(exponent or 0))
