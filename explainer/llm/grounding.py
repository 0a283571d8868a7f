"""Checks that a text states only what the evidence holds: metric, number and direction, each with the others.

The text is read from left to right, sentence by sentence. A number belongs to the metric named last before it, a word
of direction to all metrics named since the last one that had its own ("temperature and pressure are high"). What cannot
be attributed is refused: a true sentence in odd words costs a repair, a false one that passes would cost trust.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from explainer.errors import AnswerError
from explainer.llm import trend_words as words
from explainer.llm.facts import plain_unit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from explainer.llm.facts import Facts, Metric, Trend

_SENTENCE = re.compile(r"(?<=[.!?;:])\s+")
_NUMBER = r"(?P<number>[-+\u2212]?\d[\d,\s]*(?:\.\d+)?(?:[eE][-+]?\d+)?)"
_TOKEN = re.compile(
    rf"⟦(?P<name>\d+)⟧|(?<![\w.]){_NUMBER}(?P<unit>\s*(?:%|[°µA-Za-z²³/]+(?:/[A-Za-z²³]+)?(?:\s+[A-Z][a-z]+)?))?"
    r"|(?P<word>[A-Za-z']+)",
)
# What stands before or behind a number tells its part: "70 was expected", "by 25", "25 above", "from 70 to 95".
_IS_NORMAL = re.compile(r"\s*(?:was |is |were |would be |being )?(?:expected|normal|usual|typical)")
_GAP_BEFORE = re.compile(r"\b(?:by|difference of|deviation of|deviates)\s+(?:about |around |roughly |nearly )?$")
_GAP_AFTER = re.compile(r"\s*(?:above|below|higher|lower|more|less|over|under|too|off)\b")
_START = re.compile(r"(?:\bfrom|\bversus|\bvs\.?|\bagainst)\s*$")
_RANGE_GOES_ON = re.compile("\\s*(?:to|and|through|-|\N{EN DASH})\\s*\\d")
_FIGURE, _NAME = "#", "@"  # stand for a number and a name among the words that follow


@dataclass(slots=True)
class _Reading:
    """Where in a sentence we are."""

    last: Metric | None
    open: list[Metric] = field(default_factory=list)
    spent: bool = False
    waiting: Trend | None = None
    normal: bool = False


def check_grounding(texts: Iterable[str], facts: Facts) -> None:
    """Check texts against facts.

    Raises:
        AnswerError: a text says something that the evidence does not hold; the error names it.
    """
    texts = list(texts)
    if facts.metrics and not any(_names_metric(text, facts) for text in texts):
        raise AnswerError("it names none of the metrics")
    for text in texts:
        last = facts.metrics[0] if len(facts.metrics) == 1 else None
        for sentence in _SENTENCE.split(_with_names_marked(text, facts)):
            last = _check_sentence(sentence, facts, last)


def _names_metric(text: str, facts: Facts) -> bool:
    return any(metric is not None and pattern.search(text) for pattern, metric in facts.names)


def _with_names_marked(text: str, facts: Facts) -> str:
    for index, (pattern, _metric) in enumerate(facts.names):
        text = pattern.sub(f"⟦{index}⟧", text)
    return text


def _check_sentence(sentence: str, facts: Facts, last: Metric | None) -> Metric | None:
    reading = _Reading(last=last)
    tokens = _tokens(sentence, facts)
    for index, token in enumerate(tokens):
        if token["name"] is not None:
            _take_name(reading, facts.names[int(token["name"])][1])
        elif token["number"] is not None:
            _take_number(reading, token, facts, _next_metric(tokens[index + 1 :], facts))
        else:
            following = [_shape(one) for one in tokens[index + 1 : index + 3]]
            _take_word(reading, token["word"].lower(), following, facts, _next_metric(tokens[index + 1 :], facts))
    return reading.last


def _tokens(sentence: str, facts: Facts) -> list[re.Match[str]]:
    """Split a sentence; a word behind a number that is no unit is a word of its own."""
    tokens: list[re.Match[str]] = []
    position = 0
    while (token := _TOKEN.search(sentence, position)) is not None:
        tokens.append(token)
        no_unit = token["unit"] is not None and _unit(token["unit"], facts)[0] is None
        position = token.end("number") if no_unit else token.end()
    return tokens


def _take_name(reading: _Reading, metric: Metric | None) -> None:
    if metric is None:
        return
    if reading.spent:
        reading.open, reading.spent = [], False
    reading.last, reading.normal = metric, False
    reading.open.append(metric)
    if reading.waiting is not None:
        _check_trend([metric], reading.waiting)
        reading.waiting, reading.spent = None, True


def _shape(token: re.Match[str]) -> str:
    if token["word"] is not None:
        return token["word"].lower()
    return _NAME if token["name"] is not None else _FIGURE


def _take_word(reading: _Reading, word: str, following: list[str], facts: Facts, next_metric: Metric | None) -> None:
    if word in facts.foreign:
        raise AnswerError(f"the evidence has no {word}")
    if word in words.SIZES:
        raise AnswerError(f"it states a size in words ({word})")
    reading.normal = (reading.normal or word in words.NORMAL) and word not in words.SEEN
    trend = _trend(word, following)
    if trend is None or not facts.metrics:  # where no metric is shown, "down" is said of a device
        return
    if word in words.BEFORE_NAME and next_metric is not None and _names_at_once(following):
        reading.waiting = trend
        return
    subjects = reading.open or ([reading.last] if reading.last else [])
    if subjects:
        _check_trend(subjects, trend)
        reading.spent = True
    elif next_metric is not None:
        reading.waiting = trend
    else:
        raise AnswerError(f"it says {word!r} of nothing that the evidence names")


def _trend(word: str, following: list[str]) -> Trend | None:
    if following and following[0] in words.NO_TREND:
        return None
    if word in words.OVER:
        normal = len(following) > 1 and following[0] in words.SMALL and following[1] in words.NORMAL
        return words.OVER[word] if normal or following[:1] == [_FIGURE] else None
    if word in {"up", "down"} and following[:1] == ["to"]:
        return None
    return "up" if word in words.UP else "down" if word in words.DOWN else None


def _names_at_once(following: list[str]) -> bool:
    """Tell whether a name follows directly or behind one small word."""
    return following[:1] == [_NAME] or (
        following[:1] != [] and following[0] in words.SMALL and following[1:] == [_NAME]
    )


def _check_trend(metrics: list[Metric], trend: Trend) -> None:
    for metric in metrics:
        if metric.trend != trend:
            seen = {"up": "above what was expected", "down": "below what was expected", None: "on neither side"}
            raise AnswerError(f"{metric.name} was seen {seen[metric.trend]}, not {trend}")


def _take_number(reading: _Reading, token: re.Match[str], facts: Facts, next_metric: Metric | None) -> None:
    stated = _stated(token, facts)
    metric = reading.last or next_metric
    if stated.unit is None and _counts(stated.word) and any(stated.fits(figure) for figure in facts.figures):
        return
    if metric is None:
        raise AnswerError(f"the number {stated.text} belongs to no metric")
    if not any(stated.fits(one) for one in _allowed(reading, stated, metric)):
        role = "what is usual for" if reading.normal else "what was seen of"
        raise AnswerError(f"the evidence does not give {stated.text} as {role} {metric.name}")
    reading.normal = reading.normal and _RANGE_GOES_ON.match(stated.after) is not None


def _allowed(reading: _Reading, stated: _Stated, metric: Metric) -> tuple[float, ...]:
    """Return the figures of a metric that a number may be, by the words before and after it."""
    unit = stated.unit
    if unit == "%" != metric.unit:
        return metric.percents
    if unit is not None and unit not in {metric.unit, (metric.unit or "").lstrip("°")}:
        raise AnswerError(f"{metric.name} is not measured in {unit}")
    if _IS_NORMAL.match(stated.after):
        return metric.normal
    if _GAP_BEFORE.search(stated.before) or _GAP_AFTER.match(stated.after):
        return metric.gaps
    if reading.normal or _START.search(stated.before):
        return metric.normal
    return metric.seen


@dataclass(frozen=True, slots=True)
class _Stated:
    """A number in a text: `step` says how coarsely it was rounded, `word` what stands behind it."""

    text: str
    value: float
    step: float
    unit: str | None
    word: str
    before: str
    after: str

    def fits(self, fact: float) -> bool:
        """Tell whether a fact rounds to what was stated; its sign may be left out."""
        tolerance = self.step * 0.5 + 1e-9 * max(1.0, abs(fact))
        return abs(self.value - fact) <= tolerance or abs(abs(self.value) - abs(fact)) <= tolerance


def _stated(token: re.Match[str], facts: Facts) -> _Stated:
    value, step = _value_and_step(token["number"])
    unit, word = _unit(token["unit"], facts)
    end = token.end("unit") if unit else token.end("number")
    before = token.string[: token.start()].lower()
    return _Stated(token["number"].strip(), value, step, unit, word, before, token.string[end:].lower())


def _counts(word: str) -> bool:
    return word in {"", "reading", "readings", "day", "days", "times", "time", "abnormal", "times.", "unusual"}


def _unit(text: str | None, facts: Facts) -> tuple[str | None, str]:
    """Split what stands behind a number into a unit, if it is one, and the word itself."""
    word = (text or "").strip()
    for candidate in (word, word.split(" ")[0]):
        unit = plain_unit(candidate)
        if candidate and (unit in facts.units or unit in {"%", "°c", "°f"}):
            return unit, candidate.lower()
    return None, word.split(" ")[0].lower()


def _next_metric(tokens: list[re.Match[str]], facts: Facts) -> Metric | None:
    for token in tokens:
        if token["name"] is not None and (metric := facts.names[int(token["name"])][1]) is not None:
            return metric
    return None


def _value_and_step(text: str) -> tuple[float, float]:
    """Read a number and how coarsely it was rounded: 95.3 by tenths, 1200 by hundreds at most."""
    plain = re.sub(r"[,\s]", "", text).replace("\N{MINUS SIGN}", "-")
    mantissa, _, exponent = plain.lower().partition("e")
    whole, _, decimals = mantissa.partition(".")
    digits = whole.lstrip("+-")
    zeros = 0 if decimals else min(len(digits) - len(digits.rstrip("0")), max(0, len(digits) - 2))
    return float(plain), 10.0 ** (zeros - len(decimals) + int(exponent or 0))
