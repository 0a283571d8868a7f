"""Claims of how many and how much that figures and words make: counts, days, ratios, widths of a range, shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explainer.errors import AnswerError
from explainer.grounding.lexicon import number_words, word_set

if TYPE_CHECKING:
    from explainer.grounding.figures import Figure
    from explainer.grounding.metric import Metric
    from explainer.grounding.subjects import Line
    from explainer.grounding.text import Token


_RATIOS = {
    "half": 0.5, "halved": 0.5, "hälfte": 0.5, "halbiert": 0.5, "twice": 2.0, "double": 2.0, "doubled": 2.0,
    "doubling": 2.0, "verdoppelt": 2.0, "doppelt": 2.0, "triple": 3.0, "tripled": 3.0, "threefold": 3.0,
    "verdreifacht": 3.0, "tenfold": 10.0, "quadrupled": 4.0, "fourfold": 4.0, "twofold": 2.0, "quintupled": 5.0,
    "fivefold": 5.0, "quadruple": 4.0,
}  # fmt: skip
_FRACTIONS = {
    "half": 1 / 2,
    "third": 1 / 3,
    "thirds": 1 / 3,
    "quarter": 1 / 4,
    "quarters": 1 / 4,
    "fifth": 1 / 5,
    "fifths": 1 / 5,
}
_SIZES = word_set(
    """
    hundred hundreds thousand thousands million millions twenty thirty forty fifty sixty seventy eighty ninety dozen
    dozens zwanzig dreißig vierzig fünfzig hundert tausend
    """
)
_DEVICES = word_set("devices device machines sensors")
_READINGS = word_set("reading readings abnormal unusual consecutive messwerte werte samples measurements")
_SPANS = {"day days tage tagen jours días giorni dagen": 1, "hour hours": 24, "minute minutes": 1440, "seconds": 86_400}
_METRICS = word_set(
    """
    metrics values sensors quantities of other metric signals parameters variables werte messwerte metriken grandeurs
    valeurs métriques valores métricas valori grandezze waarden
    """
)
_TIMES = word_set("times fold mal fois veces volte keer x")
_BY = word_set("by um")
_MORE = word_set("more over exceeding")
_LESS = word_set("less under below almost nearly barely")
_RATIO_TOLERANCE = 0.15
_FIGURE_TOLERANCE = 0.06
_RATIO_REACH = 0.5  # "more than doubled" is not said of five times
_FRACTION_TOLERANCE = 0.03


def counts_something(line: Line, at: int, figure: Figure) -> bool:
    """Tell whether a figure counts what the evidence counts: readings, days between two such, devices.

    Raises:
        AnswerError: it counts devices, readings or days, and there are more or fewer.
    """
    facts = line.facts
    if figure.unit is not None:
        return False
    word = figure.word
    if word in _DEVICES:
        if facts.devices is None or not figure.fits(facts.devices):
            raise AnswerError(f"the evidence does not hold {figure.text} devices")
        return True
    for words, in_a_day in _SPANS.items():
        if word in words.split():
            spans = (facts.rarity_days, facts.watched_days)
            if not any(span is not None and figure.fits(span * in_a_day, roughly=True) for span in spans):
                raise AnswerError(f"the evidence does not hold {figure.text} {word}")
            return True
    if word in {"reading", "readings", "samples", "messwerte"} and not figure.fits(facts.readings):
        raise AnswerError(f"the evidence does not hold {figure.text} {word}")
    counted = word in _READINGS or _is_in_brackets_with_readings(line, at)
    return counted and figure.fits(facts.readings)


def _is_in_brackets_with_readings(line: Line, at: int) -> bool:
    return any(token.text in {"readings", "samples"} for token in line.tokens[max(0, at - 3) : at])


def is_ratio(line: Line, at: int, figure: Figure) -> bool:
    """Tell whether a figure says how many times something is something else."""
    behind = line.tokens[at + 1].text if at + 1 < len(line.tokens) else ""
    return figure.unit is None and (figure.word in _TIMES or behind in _TIMES)


def is_width(line: Line, at: int) -> bool:
    """Tell whether a figure says how many widths of its usual range a metric is off, as the evidence says it."""
    return [token.text for token in line.tokens[at + 1 : at + 6]] == ["times", "its", "usual", "width", "off"]


def check_ratio(metrics: list[Metric], ratio: float, word: str, before: list[Token]) -> None:
    """Check that one of the metrics was seen at so many times what was expected, or somewhat more after "more than".

    Raises:
        AnswerError: it was not.
    """
    said = {token.text for token in before[-2:]}
    usual = _RATIO_TOLERANCE if word.split(" ", maxsplit=1)[0].isalpha() else _FIGURE_TOLERANCE
    above = _RATIO_REACH if said & _MORE else 0.0 if said & _LESS else usual
    below = _RATIO_REACH * 0.5 if said & _LESS else 0.0 if said & _MORE else usual
    ratios = [metric.ratio for metric in metrics if metric.ratio is not None]
    if any(token.text in _BY for token in before[-3:]) and ratio < 1:
        ratios = [1 - one for one in ratios]  # "fallen by half"
    if not any(-below <= one / ratio - 1 <= above for one in ratios):
        raise AnswerError(f"the evidence does not hold {word!r}")


def check_widths(metric: Metric | None, figure: Figure) -> None:
    """Check how many widths of its usual range a metric is off.

    Raises:
        AnswerError: it is not that far off.
    """
    if metric is None or metric.seen is None or metric.lower is None or metric.upper is None:
        raise AnswerError("the evidence does not hold how many widths that is")
    width = metric.upper - metric.lower
    if width <= 0 or not figure.fits(max(metric.seen - metric.upper, metric.lower - metric.seen) / width):
        raise AnswerError(f"{metric.name} is not {figure.text} widths off")


def check_size(line: Line, at: int) -> None:
    """Check a word that states a size, a ratio or a count.

    Raises:
        AnswerError: the evidence does not hold it.
    """
    word = line.tokens[at].text
    behind = line.tokens[at + 1].text if at + 1 < len(line.tokens) else ""
    if word in _SIZES:
        raise AnswerError(f"it states a size in words ({word})")
    if behind in _FRACTIONS and (word in number_words() or word in {"a", "one"}):
        _check_fraction(line, at, number_words().get(word, 1) * _FRACTIONS[behind])
    elif word in _RATIOS:
        check_ratio(_subjects(line, at), _RATIOS[word], word, line.tokens[:at])
    elif word in number_words():
        _check_count(line, at, word, behind)


def _check_count(line: Line, at: int, word: str, behind: str) -> None:
    following = {token.text for token in line.tokens[at + 1 : at + 4]}
    if behind in _TIMES:
        check_ratio(_subjects(line, at), number_words()[word], f"{word} times", line.tokens[:at])
    elif behind in _READINGS and following & {"reading", "readings", "samples", "measurements"}:
        if number_words()[word] != line.facts.readings:
            raise AnswerError(f"the evidence does not hold {word} readings")
    elif not following & _METRICS or number_words()[word] > len(line.facts.metrics):
        raise AnswerError(f"it states a number in words ({word})")


def _check_fraction(line: Line, at: int, fraction: float) -> None:
    """Check "three quarters of the anomaly", "a third lower", "two thirds of what is normal"."""
    metrics = _subjects(line, at)
    if any("share" in token.roles for token in line.tokens):
        facts = [metric.share / 100 for metric in metrics]
    else:
        facts = [one for metric in metrics if metric.ratio for one in (metric.ratio, abs(1 - metric.ratio))]
    if not any(abs(fraction - fact) <= _FRACTION_TOLERANCE for fact in facts):
        raise AnswerError("it states a fraction that the evidence does not hold")


def _subjects(line: Line, at: int) -> list[Metric]:
    """Return the metrics that a ratio may be of: any of them where none is named."""
    return line.subjects(at, strict=True) or line.carried or list(line.facts.metrics)
