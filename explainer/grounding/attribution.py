"""Of which metric a figure is said: the one named before it, if its unit fits, else the one that has the unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explainer.errors import AnswerError
from explainer.grounding.gaps import AMOUNTS
from explainer.grounding.lexicon import word_set
from explainer.grounding.naming import plain_unit

if TYPE_CHECKING:
    from explainer.grounding.figures import Figure
    from explainer.grounding.line import Line
    from explainer.grounding.metric import Metric

_BARE_DEGREES = frozenset(("°c", "°f", "k"))
_ELSEWHERE = word_set("would suggest suggests call calls fit fits for with and und et y")
_RELATIVES = word_set("whose which that")
_MORE = word_set("more less higher lower greater mehr weniger")
_IT = word_set("it they")
_ARTICLES = word_set("the der la le el")
_BRACKETS = frozenset(("(", "[", ":", "="))


def candidates(line: Line, at: int, figure: Figure, mentioned: list[Metric]) -> list[Metric]:
    """Return the metrics that a figure may be of; `mentioned` are those that the whole answer names.

    Raises:
        AnswerError: none is measured in its unit, or another one is named beside it.
    """
    named = governing(line, at)
    fitting = [one for one in line.facts.metrics if _has_unit(one, figure)]
    if figure.unit is None or (figure.unit == "%" and named is not None):
        return _of_none_or_percent(line, at, figure, fitting)
    if not fitting:
        return _of_no_unit(line, figure, named)
    if named in fitting:
        return [named]
    following = _next(line, at)
    if following in fitting and _is_said_of_next(line, at):
        return [following]
    for other, is_meant in ((named, _is_bound), (following, _is_said_of_next)):
        if other is not None and other not in fitting and is_meant(line, at):
            raise AnswerError(f"{other.name} is not measured in {figure.word or figure.unit}")
    return [following] if following in fitting else [one for one in fitting if one in mentioned] or fitting


def _of_none_or_percent(line: Line, at: int, figure: Figure, fitting: list[Metric]) -> list[Metric]:
    behind = line.tokens[at + 1 : at + 4]
    if behind[:1] and behind[0].text in _MORE and behind[1:2] and behind[1].metric is not None:
        return [behind[1].metric]  # "31 % more flow"
    own = _figure_before(line, at) if figure.unit is None else None  # "9800 rpm instead of 6200"
    own = own or governing(line, at) or _implied(line, at)
    if own is None:
        raise AnswerError(f"the number {figure.text} belongs to no metric")
    if figure.unit is not None and any(token.text in _IT for token in line.tokens[line.clause_start(at) : at]):
        return [own, *(one for one in line.facts.metrics if one is not own)]  # "it moves 14 % less water"
    return [own] if figure.unit is None or own in fitting or _is_bound(line, at) else [own, *fitting]


def _figure_before(line: Line, at: int) -> Metric | None:
    """Return the metric of the figure before in the same clause, where no name stands between."""
    start = max(line.clause_start(at), (line.named_before(at) or -1) + 1)
    places = [place for place in line.of_figures if start <= place < at]
    return line.of_figures[max(places)] if places else None


def _of_no_unit(line: Line, figure: Figure, named: Metric | None) -> list[Metric]:
    if figure.unit == "%":  # how far any of them is off
        return list(line.facts.metrics)
    name = "nothing in the evidence is" if named is None else f"{named.name} is not"
    raise AnswerError(f"{name} measured in {figure.word or figure.unit}")


def _implied(line: Line, at: int) -> Metric | None:
    """Return the metric of the figure before, or named behind, or the only one that may be meant."""
    if line.of_figures:
        return line.of_figures[max(line.of_figures)]
    following = _next(line, at)
    for implied in (line.carried, line.facts.metrics):
        if following is None and len(implied) == 1:
            return implied[0]
    return following


def governing(line: Line, at: int) -> Metric | None:
    """Return the metric named last before a figure in its sentence."""
    place = line.named_before(at)
    return None if place is None else line.metric_at(place)


def of_ratio(line: Line, at: int) -> list[Metric]:
    """Return the metrics that "3.5 times" may be said of."""
    named = governing(line, at)
    return line.carried or list(line.facts.metrics) if named is None else [named]


def _next(line: Line, at: int) -> Metric | None:
    place = line.named_behind(at, until=line.clause_end(at))
    return None if place is None else line.metric_at(place)


def _has_unit(metric: Metric, figure: Figure) -> bool:
    own = plain_unit(metric.unit or "")
    if (figure.unit == "°" and own in _BARE_DEGREES) or (figure.unit == "k" and own == "°c"):
        return True  # of a difference only, kelvins are degrees Celsius
    if figure.unit not in {own, own.lstrip("°")}:
        return False
    # mW and MW differ in their first letter's case alone.
    return not (metric.unit and {figure.word[:1], metric.unit[:1]} == {"m", "M"})


def _is_bound(line: Line, at: int) -> bool:
    """Tell whether a figure is said of the name before it: "current is 5 V", not "the speed would call for 5 V"."""
    place = line.named_before(at)
    if place is None or line.tokens[place].weak:
        return False
    between = line.tokens[place + 1 : at]
    if [token.text for token in between[-2:]] == ["load", "of"]:
        return False  # "10.8 V under a load of 4.2 A"
    follows = line.tokens[place + 2 : at + 1]
    for token, after in zip(between, follows, strict=True):
        if token.text in _ELSEWHERE and not after.roles & {"copula", "seen"}:  # "is rising and is now 29 °C"
            return False
    texts = [token.text for token in (*between, line.tokens[at])]
    return all(
        not line.is_boundary(place + 1 + i) or token.text in _BRACKETS | _RELATIVES or texts[i + 1] in _RELATIVES
        for i, token in enumerate(between)
    )


def _is_said_of_next(line: Line, at: int) -> bool:
    """Tell whether a figure is said of the name behind it: "11.9 A for motor_rpm"."""
    behind = [token for token in line.tokens[at + 1 : at + 5] if token.text not in _ARTICLES]
    if behind and behind[0].text in AMOUNTS:
        behind = behind[1:]  # "a 0.2 m/s shortfall in air_velocity"
    said = len(behind) > 1 and behind[0].text in {"for", "of", "in", "von", "de", "di"}
    return said and behind[1].sort == "name" and not behind[1].weak
