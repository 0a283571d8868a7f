"""Tokens of a sentence, and what a number in it may be: its unit, its rounding, the words around it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explainer.errors import AnswerError
from explainer.llm.facts import plain_unit

if TYPE_CHECKING:
    from explainer.llm.facts import Facts, Metric

_NUMBER = r"(?P<number>[-+\u2212]?(?:\d{1,3}(?:[,\s]\d{3})+(?!\d)|\d+)(?:\.\d+)?(?:[eE][-+]?\d{1,2})?)"
_TOKEN = re.compile(
    rf"⟦(?P<name>\d+)⟧|(?<![\w.]){_NUMBER}(?P<unit>\s*(?:%|[°µA-Za-z²³/]+(?:/[A-Za-z²³]+)?(?:\s+[A-Z][a-z]+)?))?"
    r"|(?P<word>[A-Za-z']+)",
)
# What stands before or behind a number tells its part: "70 was expected", "by 25", "25 above", "from 70 to 95".
_IS_NORMAL = re.compile(r"\s*(?:was |is |were |would be |being )?(?:expected|normal|usual|typical)")
_GAP_BEFORE = re.compile(r"\b(?:by|difference of|deviation of|deviates)\s+(?:about |around |roughly |nearly )?$")
_GAP_AFTER = re.compile(r"\s*(?:above|below|higher|lower|more|less|over|under|too|off)\b")
_START = re.compile(r"(?:\bfrom|\bversus|\bvs\.?|\bagainst)\s+(?:about |around |roughly |nearly )?$")
_RANGE_GOES_ON = re.compile("\\s*(?:to|and|through|-|\N{EN DASH})\\s*\\d")
_COUNTED = frozenset(("", "reading", "readings", "day", "days", "times", "time", "abnormal", "unusual"))


def tokens_of(sentence: str, facts: Facts) -> list[re.Match[str]]:
    """Split a sentence; a word behind a number that is no unit is a word of its own."""
    tokens: list[re.Match[str]] = []
    position = 0
    while (token := _TOKEN.search(sentence, position)) is not None:
        tokens.append(token)
        no_unit = token["unit"] is not None and _unit(token["unit"], facts)[0] is None
        position = token.end("number") if no_unit else token.end()
    return tokens


@dataclass(frozen=True, slots=True)
class StatedNumber:
    """A number in a text: `step` says how coarsely it was rounded, `word` what stands behind it."""

    text: str
    value: float
    step: float
    unit: str | None
    word: str
    before: str
    after: str

    @property
    def begins_range(self) -> bool:
        """Tell whether it is the lower end of a range: "65 to 75"."""
        return _RANGE_GOES_ON.match(self.after) is not None

    @property
    def counts(self) -> bool:
        """Tell whether it may count readings or days rather than measure something."""
        return self.unit is None and self.word in _COUNTED

    def fits(self, fact: float) -> bool:
        """Tell whether a fact rounds to what was stated; its sign may be left out."""
        tolerance = self.step * 0.5 + 1e-9 * max(1.0, abs(fact))
        return abs(self.value - fact) <= tolerance or abs(self.value + fact) <= tolerance < self.value


def stated_number(token: re.Match[str], facts: Facts) -> StatedNumber:
    """Read the number of a token, with what stands around it."""
    value, step = _value_and_step(token["number"])
    unit, word = _unit(token["unit"], facts)
    end = token.end("unit") if unit else token.end("number")
    before = token.string[: token.start()].lower()
    return StatedNumber(token["number"].strip(), value, step, unit, word, before, token.string[end:].lower())


def allowed_figures(stated: StatedNumber, metric: Metric, *, normal: bool) -> tuple[float, ...]:
    """Return the figures of a metric that a number may be, by the words before and after it.

    Args:
        stated: the number.
        metric: what it is said of.
        normal: whether the sentence speaks of what is usual just now.

    Raises:
        AnswerError: the metric is not measured in the number's unit.
    """
    unit = stated.unit
    if unit == "%" != metric.unit:
        return metric.percents
    if unit is not None and unit not in {metric.unit, (metric.unit or "").lstrip("°")}:
        raise AnswerError(f"{metric.name} is not measured in {unit}")
    if _IS_NORMAL.match(stated.after):
        return metric.normal
    if _GAP_BEFORE.search(stated.before) or _GAP_AFTER.match(stated.after):
        return metric.gaps
    if normal or _START.search(stated.before):
        return metric.normal
    return metric.seen


def _unit(text: str | None, facts: Facts) -> tuple[str | None, str]:
    """Split what stands behind a number into a unit, if it is one, and the word itself."""
    word = (text or "").strip()
    for candidate in (word, word.split(" ")[0]):
        unit = plain_unit(candidate)
        if candidate and (unit in facts.units or unit in {"%", "°c", "°f"}):
            return unit, candidate.lower()
    return None, word.split(" ")[0].lower()


def _value_and_step(text: str) -> tuple[float, float]:
    """Read a number and how coarsely it was rounded: 95.3 by tenths, 1200 by hundreds at most."""
    plain = re.sub(r"[,\s]", "", text).replace("\N{MINUS SIGN}", "-")
    mantissa, _, exponent = plain.lower().partition("e")
    whole, _, decimals = mantissa.partition(".")
    digits = whole.lstrip("+-")
    zeros = 0 if decimals else min(len(digits) - len(digits.rstrip("0")), max(0, len(digits) - 2))
    return float(plain), 10.0 ** (zeros - len(decimals) + int(exponent or 0))
