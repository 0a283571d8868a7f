"""A text in tokens: names, figures, words and stops, sentence by sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from explainer.errors import AnswerError
from explainer.grounding.figures import NUMBER, UNIT, read_figure
from explainer.grounding.naming import AMBIGUOUS, is_unit_word, parts_of
from explainer.grounding.plain import plain_text, without_moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from explainer.grounding.facts import Facts
    from explainer.grounding.figures import Figure
    from explainer.grounding.lexicon import Lexicon
    from explainer.grounding.metric import Metric

Sort = Literal["name", "figure", "word", "stop"]
_SENTENCE = re.compile(r"(?<=[.!?;])\s+")
_TOKEN = re.compile(
    rf"⟦(?P<name>\d+)⟧|{NUMBER}{UNIT}|(?P<word>[^\W\d_]+)|"
    rf"(?P<stop>[,:;()\[\]=/&.]|\s[-\N{{EN DASH}}\N{{EM DASH}}]\s|\N{{EM DASH}})"
)
_RANGE = re.compile(
    r"\s*(?:to|and|through|bis|und|à|et|a|y|e|tot|en|-|\N{EN DASH}|\N{EM DASH}|\.\.\.?|…)\s*$", re.IGNORECASE
)
_FIGURE_AND_WORD = 2
COUNTED = frozenset(("reading", "readings", "samples", "messages", "messwerte", "days", "times", "metrics"))
_AND = frozenset(("and", "und", "et", "y", "e", "en"))
_BETWEEN = frozenset(("between", "zwischen", "entre", "tra", "from", "tussen"))
_NO_RANGE = frozenset(("by", "um"))  # "sank by 1.8 V to 10.8 V"
_DIGIT = re.compile(r"\d")
_NO_NOUNS = frozenset(("this", "that", "of", "in", "at", "to", "by", "from", "for", "has", "had", "have"))
_NO_NOUN = frozenset(("copula", "up", "down", "turn", "join", "versus", "over", "under", "same", "noisy", "missing"))
_FIGURE_BEFORE = re.compile(r"\d\s*$")


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a sentence.

    Attributes:
        sort: what it is.
        text: in lower case.
        roles: of a word, the sets of the lexicon that it stands in.
        metric: of a name, what it names; None for the device.
        weak: of a name, whether it is a part of the metric's name only.
        modifies: of a name, whether a word for the quantity is to follow.
        figure: of a figure.
        ends_range: of a figure, whether the one before is the lower end of a range with it.
    """

    sort: Sort
    text: str
    roles: frozenset[str] = frozenset()
    metric: Metric | None = None
    weak: bool = False
    modifies: bool = False
    figure: Figure | None = None
    ends_range: bool = False


def with_names_marked(text: str, facts: Facts) -> str:
    """Put ⟦index⟧ for each name of the evidence, and "then" for the time at which it began."""
    text = without_moment(plain_text(text), facts)
    for index, name in enumerate(facts.names):
        text = name.pattern.sub(_mark(f"⟦{index}⟧", is_unit=name.text in facts.units), text)
    return text


def _mark(mark: str, *, is_unit: bool) -> Callable[[re.Match[str]], str]:
    """Return what puts a mark for a name, not where it is the unit of a figure: "1473 rpm"."""

    def put(found: re.Match[str]) -> str:
        return found[0] if is_unit and _FIGURE_BEFORE.search(found.string, 0, found.start()) else mark

    return put


def sentences(marked: str, facts: Facts, lexicon: Lexicon) -> Iterator[list[Token]]:
    """Split a text with names marked into sentences of tokens."""
    for words in _SENTENCE.split(marked):
        yield _tokens(words, facts, lexicon)


def _tokens(sentence: str, facts: Facts, lexicon: Lexicon) -> list[Token]:
    found: list[Token] = []
    position, last_end = 0, 0
    while (match := _TOKEN.search(sentence, position)) is not None:
        if _DIGIT.search(sentence, position, match.start()):
            break
        token = _token(match, facts, lexicon)
        position = match.end()
        if token.figure is not None:
            if match["unit"] and token.figure.unit is None and not match["unit"].startswith("-fold"):
                position = match.end("number")  # a word of its own
            if (
                found
                and found[-1].sort in {"figure", "word", "stop"}
                and _RANGE.match(sentence, last_end, match.start())
            ):
                found, token = _as_range(found, token)
            last_end = position
        found.append(token)
    if _DIGIT.search(sentence, position):
        raise AnswerError("it holds a number that cannot be read")
    afters = [*found[1:], None]
    return [_in_compound(token, after, facts) for token, after in zip(found, afters, strict=False)]


def _in_compound(token: Token, after: Token | None, facts: Facts) -> Token:
    """Make a part of a name a plain word where a name follows ("motor current"), and a noun a name ("less current")."""
    if token.text in AMBIGUOUS and (
        after is None or after.sort != "word" or after.roles & _NO_NOUN or after.text in _NO_NOUNS
    ):
        owners = [metric for metric in facts.metrics if token.text in parts_of(metric.name.lower())]
        return replace(token, sort="name", metric=owners[0], weak=True) if len(owners) == 1 else token
    if token.modifies and after is not None and after.sort == "name" and after.metric is not None:
        return replace(token, sort="word", roles=frozenset(("part",)))
    return token


def _as_range(found: list[Token], upper: Token) -> tuple[list[Token], Token]:
    """Join two figures to a range; a unit behind the upper one is that of both."""
    figures = [(index, token.figure) for index, token in enumerate(found) if token.figure is not None]
    if not figures or upper.figure is None or len(found) - figures[-1][0] > _FIGURE_AND_WORD:
        return found, upper
    at, lower = figures[-1]
    if upper.figure.unit is None and upper.figure.word in COUNTED:
        return found, upper  # "33.4 % and 36 readings"
    joined = found[-1].text in _AND and None not in {lower.unit, upper.figure.unit}
    if joined and not any(token.text in _BETWEEN or "limit" in token.roles for token in found[max(0, at - 4) : at]):
        return found, upper  # "warmer than -79 °C and 14.5 °C above the limit"
    differ = None not in {lower.unit, upper.figure.unit} and lower.unit != upper.figure.unit
    if differ or (at and found[at - 1].text in _NO_RANGE):
        return found, upper
    unit = upper.figure.unit or lower.unit
    begins = replace(lower, unit=unit, word="" if unit else lower.word)
    ends = replace(upper, figure=replace(upper.figure, unit=unit), ends_range=True)
    return [*found[:at], replace(found[at], figure=begins)], ends


def _token(match: re.Match[str], facts: Facts, lexicon: Lexicon) -> Token:
    if match["name"] is not None:
        name = facts.names[int(match["name"])]
        return Token("name", name.text, metric=name.metric, weak=name.weak, modifies=name.modifies)
    if match["number"] is not None:
        return Token("figure", match["number"], figure=read_figure(match, facts))
    if match["stop"] is not None:
        return Token("stop", match["stop"].strip() or "-")
    word = match["word"].lower()
    roles = lexicon.roles(word)
    if not (roles & {"up", "down", "filler"}) and not is_unit_word(word) and (metric := facts.kin(word)) is not None:
        return Token("name", word, roles=roles, metric=metric, weak=True)
    return Token("word", word, roles=roles)
