"""Claims of how far two metrics are apart: "the spread of supply and return is 26.5 °C"."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from explainer.grounding.lexicon import word_set
from explainer.grounding.naming import plain_unit

if TYPE_CHECKING:
    from explainer.grounding.figures import Figure
    from explainer.grounding.line import Line
    from explainer.grounding.metric import Trend

_APART = word_set("spread difference differential delta gap spreizung differenz différence écart diferencia differenza")
_KELVIN = frozenset(("k", "°"))


def is_of_pair(line: Line, at: int) -> bool:
    """Tell whether a clause speaks of how far two metrics are apart before a place."""
    return any(token.text in _APART for token in line.tokens[line.clause_start(at) : at])


def is_difference(line: Line, figure: Figure) -> bool:
    """Tell whether a figure is how far two metrics of one unit are apart, or should be, in a sentence that says so."""
    told = any(token.text in _APART for token in line.tokens)
    return told and any(figure.fits(one, unsigned=True) for pair in _apart(line, figure) for one in pair)


def moved_apart(line: Line, trend: Trend) -> bool:
    """Tell whether two metrics are farther apart than expected (up), or nearer (down)."""
    pairs = _apart(line, None)
    return any((seen > expected) == (trend == "up") for seen, expected in pairs)


def _apart(line: Line, figure: Figure | None) -> list[tuple[float, float]]:
    pairs = []
    for one, other in combinations(line.facts.metrics, 2):
        unit = plain_unit(one.unit or "")
        fits = figure is None or figure.unit == unit or (figure.unit in _KELVIN and unit == "°c")
        known = None not in {one.seen, other.seen, one.expected, other.expected}
        if unit and unit == plain_unit(other.unit or "") and fits and known:
            seen, expected = (one.seen or 0.0) - (other.seen or 0.0), (one.expected or 0.0) - (other.expected or 0.0)
            pairs.append((abs(seen), abs(expected)))
    return pairs
