"""Checks a figure: of which metric it is said, in which part, and whether the evidence gives it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from explainer.errors import AnswerError
from explainer.grounding import counts, ratios
from explainer.grounding.attribution import candidates, governing, of_ratio
from explainer.grounding.cues import EXPECTED, SEEN
from explainer.grounding.lexicon import word_set
from explainer.grounding.naming import plain_unit
from explainer.grounding.pairs import is_difference
from explainer.grounding.parts import Part, figures_of, part_of
from explainer.grounding.ranges import is_range_given, range_at

if TYPE_CHECKING:
    from explainer.grounding.figures import Figure
    from explainer.grounding.lexicon import Lexicon
    from explainer.grounding.line import Line
    from explainer.grounding.metric import Metric

_TOGETHER = word_set("together between combined jointly zusammen ensemble juntos juntas insieme samen")
_OF = word_set("of des der vom de du del della van")
_REFERS = word_set("this that it which")
_OF_NORMAL = frozenset(("expected", "usual"))


@dataclass(slots=True)
class Reading:
    """What was read of the figures of a sentence: `part` of the last one, `shares` once it speaks of them.

    `mentioned` are the metrics that the whole answer names.
    """

    part: frozenset[str] | None = None
    shares: bool = False
    mentioned: list[Metric] = field(default_factory=list)


def check_figure(line: Line, at: int, figure: Figure, reading: Reading, lexicon: Lexicon) -> None:
    """Check the figure at a place, and note the metric that it is of.

    Raises:
        AnswerError: the evidence does not give it, or not of this metric, in this unit or part.
    """
    if counts.counts_something(line, at, figure):
        return
    if ratios.is_width(line, at):
        ratios.check_widths(governing(line, at), figure)
        return
    if ratios.is_ratio(line, at, figure):
        ratios.check_ratio(of_ratio(line, at), figure.value, f"{figure.text} times", line, at)
        return
    _check_word_behind(line, at, figure, lexicon)
    metrics = _sharing(line, at, reading) or candidates(line, at, figure, reading.mentioned)
    part = part_of(line, at, reading.part)
    pair = range_at(line, at)
    for metric in metrics:
        if is_range_given(line, at, pair, metric) if pair else _is_given(line, at, metric, part, reading):
            line.of_figures[at] = metric
            reading.part = part.names
            return
    if is_difference(line, figure):
        return
    said = " or ".join(metric.name for metric in metrics)
    role = "what was seen of" if part.names == SEEN else f"{' or '.join(sorted(part.names))} of"
    raise AnswerError(f"the evidence does not give {figure.text} as {role} {said}")


def _sharing(line: Line, at: int, reading: Reading) -> list[Metric]:
    """Return whose share a percentage is, where it is named behind: "the largest share (50 %) comes from the flow"."""
    figure, behind = line.tokens[at].figure, line.named_behind(at)
    alone = figure is not None and figure.unit == "%" and reading.shares and behind is not None
    aside = [token.text for token in line.tokens[at + 1 : at + 3]]  # "(30 %) from the flow"
    attributed = aside[:1] == [")"] and aside[1:] and aside[1] in {"from", "comes", "stems", "of", "by", "is"}
    before = line.named_before(at, since=max(line.of_figures, default=0))
    clause = line.tokens[line.clause_start(at) : at]
    refers = any(token.text in _REFERS for token in clause)
    elsewhere = (behind or 0) >= line.clause_end(at)
    if figure is not None and figure.unit == "%" and reading.shares and before is None and refers:
        return line.carried  # "this accounts for 85 %"
    if not alone or ((before is not None or refers or elsewhere) and not attributed):
        return []
    metric = line.metric_at(behind) if behind is not None else None
    return [] if metric is None else [metric]


def _is_given(line: Line, at: int, metric: Metric, part: Part, reading: Reading) -> bool:
    figure = line.tokens[at].figure
    if figure is None:
        return False
    percent = figure.unit == "%"
    gap = any(name.endswith("gap") for name in part.names)
    may_be_share = reading.shares or (not gap and plain_unit(metric.unit or "") != "%")
    if percent and may_be_share and (figure.fits(metric.share) or figure.fits(_shared(line, at))):
        return True
    if part.trend is not None and part.names != SEEN and not _is_on_side(figure, metric, part):
        return False
    if percent and plain_unit(metric.unit or "") != "%":
        return not reading.shares and _is_percent_given(line, at, figure, metric, part)
    if figure.unit == "k" and plain_unit(metric.unit or "") != "k" and not gap:
        return False
    found = figures_of(metric, part, percent=False) + (
        figures_of(metric, part, percent=True) if percent and gap else []
    )
    return any(figure.fits(one, unsigned=gap, roughly=part.roughly, bound=part.bound) for one in found)


def _shared(line: Line, at: int) -> float:
    """Return the share of the metrics that "together" or "between them" means."""
    if not any(token.text in _TOGETHER for token in line.tokens):
        return 0.0
    named = dict.fromkeys(filter(None, map(line.metric_at, range(at))))
    return sum(metric.share for metric in named or line.carried)


def _is_on_side(figure: Figure, metric: Metric, part: Part) -> bool:
    """Tell whether a metric was seen on the side of a figure, or of what was expected, that the text claims."""
    is_gap = any(name.endswith("gap") for name in part.names)
    ends = {"upper gap": metric.upper, "lower gap": metric.lower}
    reference = next(ends.get(name, metric.expected) for name in part.names) if is_gap else figure.value
    if metric.seen is None or reference is None:
        return False
    return metric.seen > reference if part.trend == "up" else metric.seen < reference


def _is_percent_given(line: Line, at: int, figure: Figure, metric: Metric, part: Part) -> bool:
    behind = line.tokens[at + 1 : at + 5]
    if behind and behind[0].text in _OF and any(token.roles & _OF_NORMAL for token in behind):
        return metric.ratio is not None and figure.fits(metric.ratio * 100, roughly=part.roughly)
    names = frozenset(("expected gap",)) if part.names in (SEEN, EXPECTED) else part.names
    off = figures_of(metric, Part(names), percent=True)
    return any(figure.fits(one, unsigned=True, roughly=part.roughly, bound=part.bound) for one in off)


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
