"""Claims of words that name quantity and direction in one: hot, cold, humid, dry, shaking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explainer.errors import AnswerError
from explainer.grounding.directions import is_denied, is_slight
from explainer.grounding.lexicon import word_set

if TYPE_CHECKING:
    from explainer.grounding.facts import Facts
    from explainer.grounding.line import Line
    from explainer.grounding.metric import Metric, Trend
    from explainer.grounding.text import Token

_FEELINGS: tuple[tuple[str, str, Trend], ...] = (
    ("hot", "temperature", "up"),
    ("cold", "temperature", "down"),
    ("wet", "humidity", "up"),
    ("dry", "humidity", "down"),
    ("fast", "speed", "up"),
    ("slow", "speed", "down"),
    ("shaking", "vibration", "up"),
)
# A task of the machine, not what it does: "loss of cooling", "heating power".
_TASKS = word_set("chilled cooling heating cool heat slowing shake")
_DOING = word_set("up down off out")
LESS = word_set("less weniger moins menos meno minder")


def is_felt(token: Token, facts: Facts) -> bool:
    """Tell whether a word names a metric by what it feels like: "hotter" where a temperature is measured."""
    return any(role in token.roles and facts.quantities.get(quantity) for role, quantity, _trend in _FEELINGS)


def check_feeling(line: Line, at: int) -> None:
    """Check words that name quantity and direction in one: hot, cold, humid, dry."""
    token = line.tokens[at]
    if line.is_general(at):
        return
    if token.text in _TASKS and not _is_done(line, at):
        return
    for role, quantity, trend in _FEELINGS:
        if role not in token.roles or is_denied(line, at):
            continue
        metrics = line.facts.quantities.get(quantity, ()) or tuple(
            metric for metric in line.facts.metrics if quantity in metric.name.lower()
        )
        if not metrics:
            raise AnswerError(f"the evidence has no {quantity} ({token.text})")
        less = any(one.text in LESS for one in line.tokens[at + 1 : at + 4])
        if less or not any(_is_so(line, at, metric, trend) for metric in metrics):
            raise AnswerError(f"{metrics[0].name} does not say {token.text}")


def _is_so(line: Line, at: int, metric: Metric, trend: Trend) -> bool:
    return metric.trend == trend or is_slight(line, at, metric, trend)


def _is_done(line: Line, at: int) -> bool:
    """Tell whether a word such as cooling says what happens, rather than what the machine is for."""
    before, behind = line.tokens[max(0, at - 1) : at], line.tokens[at + 1 : at + 2]
    done = any(one.text in {"is", "are", "was", "keeps", "getting", "been"} for one in before)
    return done or any(one.text in _DOING for one in behind)
