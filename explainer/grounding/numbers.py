"""Checks a figure: of which metric it is said, in which part, and whether the evidence gives it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from explainer.errors import AnswerError
from explainer.grounding import counts
from explainer.grounding.lexicon import word_set
from explainer.grounding.naming import plain_unit
from explainer.grounding.parts import EXPECTED, SEEN, Part, figures_of, part_of

if TYPE_CHECKING:
    from explainer.grounding.figures import Figure
    from explainer.grounding.lexicon import Lexicon
    from explainer.grounding.metric import Metric
    from explainer.grounding.subjects import Line

_BARE_DEGREES = frozenset(("°c", "°f", "k"))
_ELSEWHERE = word_set("would suggest suggests call calls fit fits for than with and und et y")
_BRACKETS = frozenset(("(", "[", ":", "="))
_OF_NORMAL = frozenset(("expected", "usual"))


@dataclass(slots=True)
class Reading:
    """What was read of the figures of a text so far: `part` of the last one, `shares` once shares are spoken of."""

    part: frozenset[str] | None = None
    shares: bool = False
    mentioned: list[Metric] = field(default_factory=list)


def check_figure(line: Line, at: int, reading: Reading, lexicon: Lexicon) -> None:
    """Check the figure at a place, and note the metric that it is of.

    Raises:
        AnswerError: the evidence does not give it, or not of this metric, in this unit or part.
    """
    figure = line.tokens[at].figure
    assert figure is not None
    if counts.counts_something(line, at, figure):
        return
    if counts.is_width(line, at):
        counts.check_widths(_governing(line, at), figure)
        return
    if counts.is_ratio(line, at, figure):
        counts.check_ratio(_of_ratio(line, at), figure.value, f"{figure.text} times", line.tokens[:at])
        return
    _check_word_behind(line, at, figure, lexicon)
    metrics = _candidates(line, at, figure, reading)
    part = part_of(line, at, reading.part)
    for metric in metrics:
        if _is_given(line, at, figure, metric, part, reading):
            line.of_figures[at] = metric
            reading.part = part.names
            return
    said = " or ".join(metric.name for metric in metrics)
    role = "what was seen of" if part.names == SEEN else f"{' or '.join(sorted(part.names))} of"
    raise AnswerError(f"the evidence does not give {figure.text} as {role} {said}")


def _is_given(  # noqa: PLR0913 - a figure, its place, and what it may be
    line: Line, at: int, figure: Figure, metric: Metric, part: Part, reading: Reading
) -> bool:
    if (pair := _range_at(line, at)) is not None:
        return _is_range_given(line, at, pair, metric)
    percent = figure.unit == "%"
    if percent and part.trend is not None and not _is_on_side(figure, metric, part) and part.names != SEEN:
        return False
    if percent and reading.shares and figure.fits(metric.share):
        return True
    if percent and plain_unit(metric.unit or "") != "%":
        return not reading.shares and _is_percent_given(line, at, figure, metric, part)
    if percent and reading.shares:
        return False
    if part.trend is not None and not _is_on_side(figure, metric, part):
        return False
    gap = any(name.endswith("gap") for name in part.names)
    found = figures_of(metric, part, percent=False)
    if percent and gap:
        found += figures_of(metric, part, percent=True)
    return any(figure.fits(one, unsigned=gap, roughly=part.roughly) for one in found)


def _is_on_side(figure: Figure, metric: Metric, part: Part) -> bool:
    """Tell whether a metric was seen on the side of a figure, or of what was expected, that the text claims."""
    is_gap = any(name.endswith("gap") for name in part.names)
    reference = metric.expected if is_gap else figure.value
    if metric.seen is None or reference is None:
        return False
    return metric.seen > reference if part.trend == "up" else metric.seen < reference


def _is_percent_given(line: Line, at: int, figure: Figure, metric: Metric, part: Part) -> bool:
    behind = line.tokens[at + 1 : at + 5]
    if behind and behind[0].text == "of" and any(token.roles & _OF_NORMAL for token in behind):
        return metric.ratio is not None and figure.fits(metric.ratio * 100, roughly=part.roughly)
    names = frozenset(("expected gap",)) if part.names in (SEEN, EXPECTED) else part.names
    off = figures_of(metric, Part(names), percent=True)
    return any(figure.fits(one, unsigned=True, roughly=part.roughly) for one in off)


def _range_at(line: Line, at: int) -> tuple[Figure, Figure] | None:
    """Return both ends of the range that a figure is an end of."""
    figures = [place for place, token in enumerate(line.tokens) if token.figure is not None]
    index = figures.index(at)
    first = at if index + 1 < len(figures) and line.tokens[figures[index + 1]].ends_range else None
    first = figures[index - 1] if line.tokens[at].ends_range and index else first
    if first is None:
        return None
    lower, upper = line.tokens[first].figure, line.tokens[figures[figures.index(first) + 1]].figure
    assert lower is not None
    assert upper is not None
    return lower, upper


def _is_range_given(line: Line, at: int, pair: tuple[Figure, Figure], metric: Metric) -> bool:
    """Tell whether a range is the usual one, or leads from what was expected to what was seen."""
    lower, upper = pair
    if metric.lower is not None and metric.upper is not None and lower.fits(metric.lower) and upper.fits(metric.upper):
        return not any("moved" in token.roles for token in line.tokens[:at]) or line.facts.kind != "stuck"
    if metric.expected is None or metric.seen is None:
        return False
    return lower.fits(metric.expected, roughly=True) and upper.fits(metric.seen)


def _candidates(line: Line, at: int, figure: Figure, reading: Reading) -> list[Metric]:
    """Return the metrics that a figure may be of: the one named before it, if its unit fits, else who has the unit."""
    governing = _governing(line, at)
    if figure.unit is None or (figure.unit == "%" and governing is not None):
        if governing is None:
            governing = _next(line, at) or (line.carried[0] if len(line.carried) == 1 else None)
        if governing is None and len(line.facts.metrics) == 1:
            governing = line.facts.metrics[0]
        if governing is None:
            raise AnswerError(f"the number {figure.text} belongs to no metric")
        fitting = [one for one in line.facts.metrics if _has_unit(one, figure)]
        alone = figure.unit is None or _has_unit(governing, figure) or _is_bound(line, at)
        return [governing] if alone else [governing, *fitting]
    fitting = [one for one in line.facts.metrics if _has_unit(one, figure)]
    if not fitting and figure.unit == "%":
        return list(line.facts.metrics)
    if not fitting:
        name = f"{governing.name} is not" if governing else "nothing in the evidence is"
        raise AnswerError(f"{name} measured in {figure.word or figure.unit}")
    if governing in fitting:
        return [governing]
    if governing is not None and _is_bound(line, at):
        raise AnswerError(f"{governing.name} is not measured in {figure.word or figure.unit}")
    following = _next(line, at)
    if following is not None and following not in fitting and _is_said_of_next(line, at):
        raise AnswerError(f"{following.name} is not measured in {figure.word or figure.unit}")
    return [following] if following in fitting else [one for one in fitting if one in reading.mentioned] or fitting


def _governing(line: Line, at: int) -> Metric | None:
    place = line.named_before(at)
    if place is None:
        return None
    return line.metric_at(place)


def _of_ratio(line: Line, at: int) -> list[Metric]:
    governing = _governing(line, at)
    return line.carried or list(line.facts.metrics) if governing is None else [governing]


def _next(line: Line, at: int) -> Metric | None:
    place = line.named_behind(at, until=line.clause_end(at))
    return None if place is None else line.metric_at(place)


def _has_unit(metric: Metric, figure: Figure) -> bool:
    own = plain_unit(metric.unit or "")
    if figure.unit == "°" and own in _BARE_DEGREES:
        return True
    if figure.unit not in {own, own.lstrip("°")}:
        return False
    # mW and MW differ in their first letter's case alone.
    return not (metric.unit and {figure.word[:1], metric.unit[:1]} == {"m", "M"})


def _is_bound(line: Line, at: int) -> bool:
    """Tell whether a figure is said of the name before it: "current is 5 V", not "what the speed would call for: 5 V"."""
    place = line.named_before(at)
    if place is None or line.tokens[place].weak:
        return False
    between = line.tokens[place + 1 : at]
    follows = line.tokens[place + 2 : at + 1]
    for token, after in zip(between, follows, strict=True):
        if token.text in _ELSEWHERE and not after.roles & {"copula", "seen"}:  # "is rising and is now 29 °C"
            return False
    return all(token.text in _BRACKETS or not line.is_boundary(place + 1 + i) for i, token in enumerate(between))


def _is_said_of_next(line: Line, at: int) -> bool:
    """Tell whether a figure is said of the name behind it: "11.9 A for motor_rpm"."""
    behind = [token for token in line.tokens[at + 1 : at + 4] if token.text not in {"the", "der", "la", "le", "el"}]
    said = len(behind) > 1 and behind[0].text in {"for", "of", "in", "von", "de", "di"}
    return said and behind[1].sort == "name" and not behind[1].weak


def _check_word_behind(line: Line, at: int, figure: Figure, lexicon: Lexicon) -> None:
    """Refuse an unknown word behind a figure: it may be a unit.

    Raises:
        AnswerError: it may be one that no metric is measured in.
    """
    word = figure.word
    if word and plain_unit(word) != figure.unit and figure.unit not in {"°", "%"} and not lexicon.knows(word):
        behind = line.tokens[at + 1] if at + 1 < len(line.tokens) else None
        if behind is None or behind.sort != "name":
            raise AnswerError(f"nothing in the evidence is measured in {word}")
