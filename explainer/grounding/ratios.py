"""Claims of how many times something is something else: ratios, fractions, widths of a range."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explainer.errors import AnswerError
from explainer.grounding.cues import LOWER, UPPER
from explainer.grounding.lexicon import word_set
from explainer.grounding.subjects import subjects_of

if TYPE_CHECKING:
    from explainer.grounding.figures import Figure
    from explainer.grounding.line import Line
    from explainer.grounding.metric import Metric
    from explainer.grounding.text import Token

RATIOS = {
    "half": 0.5, "halved": 0.5, "hälfte": 0.5, "halbiert": 0.5, "twice": 2.0, "double": 2.0, "doubled": 2.0,
    "doubling": 2.0, "verdoppelt": 2.0, "doppelt": 2.0, "triple": 3.0, "tripled": 3.0, "threefold": 3.0,
    "verdreifacht": 3.0, "tenfold": 10.0, "quadrupled": 4.0, "fourfold": 4.0, "twofold": 2.0, "quintupled": 5.0,
    "fivefold": 5.0, "quadruple": 4.0, "moitié": 0.5, "mitad": 0.5, "metà": 0.5, "helft": 0.5, "doppelte": 2.0,
    "doppelten": 2.0, "doble": 2.0, "doppio": 2.0, "dubbele": 2.0, "dreifache": 3.0, "dreifachen": 3.0, "triplé": 3.0,
    "doublé": 2.0, "vierfache": 4.0, "vierfachen": 4.0, "fünffache": 5.0, "duplicado": 2.0, "triplicado": 3.0,
}  # fmt: skip
FRACTIONS = {
    "half": 1 / 2,
    "third": 1 / 3,
    "thirds": 1 / 3,
    "quarter": 1 / 4,
    "quarters": 1 / 4,
    "fifth": 1 / 5,
    "fifths": 1 / 5,
}
_ITS = word_set("the its of")
_WIDTHS = word_set("width widths")
TIMES = word_set("times fold mal fois veces volte keer x")
_BY = word_set("by um lost lose loses shed verloren perdu perdido")
_MORE = word_set("more over exceeding plus mehr más più meer")
_LESS = word_set("less under below moins weniger menos meno minder")
_ALMOST = word_set("almost nearly barely fast beinahe nahezu presque casi quasi bijna")
_RATIO_TOLERANCE = 0.15
_FIGURE_TOLERANCE = 0.06
_NEARLY = 0.15  # "almost doubled"
_RATIO_REACH = 0.5  # "more than doubled" is not said of five times
_FRACTION_TOLERANCE = 0.04


def is_ratio(line: Line, at: int, figure: Figure) -> bool:
    """Tell whether a figure says how many times something is something else."""
    behind = line.tokens[at + 1].text if at + 1 < len(line.tokens) else ""
    return figure.unit is None and (figure.word in TIMES or behind in TIMES)


def is_width(line: Line, at: int) -> bool:
    """Tell whether a figure says how many widths of its usual range a metric is off, as the evidence says it."""
    behind = line.tokens[at + 1 : at + 6]
    return behind[:1] != [] and behind[0].text == "times" and any(token.text in _WIDTHS for token in behind)


def check_ratio(metrics: list[Metric], ratio: float, word: str, line: Line, at: int) -> None:
    """Check that one of the metrics was seen at so many times what was expected, or an end of its usual range.

    After "more than" and "almost" it may be somewhat more or less.

    Raises:
        AnswerError: it was not.
    """
    before, behind = line.tokens[:at], line.tokens[at + 1 : line.clause_end(at)]
    said = {token.text for token in before[-2:]}
    usual = _RATIO_TOLERANCE if word.split(" ", maxsplit=1)[0].isalpha() else _FIGURE_TOLERANCE
    above = _RATIO_REACH if said & _MORE else 0.0 if said & (_LESS | _ALMOST) else usual
    below = _NEARLY if said & _ALMOST else _RATIO_REACH * 0.5 if said & _LESS else 0.0 if said & _MORE else usual
    ratios = [ratio for metric in metrics for ratio in _ratios(metric, behind)]
    if any(token.text in _BY for token in before[-4:]) and ratio < 1:
        ratios = [1 - one for one in ratios]  # "fallen by half"
    if not any(-below <= one / ratio - 1 <= above for one in ratios):
        raise AnswerError(f"the evidence does not hold {word!r}")


def _ratios(metric: Metric, behind: list[Token]) -> list[float]:
    """Return how many times what was expected a metric was seen at; or an end of its range, where words name that."""
    said = next((behind[:i] for i, token in enumerate(behind) if token.sort == "figure"), behind)
    if not any("limit" in token.roles for token in said):
        return [] if metric.ratio is None else [metric.ratio]
    texts = {token.text for token in said}
    named = [metric.upper] * bool(texts & UPPER) + [metric.lower] * bool(texts & LOWER)
    ends = named or [metric.crossed, metric.expected]
    return [metric.seen / end for end in ends if metric.seen is not None and end and metric.seen / end > 0]


def check_widths(metric: Metric | None, figure: Figure) -> None:
    """Check how many widths of its usual range a metric is out of it, or off what was expected.

    Raises:
        AnswerError: it is not that far off.
    """
    if metric is None or metric.seen is None or metric.lower is None or metric.upper is None:
        raise AnswerError("the evidence does not hold how many widths that is")
    width = metric.upper - metric.lower
    off = [max(metric.seen - metric.upper, metric.lower - metric.seen), *metric.off(metric.expected)]
    if width <= 0 or not any(figure.fits(one / width) for one in off):
        raise AnswerError(f"{metric.name} is not {figure.text} widths off")


def check_fraction(line: Line, at: int, fraction: float) -> None:
    """Check "three quarters of the anomaly", "a third lower", "two thirds of what is normal".

    Raises:
        AnswerError: it is not so.
    """
    metrics = ratio_subjects(line, at)
    if any("share" in token.roles for token in line.tokens):
        facts = [metric.share / 100 for metric in metrics]
    else:
        facts = [one for metric in metrics if metric.ratio for one in (metric.ratio, abs(1 - metric.ratio))]
    if not any(abs(fraction - fact) <= _FRACTION_TOLERANCE for fact in facts):
        raise AnswerError("it states a fraction that the evidence does not hold")


def ratio_subjects(line: Line, at: int) -> list[Metric]:
    """Return the metrics that a ratio may be of: any of them where none is named."""
    behind = line.tokens[at + 1 : at + 4]
    if any(token.text == "what" for token in behind):
        return list({**dict.fromkeys(line.of_figures.values()), **dict.fromkeys(line.facts.metrics)})
    if behind and behind[0].text in _ITS:
        named = next((one.metric for one in behind[1:] if one.sort == "name" and one.metric is not None), None)
        if named is not None:
            return [named]  # "the motor draws half the current"
    return subjects_of(line, at, strict=True) or line.carried or list(line.facts.metrics)
