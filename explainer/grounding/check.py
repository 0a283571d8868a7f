"""Checks that a text states only what the evidence holds: metric, number and direction, each with the others.

Figures come first: each must be one that the evidence gives of a metric in that unit, in a part that the words around
it allow, and must not stand beside the name of another. Words that claim a direction, a kind of trouble or that all is
as usual are then held against the metrics that they speak of. What claims nothing is let pass; what names a device, a
metric or a unit that the evidence does not hold is refused, and so is a language that is not known here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from explainer.errors import AnswerError
from explainer.grounding.counts import check_size
from explainer.grounding.directions import take_direction
from explainer.grounding.feelings import is_felt
from explainer.grounding.lexicon import lexicon_for
from explainer.grounding.line import Line
from explainer.grounding.names import MARK, check_apposition, check_foreign, check_modifier, check_names
from explainer.grounding.naming import plain_unit
from explainer.grounding.numbers import Reading, check_figure
from explainer.grounding.plain import plain_text
from explainer.grounding.subjects import subjects_of
from explainer.grounding.text import sentences, with_names_marked
from explainer.grounding.troubles import take_trouble

if TYPE_CHECKING:
    from collections.abc import Iterable

    from explainer.grounding.facts import Facts
    from explainer.grounding.lexicon import Lexicon
    from explainer.grounding.metric import Metric
    from explainer.grounding.text import Token
    from explainer.llm.answer import CleanAnswer

_SO_DID = re.compile(
    r"\b(?:so (?:did|has|have|does|do|is|are|was)|likewise|as did|as has|ditto|ebenso|vice versa)\b", re.IGNORECASE
)
_LEAST_WORDS = 6  # of a reason that names no metric
_DIGIT = re.compile(r"\d")


def check_grounding(texts: Iterable[str], facts: Facts) -> None:
    """Check texts against facts; the last one, the reason, must say something.

    Raises:
        AnswerError: a text says something that the evidence does not hold; the error names it.
    """
    marked = [with_names_marked(text, facts) for text in texts]
    lexicon = lexicon_for(MARK.sub(" ", text) for text in marked)
    reading = Reading()
    for words in marked:
        check_names(words, facts)
        if _SO_DID.search(words):
            raise AnswerError("it says of one metric what it said of another; say it of each")
    split = [list(sentences(text, facts, lexicon)) for text in marked]
    reading.mentioned = [one for text in split for tokens in text for one in _metrics_in(tokens)]
    _check_says_something(split, facts)
    for text in split:
        carried: list[Metric] = list(facts.metrics) if len(facts.metrics) == 1 else []
        told: list[Metric] = []
        for tokens in text:
            line = Line(tokens, facts, carried, told)
            _check_line(line, reading, lexicon)
            told += [*_metrics_in(tokens), *line.of_figures.values()]
            carried = _spoken_of_last(line) or carried


def check_hypotheses(answer: CleanAnswer, facts: Facts) -> None:
    """Check that causes and actions carry no numbers but in names of the evidence, and are more than a repetition.

    Raises:
        AnswerError: one does.
    """
    said = {_plain(answer.label), _plain(answer.reason)}
    if any(_plain(one.cause) in said for one in answer.causes):
        raise AnswerError("a cause repeats what was seen; say why it may be")
    told = [(one.cause, "a cause") for one in answer.causes] + [(one, "an action") for one in answer.actions]
    for text, what in told:
        marked = with_names_marked(text, facts)
        if _DIGIT.search(MARK.sub(" ", marked)):
            raise AnswerError(f"{what} holds a number")
        check_names(marked, facts)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", plain_text(text).lower()))


def _metrics_in(tokens: list[Token]) -> list[Metric]:
    return [token.metric for token in tokens if token.sort == "name" and token.metric is not None]


def _spoken_of_last(line: Line) -> list[Metric]:
    place = line.named_before(len(line.tokens))
    if place is not None:
        return subjects_of(line, place + 1) if place + 1 < len(line.tokens) else [_metrics_in(line.tokens)[-1]]
    return [line.of_figures[max(line.of_figures)]] if line.of_figures else []


def _check_says_something(texts: list[list[list[Token]]], facts: Facts) -> None:
    if not facts.metrics:
        said = {role for tokens in texts[-1] for token in tokens for role in token.roles}
        if facts.kind == "silence" and "contact" not in said:
            raise AnswerError("its reason does not say that nothing is heard of the device")
        return
    units = {plain_unit(one.unit) for one in facts.metrics if one.unit}
    figures = [token.figure for text in texts for tokens in text for token in tokens if token.figure is not None]
    measured = any(figure.unit in units for figure in figures)
    felt = any(is_felt(token, facts) for text in texts for tokens in text for token in tokens)
    if not measured and not felt and not any(_metrics_in(tokens) for text in texts for tokens in text):
        raise AnswerError("it names none of the metrics")
    reason = [token for tokens in texts[-1] for token in tokens]
    if any(token.figure is not None and token.figure.unit in units for token in reason):
        return
    if not _metrics_in(reason) and sum(token.sort != "stop" for token in reason) < _LEAST_WORDS:
        raise AnswerError("its reason says less than the evidence itself")


def _check_line(line: Line, reading: Reading, lexicon: Lexicon) -> None:
    reading.part, reading.shares = None, False
    for at, token in enumerate(line.tokens):
        if token.figure is not None:
            check_figure(line, at, token.figure, reading, lexicon)
            continue
        if token.sort == "name":
            check_apposition(line, at)
            check_modifier(line, at)
        if token.sort == "word":
            check_foreign(line, at)
            reading.shares = reading.shares or "share" in token.roles
            check_size(line, at)
        if token.sort == "word" or token.roles:
            take_trouble(line, at)
            take_direction(line, at)
