"""Which part a figure plays, by the words around it: what was seen, expected, an end of the range, how far off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explainer.grounding.cues import (
    GAPS,
    ROUGH,
    SEEN,
    announced_before,
    announced_behind,
    crossed_bracket,
)
from explainer.grounding.gaps import gap, side
from explainer.grounding.lexicon import word_set

if TYPE_CHECKING:
    from explainer.grounding.figures import Bound
    from explainer.grounding.line import Line
    from explainer.grounding.metric import Metric, Trend
    from explainer.grounding.text import Token

_SIGNED = ("+", "-", "\N{MINUS SIGN}")
_EXCEEDS = word_set("exceeds exceed exceeded exceeding überschreitet dépasse supera")
_AND = word_set("and or und et y e o en of &")


@dataclass(frozen=True, slots=True)
class Part:
    """What a figure may be.

    Attributes:
        names: any of seen, expected, usual, lower, upper, gap, expected gap, crossed gap.
        roughly: whether the text said "about".
        bound: as `Figure.fits` takes it.
        trend: on which side of a figure, or how far, the text says that the metric is.
    """

    names: frozenset[str]
    roughly: bool = False
    trend: Trend | None = None
    bound: Bound | None = None


def part_of(line: Line, at: int, inherited: frozenset[str] | None) -> Part:
    """Tell which part a figure may play; `inherited` is that of the figure before, for "220 °C and 7.4 kW"."""
    before = _words_before(line, at)
    behind = _words_behind(line, at)
    roughly = any(token.text in ROUGH for token in before[-3:])
    names = (
        _signed_gap(line.tokens[at], behind)
        or gap(before, behind)
        or announced_behind(behind)
        or announced_before(before)
        or (inherited if _goes_on(line, at) else None)
        or (inherited | SEEN if inherited and _goes_on_with_name(line, at) else None)
        or SEEN
    )
    if names == SEEN and _is_alone_in_bracket(line, at):
        return Part(frozenset(("expected", "crossed", "seen")), roughly)
    is_far = before[-1:] != [] and before[-1].text == ":" and not any("expected" in t.roles for t in before[-3:])
    if (crossed_bracket(before) or is_far) and not any(name.endswith("gap") for name in names):
        names = names | SEEN  # "higher than expected (31.4 A)"
    if names == GAPS:
        names = _exceeded(line, at, before) or names
    return Part(names, roughly, side(names, before, behind), _bound(before))


def _bound(before: list[Token]) -> Bound | None:
    last = before[-1].text if before else ""
    return last if last in {"justunder", "justover", "upto"} else None  # type: ignore[return-value]


def _exceeded(line: Line, at: int, before: list[Token]) -> frozenset[str] | None:
    """Read "exceeds the upper end of its usual range, 2.4 mm/s, by 3.9": what a distance is from stands before it."""
    if not before or before[-1].text not in {"by", "um"}:
        return None
    start = next((i for i in range(at - 1, -1, -1) if line.tokens[i].text in _EXCEEDS), None)
    limited = start is not None and any("limit" in token.roles for token in line.tokens[start:at])
    return frozenset(("crossed gap",)) if limited else None


def _is_alone_in_bracket(line: Line, at: int) -> bool:
    """Tell whether a figure stands alone in brackets behind another: "6.9 (5.1)"."""
    figure = line.tokens[at].figure
    if figure is None or figure.unit == "%":
        return False
    around = [token.text for token in line.tokens[at - 1 : at + 2]]
    return at > 1 and line.tokens[at - 2].sort == "figure" and around[:1] == ["("] and around[2:] == [")"]


def figures_of(metric: Metric, part: Part, *, percent: bool) -> list[float]:
    """Return the figures of a metric that may play a part; `percent` for how far it is off in percent."""
    off = metric.percent_off if percent else metric.off
    found: list[float | None] = []
    for name in part.names:
        if name == "expected gap":
            found += off(metric.expected)
        elif name == "crossed gap":
            found += off(metric.crossed)
        elif name in {"upper gap", "lower gap"}:
            found += off(metric.upper if name == "upper gap" else metric.lower)
        elif not percent:
            found.append(getattr(metric, name))
    return [one for one in found if one is not None]


def _signed_gap(token: Token, behind: list[Token]) -> frozenset[str] | None:
    """Read "+24 °C", and "-4 °C vs. expected"."""
    if token.text[:1] == "+":
        return frozenset(("expected gap", "crossed gap", "seen"))
    against = len(behind) > 1 and "versus" in behind[0].roles and "expected" in behind[1].roles
    return frozenset(("expected gap",)) if against and token.text[:1] in _SIGNED else None


def _goes_on(line: Line, at: int) -> bool:
    """Tell whether a figure follows another one directly: "220 °C and 7.4 kW"."""
    return at > 1 and line.tokens[at - 1].text in _AND and line.tokens[at - 2].sort == "figure"


def _goes_on_with_name(line: Line, at: int) -> bool:
    """Tell whether a figure follows another one in one list: "a temperature of 42 °C and a flow of 2.6 m³/h"."""
    place = at - 1
    while place > 0 and (line.tokens[place].sort == "name" or line.tokens[place].text in _AND | ROUGH | {"a", "the"}):
        place -= 1
    return place > 0 and line.tokens[place].sort == "figure" and any(t.text in _AND for t in line.tokens[place:at])


def _words_before(line: Line, at: int) -> list[Token]:
    """Return the tokens since the figure before, or since the clause began; across a colon and an opening bracket."""
    start = at
    while start > 0:
        token = line.tokens[start - 1]
        opens = start == at and (token.text in {"(", "["} or (token.text == "," and _announces(line, start - 2)))
        if token.sort == "figure" or (
            line.is_boundary(start - 1) and not opens and token.text != ":" and not _cue(token)
        ):
            break
        start -= 1
    return line.tokens[start:at]


def _announces(line: Line, at: int) -> bool:
    """Tell whether a word before a comma is explained by the figure behind it: "the usual limit, 0.18 g"."""
    token, before = line.tokens[at], line.tokens[max(0, at - 3) : at]
    if (token.sort == "name" and before and before[-1].text in {"for", "of"}) or token.text == "own":
        return any("limit" in one.roles for one in before)
    return bool(token.roles & {"limit", "expected", "usual"})


def _cue(token: Token) -> bool:
    return token.sort == "word" and token.text in {"where", "whereas"}


def _words_behind(line: Line, at: int) -> list[Token]:
    """Return the tokens up to the next figure or the clause's end; a remark in brackets is left out."""
    place = at + 1
    if place < len(line.tokens) and line.tokens[place].text == "(":
        close = next((i for i in range(place, len(line.tokens)) if line.tokens[i].text == ")"), None)
        place = place if close is None else close + 1
    end = place
    while end < len(line.tokens) and not line.is_boundary(end) and line.tokens[end].sort != "figure":
        end += 1
    return (
        line.tokens[place : end + 1]
        if end < len(line.tokens) and line.tokens[end].sort == "figure"
        else line.tokens[place:end]
    )
