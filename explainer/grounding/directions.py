"""Claims of a direction: which words make them, of which metrics, and whether the evidence holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explainer.errors import AnswerError
from explainer.grounding.cues import LOWER, UPPER
from explainer.grounding.lexicon import word_set
from explainer.grounding.pairs import is_of_pair, moved_apart
from explainer.grounding.ratios import FRACTIONS, RATIOS
from explainer.grounding.subjects import subjects_of

if TYPE_CHECKING:
    from explainer.grounding.line import Line
    from explainer.grounding.metric import Metric, Trend
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
    turned turns
    """
)
_COMPARISONS = word_set("above below higher lower over under greater smaller")
_BUT = word_set("but though yet although still aber jedoch mais pero ma maar")  # "warm but not out of range"
_SLIGHTLY = word_set("slightly little bit marginally somewhat leicht etwas légèrement ligeramente leggermente licht")
_PLACES = word_set("up down upward upwards downward downwards")
_UPWARD, _DOWNWARD = word_set("up upward upwards"), word_set("down downward downwards")
_QUANTIFIERS: dict[str, Trend] = {"more": "up", "less": "down", "longer": "up", "shorter": "down"}
_REFERENCES = frozenset(("expected", "usual"))
AROUND = word_set("about around wildly erratically randomly back")
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
    if line.is_general(at) or (is_of_pair(line, at) and moved_apart(line, trend)):
        return
    subjects = subjects_of(line, at, strict="poor" in token.roles or token.text in _QUANTIFIERS)
    if is_denied(line, at):
        if any(metric.trend == trend for metric in subjects):
            raise AnswerError(f"it denies a direction ({token.text}) that the evidence holds")
        return
    if line.is_vague(at) and any(one.trend == trend or is_slight(line, at, one, trend) for one in line.facts.metrics):
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
        return _QUANTIFIERS[token.text] if _quantifies(line, at, behind) else None
    if "up" in token.roles:
        return "down" if _is_turned(line, at) else "up"
    return "down" if token.roles & {"down", "poor"} else None


def _quantifies(line: Line, at: int, behind: list[Token]) -> bool:
    """Tell whether "more" is said of a metric, or of what is usual; not in "fluctuates more than usual"."""
    if line.tokens[at].text == "longer" and at and line.tokens[at - 1].text in {"no", "any"}:
        return False
    if any("noisy" in one.roles or one.text.startswith("jump") for one in line.tokens[line.clause_start(at) : at]):
        return False
    named = bool(behind) and behind[0].sort == "name" and behind[0].metric is not None
    return named or (behind[:1] != [] and behind[0].text == "than" and any(one.roles & _REFERENCES for one in behind))


def _is_turned(line: Line, at: int) -> bool:
    """Tell whether a word of leaping stands beside one that turns it: "jumped down", "a downward spike"."""
    around = line.tokens[max(0, at - 1) : at + 2]
    return line.tokens[at].text not in _UPWARD and any(one.text in _DOWNWARD for one in around)


def _means_nothing(line: Line, at: int) -> bool:
    """Tell whether a word is part of another meaning: "upper limit", "broken down", "usually up to 75"."""
    behind = line.tokens[at + 1].text if at + 1 < len(line.tokens) else ""
    if line.facts.kind == "noise" and "up" in line.tokens[at].roles and _speaks_of_noise(line, at):
        return True  # "larger fluctuations"
    if behind in AROUND and line.tokens[at].text.startswith("jump"):
        return True  # of noise
    if behind in _NO_TREND_BEFORE or line.tokens[at].text not in _PLACES or not at:
        return behind in _NO_TREND_BEFORE
    before = line.tokens[at - 1]
    usually = any(one.roles & {"usual", "limit", "expected"} for one in line.tokens[line.clause_start(at) : at])
    is_particle = before.text in _NO_TREND_BEHIND or before.roles & {"hot", "cold", "fast", "slow"}
    return bool(is_particle) or (behind == "to" and usually)


def _speaks_of_noise(line: Line, at: int) -> bool:
    return any("noisy" in one.roles for one in line.tokens[line.clause_start(at) : line.clause_end(at)])


def _compared_trend(token: Token, behind: list[Token]) -> Trend | None:
    """Read "over its limit", "under the expected"; what stands before a figure is checked with that."""
    if token.text == "beyond":
        return None  # on either side
    if behind and (behind[0].text in RATIOS or any(one.text in FRACTIONS for one in behind[:2])):
        return None  # "just over half of what is normal"
    claimed = any(one.roles & {"expected", "usual", "limit"} for one in behind)
    return ("up" if "over" in token.roles else "down") if claimed else None


def _check_trend(line: Line, at: int, metric: Metric, trend: Trend) -> None:
    token = line.tokens[at]
    if metric.seen is None and token.text in _GONE:
        return
    if (end := _end_of(line, at, metric)) is not None and metric.seen is not None:
        if (metric.seen > end) != (trend == "up"):
            raise AnswerError(f"{metric.name} is not {token.text} that limit")
        return
    if metric.trend != trend and not is_slight(line, at, metric, trend):
        seen = {"up": "above what was expected", "down": "below what was expected", None: "on neither side"}
        raise AnswerError(f"{metric.name} was seen {seen[metric.trend]}, not {trend} ({token.text})")
    if metric.side == "within" and any("limit" in one.roles for one in line.tokens[at + 1 : at + 5]):
        raise AnswerError("it says that a metric left its usual range which did not")


def _end_of(line: Line, at: int, metric: Metric) -> float | None:
    """Return the end of the usual range that "below its upper limit" names."""
    behind = line.tokens[at + 1 : at + 5]
    if line.tokens[at].text not in _COMPARISONS or not any("limit" in one.roles for one in behind):
        return None
    said = {one.text for one in behind}
    return metric.upper if said & UPPER and not said & LOWER else metric.lower if said & LOWER else None


def is_slight(line: Line, at: int, metric: Metric, trend: Trend) -> bool:
    """Tell whether a metric within its range is only compared with what was expected, or slightly off."""
    if metric.side != "within" or (line.facts.kind == "stuck" and line.tokens[at].text not in _COMPARISONS):
        return False
    return _is_compared(line, at) and (
        metric.seen is not None
        and metric.expected is not None
        and metric.seen != metric.expected
        and (metric.seen > metric.expected) == (trend == "up")
    )


def _is_compared(line: Line, at: int) -> bool:
    """Tell whether a direction is one against what was expected only, or slight: "5 °C warmer than expected"."""
    behind, before = line.tokens[at + 1 : at + 6], line.tokens[max(0, at - 3) : at]
    against = any(
        "expected" in one.roles or (one.sort == "figure" and line.tokens[at].text in _COMPARISONS) for one in behind
    )
    within = any(one.text in _BUT for one in line.tokens[at + 1 : at + 9])
    return against or within or any(one.text in _SLIGHTLY for one in before)
