"""Checks that a text states only what the evidence holds: metric, number and direction, each with the others.

The text is read from left to right, sentence by sentence. A number belongs to the metric named last before it, a word
of direction to it and to all metrics joined with it ("temperature and pressure are high"). What cannot be attributed is
refused: a true sentence in odd words costs a repair, a false one that passes would cost trust.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from explainer.errors import AnswerError
from explainer.llm import trend_words as words
from explainer.llm.figures import allowed_figures, stated_number, tokens_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from explainer.llm.facts import Facts, Metric, Trend

_SENTENCE = re.compile(r"(?<=[.!?;:])\s+")
_PER_MINUTE = re.compile(r"\b1/min\b")  # a unit must not begin with a figure
_FIGURE, _NAME = "#", "@"  # stand for a number and a name among the words that follow


@dataclass(slots=True)
class _Reading:
    """Where in a sentence we are."""

    last: Metric | None
    open: list[Metric] = field(default_factory=list)
    spent: bool = False
    joined: bool = False
    named: list[Metric] = field(default_factory=list)
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
    return _PER_MINUTE.sub("rpm", text)


def _check_sentence(sentence: str, facts: Facts, last: Metric | None) -> Metric | None:
    reading = _Reading(last=last)
    tokens = tokens_of(sentence, facts)
    for index, token in enumerate(tokens):
        if token["name"] is not None:
            _take_name(reading, facts.names[int(token["name"])][1])
        elif token["number"] is not None:
            _take_number(reading, token, facts, _next_metric(tokens[index + 1 :], facts))
        else:
            following = [_shape(one) for one in tokens[index + 1 : index + 3]]
            _take_word(reading, token["word"].lower(), following, facts, _next_metric(tokens[index + 1 :], facts))
    return reading.last


def _take_name(reading: _Reading, metric: Metric | None) -> None:
    if metric is None:
        return
    if not reading.joined or reading.spent:
        reading.open, reading.spent = [], False
    reading.last, reading.normal, reading.joined = metric, False, True
    reading.open.append(metric)
    reading.named.append(metric)
    if reading.waiting is not None:
        _check_trend([metric], reading.waiting)
        reading.waiting, reading.spent = None, True


def _shape(token: re.Match[str]) -> str:
    if token["word"] is not None:
        return token["word"].lower()
    return _NAME if token["name"] is not None else _FIGURE


def _take_word(reading: _Reading, word: str, following: list[str], facts: Facts, next_metric: Metric | None) -> None:
    reading.joined = reading.joined and word in words.JOINING
    if word in words.TOGETHER:
        reading.open, reading.spent = list(reading.named), False
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
    stated = stated_number(token, facts)
    reading.joined = False
    metric = reading.last or next_metric
    if stated.counts and any(stated.fits(figure) for figure in facts.figures):
        return
    if metric is None:
        raise AnswerError(f"the number {stated.text} belongs to no metric")
    if not any(stated.fits(one) for one in allowed_figures(stated, metric, normal=reading.normal)):
        role = "what is usual for" if reading.normal else "what was seen of"
        raise AnswerError(f"the evidence does not give {stated.text} as {role} {metric.name}")
    reading.normal = reading.normal and stated.begins_range


def _next_metric(tokens: list[re.Match[str]], facts: Facts) -> Metric | None:
    for token in tokens:
        if token["name"] is not None and (metric := facts.names[int(token["name"])][1]) is not None:
            return metric
    return None
