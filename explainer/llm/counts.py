"""Claims of how many and how much that words make: counts, ratios, widths of a range."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explainer.errors import AnswerError
from explainer.llm.lexicon import word_set

if TYPE_CHECKING:
    from explainer.llm.facts import Facts
    from explainer.llm.figures import StatedNumber
    from explainer.llm.metric import Metric
    from explainer.llm.sentence import Sentence


_COUNTS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12,
}  # fmt: skip
_RATIOS = {
    "half": 0.5, "halved": 0.5, "hälfte": 0.5, "halbiert": 0.5, "twice": 2.0, "double": 2.0, "doubled": 2.0,
    "doubling": 2.0, "verdoppelt": 2.0, "doppelt": 2.0, "triple": 3.0, "tripled": 3.0, "threefold": 3.0,
    "verdreifacht": 3.0, "tenfold": 10.0, "quadrupled": 4.0, "fourfold": 4.0, "third": 1 / 3,
}  # fmt: skip
_SIZES = word_set(
    """
    hundred hundreds thousand thousands million millions twenty thirty forty fifty sixty seventy eighty ninety dozen
    dozens quarter zwanzig dreißig vierzig fünfzig hundert tausend
    """
)
DEVICES = word_set("devices device machines sensors")
_READINGS = word_set("reading readings abnormal unusual")
_METRICS = word_set("metrics values sensors quantities of other metric")
_RATIO_TOLERANCE = 0.15
_RATIO_MORE = 0.5  # "more than doubled" is not said of five times


def is_count(stated: StatedNumber, facts: Facts) -> bool:
    """Tell whether a number counts the incident's readings, or the days between two such."""
    if stated.word in DEVICES and stated.unit is None:
        return facts.devices is not None and stated.fits(facts.devices)
    if stated.counts_days:
        return facts.rarity_days is not None and stated.fits(facts.rarity_days)
    return stated.counts_readings and stated.fits(facts.readings)


def check_ratio(metric: Metric | None, ratio: float, word: str, *, least: bool = False) -> None:
    """Check that a metric was seen at so many times what was expected; `least` if it may be somewhat more.

    Raises:
        AnswerError: it was not.
    """
    if metric is None or metric.ratio is None:
        raise AnswerError(f"the evidence does not hold {word!r}")
    off = metric.ratio / ratio - 1
    if off > (_RATIO_MORE if least else _RATIO_TOLERANCE) or off < -(0.0 if least else _RATIO_TOLERANCE):
        raise AnswerError(f"the evidence does not hold {word!r}")


def check_widths(metric: Metric, stated: StatedNumber) -> None:
    """Check how many widths of its usual range a metric is off.

    Raises:
        AnswerError: it is not that far off.
    """
    if not (metric.seen and len(metric.bounds) == 2 and metric.bounds[0] < metric.bounds[1]):  # noqa: PLR2004 - two ends
        raise AnswerError("the evidence does not hold how many widths that is")
    (seen,), (lower, upper) = metric.seen, metric.bounds
    if not stated.fits(max(seen - upper, lower - seen) / (upper - lower)):
        raise AnswerError(f"{metric.name} is not {stated.text} widths off")


def more_than(sentence: Sentence) -> bool:
    """Tell whether the words just read were "more than"."""
    return sentence.before[-2:] == ["more", "than"] or sentence.before[-1:] == ["over"]


def check_size(sentence: Sentence, word: str, following: list[str], facts: Facts) -> None:
    """Check a word that states a size, a ratio or a count.

    Raises:
        AnswerError: the evidence does not hold it.
    """
    behind = next(iter(following), "")
    if word in _SIZES:
        raise AnswerError(f"it states a size in words ({word})")
    if word in _RATIOS:
        alone = facts.metrics[0] if len(facts.metrics) == 1 else None
        check_ratio(sentence.last or alone, _RATIOS[word], word, least=more_than(sentence))
    count = _COUNTS.get(word)
    if count is None:
        return
    if behind == "times":
        check_ratio(sentence.last, count, f"{word} times", least=more_than(sentence))
    elif behind in _READINGS and (behind in {"reading", "readings"} or "readings" in following[:3]):
        if count != facts.readings:
            raise AnswerError(f"the evidence does not hold {word} readings")
    elif behind not in _METRICS or count > len(facts.metrics):
        raise AnswerError(f"it states a number in words ({word})")
