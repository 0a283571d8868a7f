"""The few words that name a trouble."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explainer.words.usual import side
from explainer.words.wording import clean, quantity

if TYPE_CHECKING:
    from contracts.anomaly import Anomaly, Contribution
    from explainer.words.knowledge import Direction

MAX_LABEL = 120
_MAX_NAME = 60


def name(text: str) -> str:
    """Write the name of a metric or device: safe to show, not too long."""
    return clean(text, _MAX_NAME) or "(unnamed)"


def direction_of(contribution: Contribution) -> Direction | None:
    """Tell whether a value is higher or lower than expected, None where it is neither."""
    observed, expected = contribution.observed, contribution.expected
    if observed is None or expected is None or observed == expected:
        return None
    return "high" if observed > expected else "low"


def label_of(anomaly: Anomaly, leading: list[Contribution]) -> str:
    """Name the trouble in a few words, with the direction where there is one."""
    return clean(_label(anomaly, leading), MAX_LABEL)


def _label(anomaly: Anomaly, leading: list[Contribution]) -> str:
    device = name(anomaly.device)
    if anomaly.kind == "clock":
        return f"The clock of {device} is wrong"
    if anomaly.kind == "schema":
        return f"{device} sends other metrics than before"
    if not leading:
        return f"{device} has gone silent" if anomaly.kind == "silence" else f"{device} behaves unusually"
    first = leading[0]
    metric = name(first.metric)
    if anomaly.kind == "correlation" and len(leading) > 1:
        return f"{metric} and {name(leading[1].metric)} no longer go together"
    return f"{metric} {_predicate(anomaly.kind, first)}"


def _predicate(kind: str, first: Contribution) -> str:
    direction = direction_of(first)
    up = "up" if direction == "high" else "down"
    within = " within its usual range" if side(first) == "within" else ""
    moving = {
        "spike": "jumped up" if direction == "high" else "dropped suddenly",
        "level_shift": f"has shifted {up}{within}",
        "drift": f"is drifting {up}{within}",
        "out_of_range": f"is {'above' if direction == 'high' else 'below'} its allowed range",
    }
    standing = {
        "spike": "showed a sudden outlier",
        "level_shift": "has shifted to another level",
        "drift": "is drifting",
        "stuck": f"is stuck at {quantity(first.observed, first.unit)}",
        "noise": "is unusually noisy",
        "dropout": "gives no value",
        "out_of_range": "is outside its allowed range",
        "silence": "has gone silent",
        "correlation": "does not fit the other metrics",
    }
    return moving[kind] if direction and kind in moving else standing[kind]
