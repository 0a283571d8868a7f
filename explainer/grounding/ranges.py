"""Claims of a range: the usual one, from what was expected to what was seen, or how far something is off."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from explainer.grounding.naming import plain_unit
from explainer.grounding.parts import Part, figures_of, part_of

if TYPE_CHECKING:
    from explainer.grounding.figures import Figure
    from explainer.grounding.line import Line
    from explainer.grounding.metric import Metric

_NARROW = 1.5  # "7 to 8 degrees"


def range_at(line: Line, at: int) -> tuple[Figure, Figure] | None:
    """Return both ends of the range that a figure is an end of."""
    figures = [(place, token.figure) for place, token in enumerate(line.tokens) if token.figure is not None]
    for (place, lower), (behind, upper) in pairwise(figures):
        if at in {place, behind} and line.tokens[behind].ends_range:
            return lower, upper
    return None


def is_range_given(line: Line, at: int, pair: tuple[Figure, Figure], metric: Metric) -> bool:
    """Tell whether the evidence gives a range of a metric, as its own or as how far it is off."""
    return _is_known(line, at, pair, metric) or _is_gap_within(pair, metric, _part_of_range(line, at, pair))


def _is_known(line: Line, at: int, pair: tuple[Figure, Figure], metric: Metric) -> bool:
    """Tell whether a range is the usual one, or leads from what was expected to what was seen."""
    lower, upper = pair
    if upper.unit == "%" and plain_unit(metric.unit or "") != "%":
        return False
    if metric.lower is not None and metric.upper is not None and lower.fits(metric.lower) and upper.fits(metric.upper):
        before = line.tokens[:at]
        is_usual = any(token.roles & {"usual", "limit", "expected"} for token in before)
        return is_usual or line.facts.kind != "stuck" or not any("moved" in token.roles for token in before)
    if metric.expected is None or metric.seen is None:
        return False
    if not upper.fits(metric.seen):
        return False
    first = line.tokens[at - 1 if line.tokens[at].figure is lower else at - 2]  # "dipped 5.6 V to 48.6 V"
    gaps = (*metric.off(metric.expected), *metric.off(metric.crossed)) if first.roles & {"up", "down"} else ()
    return lower.fits(metric.expected, roughly=True) or any(lower.fits(one, unsigned=True) for one in gaps)


def _part_of_range(line: Line, at: int, pair: tuple[Figure, Figure]) -> Part:
    """Return the part that both ends play, by what stands behind the upper one."""
    behind = at if line.tokens[at].figure is pair[1] else at + 1
    return part_of(line, behind, None)


def _is_gap_within(pair: tuple[Figure, Figure], metric: Metric, part: Part) -> bool:
    """Tell whether "7 to 8 degrees above" holds how far a metric is off."""
    lower, upper = pair
    if not all(name.endswith("gap") for name in part.names):
        return False
    is_so = part.trend is None or metric.trend in {None, part.trend}
    gaps = figures_of(metric, part, percent=upper.unit == "%" and plain_unit(metric.unit or "") != "%")
    is_narrow = 0 <= lower.value < upper.value <= _NARROW * lower.value
    return (
        is_so and is_narrow and any(lower.value - lower.step / 2 <= gap <= upper.value + upper.step / 2 for gap in gaps)
    )
