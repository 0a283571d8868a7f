"""Refuses names and quantities that the evidence does not hold: other devices, other metrics."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from explainer.errors import AnswerError
from explainer.grounding.lexicon import things, word_set
from explainer.grounding.naming import is_unit_word, parts_of, plain_name, plain_unit
from explainer.grounding.ratios import TIMES

if TYPE_CHECKING:
    from explainer.grounding.facts import Facts
    from explainer.grounding.line import Line

MARK = re.compile(r"⟦\d+⟧")
_NUMBERED = re.compile(r"⟦(\d+)⟧(?:[_\-/]\d|\s*\d+(?![\d.,]*\d)\s*([^\W\d]*|[%°].*))")
_SIGNS = re.compile(r"[,;:!?()'\"]")
# With a figure or an underscore in it: no word of a language.
_NAME_LIKE = re.compile(
    r"(?<![\w°/])[^\W\d_]+(?:_[^\W_]+)+|(?<![\w°/])(?=[\w\-/]*\d)(?=[\w\-/]*[^\W\d_])[^\W\d_][\w]*(?:[\-_][\w]+)*"
)
# "power supply", "CO2 concentration": no quantity of its own.
_AFTER_POWER = word_set("supply supplies cable cord cut outage loss failure adapter plug source unit grid")
_MEASURES = word_set("concentration konzentration concentración concentrazione")
_MEDIA = word_set("wind water oil air gas steam")
_KINDS = {"gas": word_set("co2 co o2 n2 h2 ch4 methane nitrogen oxygen air"), "air": word_set("wind")}
_GUESSES = word_set(
    """
    likely unlikely suggest suggests may might could perhaps
    possibly maybe probably könnte möglicherweise peut podría potrebbe
    """
)
_SAYING = frozenset(("up", "down", "same", "noisy", "stuck", "missing", "hot", "cold", "sudden", "gradual"))
_OTHER_ONES = word_set("neighbouring neighboring neighbour neighbor another sister adjacent")


def check_names(text: str, facts: Facts) -> None:
    """Refuse what looks like the name of another device or metric: `press-2`, `pm25`."""
    for index, behind in _NUMBERED.findall(text):
        if facts.names[int(index)].metric is None and not _may_be_unit(behind, facts):
            raise AnswerError("it names another device")
    plain = f" {plain_name(MARK.sub(' ', _SIGNS.sub(' ', text)))} "
    if facts.others and any(f" {one} " in plain for one in facts.others):
        raise AnswerError("it names another device")
    for word in _NAME_LIKE.findall(text):
        if plain_unit(word) not in facts.units and not word.startswith("⟦"):
            raise AnswerError(f"it names {word}, which the evidence does not hold")


def _may_be_unit(word: str, facts: Facts) -> bool:
    """Tell whether a number before a word may be a figure: "in the boiler 70 °C are expected"."""
    return word[:1] in {"%", "°"} or plain_unit(word) in facts.units or is_unit_word(word.lower()) or word in TIMES


def check_foreign(line: Line, at: int) -> None:
    """Refuse a quantity that nothing here measures.

    Raises:
        AnswerError: a word names one.
    """
    word = line.tokens[at].text
    if word in _OTHER_ONES:
        raise AnswerError("it speaks of another device")
    if word not in line.facts.foreign:
        return
    behind = line.tokens[at + 1].text if at + 1 < len(line.tokens) else ""
    if word == "flow" and at and line.tokens[at - 1].sort == "figure":
        return  # "only 12.4 A flow"
    if word == "power" and behind in _AFTER_POWER:
        return
    if word in _MEASURES and at and line.metric_at(at - 1) is not None:
        return
    if _is_guessed(line, at):
        return
    raise AnswerError(f"the evidence has no {word}")


def _is_guessed(line: Line, at: int) -> bool:
    """Tell whether a clause only guesses, without a figure or a direction: "the cause may be the power"."""
    clause = line.tokens[line.clause_start(at) : line.clause_end(at)]
    guessed = any(token.text in _GUESSES for token in clause)
    return guessed and not any(token.figure is not None or token.roles & _SAYING for token in clause)


def check_modifier(line: Line, at: int) -> None:
    """Refuse "wind speed" where the speed is a rotor's: the quantity of something else.

    Raises:
        AnswerError: what stands before a word for a quantity makes it another metric.
    """
    token, before = line.tokens[at], line.tokens[at - 1] if at else None
    if before is None or token.metric is None or not token.weak or token.modifies:
        return
    parts = parts_of(token.metric.name.lower())
    is_thing = before.text in things() if before.sort == "word" else before.text in _MEDIA
    known = {before.text, *_KINDS.get(before.text, ())}
    if is_thing and not known.intersection(parts) and len(parts) > 1:
        raise AnswerError(f"the evidence has no {before.text} {token.text}")


def check_apposition(line: Line, at: int) -> None:
    """Refuse a metric explained by another one's name: "the current (motor_rpm)".

    Raises:
        AnswerError: both differ.
    """
    around = line.tokens[max(0, at - 2) : at + 2]
    if [token.text for token in around[1:]] != ["(", line.tokens[at].text, ")"]:
        return
    explained, metric = around[0].metric, line.tokens[at].metric
    if explained is not None and metric is not None and explained is not metric:
        raise AnswerError(f"{explained.name} is not {metric.name}")
