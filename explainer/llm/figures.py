"""Tokens of a sentence, and what a number in it may be: its unit, its rounding, the words around it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explainer.errors import AnswerError
from explainer.llm.naming import plain_unit

if TYPE_CHECKING:
    from explainer.llm.facts import Facts
    from explainer.llm.lexicon import Lexicon
    from explainer.llm.metric import Metric
    from explainer.llm.sentence import Sentence

_SIGN = r"(?:[-+\u2212]|[Mm]inus\s|moins\s|menos\s|meno\s|min\s)?"
# 1,473 and 1 473 are thousands; 11,9 is a decimal comma, as most languages but English write it.
_DIGITS = r"(?:\d{1,3}(?:[,\s\u202f]\d{3})+(?![\d,])(?:\.\d+)?|\d+(?:[.,]\d+)?)(?:[eE][-+]?\d{1,2})?"
_UNIT = r"\s*(?:%|[°µμA-Za-z²³/]+(?:/[A-Za-z²³]+)?(?:\s+(?:[A-Z][a-z]+|celsius|fahrenheit)|\s+points?)?)"
_TOKEN = re.compile(
    rf"⟦(?P<name>\d+)⟧|(?<![\w.,])(?P<number>{_SIGN}{_DIGITS})(?![\w]*\d)(?P<unit>{_UNIT})?|(?P<word>[^\W\d_]+)|(?P<stop>[,:(])"
)
# What stands before or behind a number tells its part: "70 was expected", "by 25", "25 above", "from 70 to 95".
_IS_NORMAL = re.compile(
    r"\s*(?:was |is |were |would be |would have been |being |will be |wäre |wären |war |ist |est |era )?"
    r"(?:expected|normal|usual|typical|fits|erwartet|attendu|esperad|attes)"
)
_GAP_BEFORE = re.compile(
    r"\b(?:by|um|difference of|deviation of|gap of|deviates)\s+(?:about |around |roughly |nearly |etwa )?$"
)
_GAP_AFTER = re.compile(
    r"\s*(?:\([^()]*\)\s*)?(?:points?\s+|percentage points?\s+)?"
    r"(?:warmer|colder|hotter|cooler|wärmer|kälter|faster|slower|above|below|higher|lower|more|less|over|under|too|off|away|über|unter|zu|höher|niedriger)\b"
)
_START = re.compile(
    r"(?:\bfrom|\bversus|\bvs\.?|\bagainst|\bvon|(?<!est )(?<!sont )\bde|\bda|\bvan)\s+(?:about |around |roughly )?$"
)
_STANDS_AT = re.compile(r"\b(?:at|with|mit|bei|auf|à|con|op)\s+(?:about |around |roughly |nearly |etwa )?$")
_RANGE_GOES_ON = re.compile("\\s*(?:to|and|through|bis|und|à|et|a|y|e|tot|en|-|\N{EN DASH})\\s*[-\u2212]?\\d")
_RANGE_END = re.compile(rf"\s*(?:to|and|bis|und|à|et|a|y|e|tot|en|-|\N{{EN DASH}})\s*{_SIGN}{_DIGITS}(?P<unit>{_UNIT})")
_LIMIT = r"(?:limit|bound|end|threshold)\s+(?:of|at|is)\s+(?:about |around |roughly )?$"
_UPPER = re.compile(r"\b(?:upper|top|highest)\s+" + _LIMIT)
_LOWER = re.compile(r"\b(?:lower|bottom|lowest)\s+" + _LIMIT)
_OF_NORMAL = re.compile(r"\s*of\s+(?:the |its |what is )?(?:normal|usual|expected)")
_READINGS = frozenset(("", "reading", "readings", "abnormal", "unusual", "messwerte", "werte"))
_DAYS = frozenset(("day", "days", "tage", "tagen", "jours", "días", "giorni", "dagen"))
_LOOKS_LIKE_UNIT = re.compile(r"[°µμ²³/%]")


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
    def counts_readings(self) -> bool:
        """Tell whether it may count readings."""
        return self.unit is None and self.word in _READINGS

    @property
    def counts_days(self) -> bool:
        """Tell whether it counts days."""
        return self.unit is None and self.word in _DAYS

    @property
    def is_gap(self) -> bool:
        """Tell whether it says how far one figure is from another: "by 25", "25 above"."""
        stands_at = _STANDS_AT.search(self.before) is not None  # "at 95 °C above the usual range" gives no distance
        return bool(_GAP_BEFORE.search(self.before) or (_GAP_AFTER.match(self.after) and not stands_at))

    def fits(self, fact: float, *, unsigned: bool = False) -> bool:
        """Tell whether a fact rounds to what was stated; `unsigned` if its sign does not matter."""
        tolerance = self.step * 0.5 + 1e-9 * max(1.0, abs(fact))
        value = abs(self.value) if unsigned else self.value
        return abs(value - (abs(fact) if unsigned else fact)) <= tolerance


def stated_number(token: re.Match[str], facts: Facts) -> StatedNumber:
    """Read the number of a token, with what stands around it."""
    value, step = _value_and_step(token["number"])
    unit, word = _unit(token["unit"], facts)
    end = token.end("unit") if unit else token.end("number")
    if unit is None and (ends := _RANGE_END.match(token.string, end)) is not None:
        unit = _unit(ends["unit"], facts)[0]  # "5.8 to 7.2 °C": both are °C
    before = token.string[: token.start()].lower()
    return StatedNumber(token["number"].strip(), value, step, unit, word, before, token.string[end:].lower())


def figures_of(  # noqa: PLR0911 - one exit a part that a number may play
    stated: StatedNumber, metric: Metric, sentence: Sentence, *, stuck: bool
) -> tuple[float, ...]:
    """Return the figures of a metric that a number may be, by the words around it.

    Args:
        stated: the number.
        metric: what it is said of.
        sentence: what the words before it announced.
        stuck: whether the metric does not move: then "from" says what is seen.

    Raises:
        AnswerError: the metric is not measured in the number's unit.
    """
    percent = stated.unit == "%"
    if percent and sentence.share:
        return metric.shares
    if percent and plain_unit(metric.unit or "") != "%":
        if _OF_NORMAL.match(stated.after):
            return () if metric.ratio is None else (metric.ratio * 100,)
        return metric.offs
    _check_unit(stated, metric)
    if _IS_NORMAL.match(stated.after):
        return metric.normal
    if stated.is_gap:
        return metric.gaps
    if sentence.normal or (_START.search(stated.before) and not stuck):
        return _ends(stated, metric) if sentence.bounds and metric.bounds else metric.normal
    return metric.seen


def check_word_behind(stated: StatedNumber, lexicon: Lexicon, facts: Facts) -> None:
    """Refuse an unknown word behind a number: it may be a unit.

    Raises:
        AnswerError: it may be one that no metric is measured in.
    """
    word = stated.word
    if stated.unit is None and word and not word.startswith("⟦"):
        known = lexicon.knows(word) or stated.counts_readings or stated.counts_days or word in facts.foreign
        if _LOOKS_LIKE_UNIT.search(word) or not known:
            raise AnswerError(f"nothing in the evidence is measured in {word}")


def in_unit_of(stated: StatedNumber, facts: Facts) -> list[Metric]:
    """Return the metrics that are measured in a number's unit."""
    if stated.unit is None:
        return []
    return [one for one in facts.metrics if one.unit and plain_unit(one.unit) == stated.unit]


def _ends(stated: StatedNumber, metric: Metric) -> tuple[float, ...]:
    """Return the ends of a metric's range that a number may be: "the upper limit of" leaves one."""
    if _UPPER.search(stated.before):
        return metric.bounds[-1:]
    return metric.bounds[:1] if _LOWER.search(stated.before) else metric.bounds


def _check_unit(stated: StatedNumber, metric: Metric) -> None:
    own = plain_unit(metric.unit or "")
    bare = stated.unit == "°" and own in {"°c", "°f", "k"}
    if stated.unit is not None and not bare and stated.unit not in {own, own.lstrip("°")}:
        raise AnswerError(f"{metric.name} is not measured in {stated.unit}")
    # mW and MW differ in their first letter's case alone.
    if stated.unit and metric.unit and {stated.word[:1], metric.unit[:1]} == {"m", "M"}:
        raise AnswerError(f"{metric.name} is not measured in {stated.word}")


def _unit(text: str | None, facts: Facts) -> tuple[str | None, str]:
    """Split what stands behind a number into a unit, if it is one, and the word itself."""
    word = (text or "").strip()
    if word == "a":  # "226 a 238": a word of several languages; amperes are written with a capital
        return None, word
    if word.lower() in {"grad", "grados", "gradi"}:
        return "°", word
    if word.lower().startswith("degree") and "c" not in word.lower()[7:] and "f" not in word.lower()[7:]:
        return "°", word
    if word.lower().startswith("percentage point") or word.lower() == "% points":
        return "%", word
    for candidate in (word, word.split(" ")[0]):
        unit = plain_unit(candidate)
        if candidate and (unit in facts.units or unit in {plain_unit(one) for one in facts.units} | {"%", "°c", "°f"}):
            return unit, candidate
    return None, word.split(" ")[0].lower()


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
