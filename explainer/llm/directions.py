"""Claims of a direction: which words make them, of which metrics, and whether the evidence holds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explainer.errors import AnswerError
from explainer.llm.lexicon import word_set
from explainer.llm.sentence import FIGURE, NAME

if TYPE_CHECKING:
    from explainer.llm.facts import Facts
    from explainer.llm.lexicon import Lexicon
    from explainer.llm.metric import Metric, Trend
    from explainer.llm.sentence import Sentence


_SMALL = word_set(
    "of the a an its in to their far well slightly much significantly der den dem die das deutlich la le il lo"
)
# "high severity", "lower limit": no direction of the metric.
_NO_TREND = word_set(
    "severity confidence score risk likelihood probability limit limits bound bounds end alert priority time times"
)
# These stand before the metric that they speak of: "high temperature".
_BEFORE_NAME = word_set(
    """
    high higher elevated low lower rising falling increased decreased increasing decreasing excessive reduced
    insufficient raised weak hohe hoher niedrige erhöhte
    """
)
# "went up to 3.1" is a direction, "values up to 3.1" is none.
_MOTION = word_set("is are was gone went go goes going came come comes has moved shot jumped crept sped all way")
REACH = 4  # words over which a negation reaches


@dataclass(frozen=True, slots=True)
class Ahead:
    """What follows a word: the shapes of the next tokens, and the metric named next."""

    shapes: list[str]
    metric: Metric | None


def take_direction(sentence: Sentence, word: str, ahead: Ahead, facts: Facts, lexicon: Lexicon) -> None:
    """Read a word that may claim a direction, of the metrics named before it or of the one named next.

    Raises:
        AnswerError: the evidence does not hold it.
    """
    trend = _trend(word, next(iter(sentence.before[-1:]), ""), ahead.shapes, lexicon)
    if trend is None or not facts.metrics:  # where no metric is shown, "down" is said of a device
        return
    if any(one in lexicon.negation for one in sentence.before[-REACH:]):
        raise AnswerError(f"it denies a direction ({word}), which cannot be checked")
    if word in _BEFORE_NAME and ahead.metric is not None and _names_at_once(ahead.shapes):
        sentence.waiting = trend
        return
    if subjects := sentence.subjects:
        check_trend(subjects, trend)
        _check_range_claim(subjects, ahead.shapes, lexicon)
        sentence.spent = True
    elif ahead.metric is not None:
        sentence.waiting = trend
    else:  # "Rare drift upwards": said of what the anomaly is about
        check_trend([facts.metrics[0]], trend)


def _trend(word: str, before: str, following: list[str], lexicon: Lexicon) -> Trend | None:
    if following and (following[0] in _NO_TREND or (word == "loss" and following[:2] not in (["of", NAME], [NAME]))):
        return None
    if word in lexicon.over | lexicon.under:
        rest = [one for one in following[:3] if one not in _SMALL]
        claimed = rest[:1] == [FIGURE] or (rest[:1] and rest[0] in lexicon.normal)
        return ("up" if word in lexicon.over else "down") if claimed else None
    if word in {"up", "down"} and following[:1] == ["to"] and before not in _MOTION:
        return None
    return "up" if word in lexicon.up else "down" if word in lexicon.down else None


def _names_at_once(following: list[str]) -> bool:
    """Tell whether a name follows directly or behind one small word."""
    return following[:1] == [NAME] or (following[:1] != [] and following[0] in _SMALL and following[1:2] == [NAME])


def check_trend(metrics: list[Metric], trend: Trend) -> None:
    """Check that metrics were seen on a side.

    Raises:
        AnswerError: one was not.
    """
    for metric in metrics:
        if metric.trend != trend:
            seen = {"up": "above what was expected", "down": "below what was expected", None: "on neither side"}
            raise AnswerError(f"{metric.name} was seen {seen[metric.trend]}, not {trend}")


def _check_range_claim(metrics: list[Metric], following: list[str], lexicon: Lexicon) -> None:
    """A metric within its range may be above what was expected, never above its range."""
    if any(one in lexicon.range for one in following[:4]) and any(one.side == "within" for one in metrics):
        raise AnswerError("it says that a metric left its usual range which did not")
