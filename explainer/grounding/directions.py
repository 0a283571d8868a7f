"""Claims of a direction: which words make them, of which metrics, and whether the evidence holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explainer.errors import AnswerError
from explainer.grounding.lexicon import word_set

if TYPE_CHECKING:
    from explainer.grounding.metric import Metric, Trend
    from explainer.grounding.subjects import Line
    from explainer.grounding.text import Token

# "high severity", "upper limit", "broken down", "load fell away": no direction of the metric.
_NO_TREND_BEFORE = word_set(
    """
    severity confidence score risk likelihood probability limit limits bound bounds end alert priority time times
    threshold resolution quality urgency chance
    """
)
_NO_TREND_BEHIND = word_set(
    """
    broken break breaks broke shut powered power slow start starts set back made make makes making narrow torn follow
    catch keep end ends ended add adds give gives turn line show shows showing
    """
)
_COMPARISONS = word_set("above below higher lower over under greater smaller")
_PLACES = word_set("up down upward upwards downward downwards")
_QUANTIFIERS: dict[str, Trend] = {"more": "up", "less": "down"}
_REFERENCES = frozenset(("expected", "usual"))
_GONE = word_set("lost lose loses losing loss gone")
_REACH = 4


def take_direction(line: Line, at: int) -> None:
    """Check a word that may claim a direction, of the metrics that it speaks of.

    Raises:
        AnswerError: the evidence does not hold it.
    """
    token = line.tokens[at]
    if not line.facts.metrics:  # where no metric is shown, "down" is said of a device
        return
    trend = _trend(line, at)
    if trend is None:
        return
    subjects = line.subjects(at, strict="poor" in token.roles or token.text in _QUANTIFIERS)
    if is_denied(line, at):
        if any(metric.trend == trend for metric in subjects):
            raise AnswerError(f"it denies a direction ({token.text}) that the evidence holds")
        return
    for metric in subjects:
        _check_trend(line, at, metric, trend)


def is_denied(line: Line, at: int) -> bool:
    """Tell whether a negation stands shortly before a word, in its clause."""
    start = max(line.clause_start(at), at - _REACH)
    return any("negation" in token.roles for token in line.tokens[start:at])


def _trend(line: Line, at: int) -> Trend | None:
    token, behind = line.tokens[at], line.tokens[at + 1 : at + 4]
    if _means_nothing(line, at):
        return None
    if token.roles & {"over", "under"}:
        return _compared_trend(token, behind)
    if token.text in _QUANTIFIERS:
        named = behind and behind[0].sort == "name" and behind[0].metric is not None
        than_usual = behind and behind[0].text == "than" and any(one.roles & _REFERENCES for one in behind)
        return _QUANTIFIERS[token.text] if named or than_usual else None
    return "up" if "up" in token.roles else "down" if token.roles & {"down", "poor"} else None


def _means_nothing(line: Line, at: int) -> bool:
    """Tell whether a word is part of another meaning: "upper limit", "broken down", "usually up to 75"."""
    behind = line.tokens[at + 1].text if at + 1 < len(line.tokens) else ""
    if behind in _NO_TREND_BEFORE or line.tokens[at].text not in _PLACES or not at:
        return behind in _NO_TREND_BEFORE
    before = line.tokens[at - 1]
    usually = any(one.roles & {"usual", "limit", "expected"} for one in line.tokens[line.clause_start(at) : at])
    is_particle = before.text in _NO_TREND_BEHIND or before.roles & {"hot", "cold", "fast", "slow"}
    return bool(is_particle) or (behind == "to" and usually)


def _compared_trend(token: Token, behind: list[Token]) -> Trend | None:
    """Read "over its limit", "under the expected"; what stands before a figure is checked with that."""
    claimed = any(one.roles & {"expected", "usual", "limit"} for one in behind)
    return ("up" if "over" in token.roles else "down") if claimed else None


def _check_trend(line: Line, at: int, metric: Metric, trend: Trend) -> None:
    token = line.tokens[at]
    if metric.seen is None and token.text in _GONE:
        return
    if metric.trend != trend and not _is_slight(line, at, metric, trend):
        seen = {"up": "above what was expected", "down": "below what was expected", None: "on neither side"}
        raise AnswerError(f"{metric.name} was seen {seen[metric.trend]}, not {trend} ({token.text})")
    if metric.side == "within" and any("limit" in one.roles for one in line.tokens[at + 1 : at + 5]):
        raise AnswerError("it says that a metric left its usual range which did not")


def _is_slight(line: Line, at: int, metric: Metric, trend: Trend) -> bool:
    """Tell whether a metric within its range is only compared with what was expected."""
    if metric.seen is None or metric.expected is None or metric.side != "within":
        return False
    compared = line.tokens[at].text in _COMPARISONS and any(
        one.sort == "figure" or "expected" in one.roles for one in line.tokens[at + 1 : at + 5]
    )
    return compared and (metric.seen > metric.expected) == (trend == "up") and metric.seen != metric.expected
