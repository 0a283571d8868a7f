"""Checks that a text states only what the evidence holds: metric, number and direction, each with the others.

The text is read from left to right, sentence by sentence. A number belongs to the metric named last before it, a word
of direction to it and to all metrics joined with it ("temperature and pressure are high"). What cannot be attributed,
and what is written in a language that is not known here, is refused: a true sentence in odd words costs a repair, a
false one that passes would cost trust.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from explainer.errors import AnswerError
from explainer.llm import claims, counts
from explainer.llm.directions import Ahead
from explainer.llm.figures import check_word_behind, figures_of, in_unit_of, stated_number, tokens_of
from explainer.llm.lexicon import lexicon_for
from explainer.llm.naming import plain_name
from explainer.llm.sentence import Sentence, shape

if TYPE_CHECKING:
    from collections.abc import Iterable

    from explainer.llm.answer import CleanAnswer
    from explainer.llm.facts import Facts
    from explainer.llm.figures import StatedNumber
    from explainer.llm.lexicon import Lexicon
    from explainer.llm.metric import Metric

_SENTENCE = re.compile(r"(?<=[.!?;])\s+")
_PER_MINUTE = re.compile(r"\b1/min\b")  # a unit must not begin with a figure
_SO_DID = re.compile(
    r"\b(?:so (?:did|has|have|does|do|is|are|was)|likewise|as did|as has|ditto|ebenso|vice versa)\b", re.IGNORECASE
)
_WIDTH = re.compile(r"\s*times its usual width off")
_LEAST_WORDS = 6  # of a reason that names no metric
_DIGIT = re.compile(r"\d")
_MARK = re.compile(r"⟦\d+⟧")
_NUMBERED = re.compile(r"⟦\d+⟧[\s_\-/]*\d+(?![\d.,]*\s*[%°A-Za-z])|⟦\d+⟧[_\-]\d")
_SIGNS = re.compile(r"[,;:!?()'\"]")
# With a figure or an underscore in it: no word of a language.
_NAME_LIKE = re.compile(
    r"(?<![\w°])[^\W\d_]+(?:_[^\W_]+)+|(?<![\w°])(?=[\w\-/]*\d)(?=[\w\-/]*[^\W\d_])[^\W\d_][\w]*(?:[\-_][\w]+)*"
)


def check_grounding(texts: Iterable[str], facts: Facts) -> None:
    """Check texts against facts; the last one, the reason, must say something.

    Raises:
        AnswerError: a text says something that the evidence does not hold; the error names it.
    """
    marked = [_with_names_marked(text, facts) for text in texts]
    lexicon = lexicon_for(_MARK.sub(" ", text) for text in marked)
    if facts.metrics and not any(_names_metric(text, facts) for text in marked):
        raise AnswerError("it names none of the metrics")
    if facts.metrics and not _names_metric(marked[-1], facts) and len(marked[-1].split()) < _LEAST_WORDS:
        raise AnswerError("its reason says less than the evidence itself")
    for text in marked:
        _check_names(text, facts)
        if _SO_DID.search(text):
            raise AnswerError("it says of one metric what it said of another; say it of each")
        sentence = Sentence(last=facts.metrics[0] if len(facts.metrics) == 1 else None)
        for words in _SENTENCE.split(text):
            sentence = sentence.next()
            _check_sentence(words, facts, lexicon, sentence)


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
        marked = _with_names_marked(text, facts)
        if _DIGIT.search(_MARK.sub(" ", marked)):
            raise AnswerError(f"{what} holds a number")
        _check_names(marked, facts)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def _names_metric(marked: str, facts: Facts) -> bool:
    return any(facts.names[int(mark[1:-1])][1] is not None for mark in _MARK.findall(marked))


def _with_names_marked(text: str, facts: Facts) -> str:
    for moment in facts.moments:
        text = text.replace(moment, "then")
    for index, (pattern, _metric) in enumerate(facts.names):
        text = pattern.sub(f"⟦{index}⟧", text)
    return _PER_MINUTE.sub("rpm", text)


def _check_names(text: str, facts: Facts) -> None:
    """Refuse what looks like the name of another device or metric: `press-2`, `pm25`."""
    if (found := _NUMBERED.search(text)) is not None and _is_device(found.group(), facts):
        raise AnswerError("it names another device")
    plain = f" {plain_name(_MARK.sub(' ', _SIGNS.sub(' ', text)))} "
    if facts.others and any(f" {one} " in plain for one in facts.others):
        raise AnswerError("it names another device")
    for word in _NAME_LIKE.findall(text):
        if word.lower() not in facts.units and not word.startswith("⟦"):
            raise AnswerError(f"it names {word}, which the evidence does not hold")


def _is_device(marked: str, facts: Facts) -> bool:
    return facts.names[int(marked[1 : marked.index("⟧")])][1] is None


def _check_sentence(words: str, facts: Facts, lexicon: Lexicon, sentence: Sentence) -> None:
    tokens = tokens_of(words, facts)
    shapes = [shape(token) for token in tokens]
    for index, token in enumerate(tokens):
        ahead = Ahead(shapes[index + 1 : index + 6], _next_metric(tokens[index + 1 :], facts))
        if token["name"] is not None:
            claims.take_name(sentence, facts.names[int(token["name"])][1], lexicon)
        elif token["number"] is not None:
            _take_number(sentence, stated_number(token, facts), facts, lexicon, ahead.metric)
        elif token["word"] is not None:
            claims.take_word(sentence, token["word"].lower(), ahead, facts, lexicon)
        sentence.before.append(shapes[index])


def _take_number(
    sentence: Sentence, stated: StatedNumber, facts: Facts, lexicon: Lexicon, next_metric: Metric | None
) -> None:
    sentence.joined = False
    check_word_behind(stated, lexicon, facts)
    if counts.is_count(stated, facts):
        return
    if stated.word in counts.DEVICES:
        raise AnswerError(f"the evidence does not hold {stated.text} devices")
    metric = _subject(sentence, stated, facts, next_metric)
    if stated.unit is None and stated.word == "times" and _WIDTH.match(stated.after):
        counts.check_widths(metric, stated)
        return
    if stated.unit is None and stated.word == "times":
        counts.check_ratio(metric, stated.value, stated.text + " times", least=counts.more_than(sentence))
        return
    figures = figures_of(stated, metric, sentence, stuck=facts.stuck)
    if not any(stated.fits(one, unsigned=stated.is_gap or stated.unit == "%") for one in figures):
        role = "what is usual for" if sentence.normal else "what was seen of"
        raise AnswerError(f"the evidence does not give {stated.text} as {role} {metric.name}")
    if figures is metric.seen and sentence.unknown is not None:
        raise AnswerError(f"{sentence.unknown!r} says something of {metric.name} that cannot be checked")
    sentence.normal = sentence.normal and stated.begins_range
    sentence.bounds = sentence.bounds and stated.begins_range
    sentence.unknown = None


def _subject(sentence: Sentence, stated: StatedNumber, facts: Facts, next_metric: Metric | None) -> Metric:
    """Find the metric that a number is said of: named before it, or the only one in its unit, or named next."""
    metric = sentence.last
    if metric is None or (sentence.last_is_old and next_metric is not None and not sentence.named):
        fitting = in_unit_of(stated, facts)
        metric = fitting[0] if len(fitting) == 1 else next_metric or metric
    if metric is None:
        raise AnswerError(f"the number {stated.text} belongs to no metric")
    return metric


def _next_metric(tokens: list[re.Match[str]], facts: Facts) -> Metric | None:
    for token in tokens:
        if token["name"] is not None and (metric := facts.names[int(token["name"])][1]) is not None:
            return metric
    return None
