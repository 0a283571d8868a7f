"""Words for the kinds of trouble that are not about a value: a clock that is wrong, metrics that come and go."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from explainer.words.labels import name
from explainer.words.wording import quantity, span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contracts.anomaly import Anomaly, Contribution

_MOST_NAMES = 5
_NOTHING = timedelta(seconds=1)


def clock_words(anomaly: Anomaly) -> str:
    """Say how far a device's times are off."""
    off = anomaly.measured_at - anomaly.received_at
    if abs(off) < _NOTHING:
        return "the times of its readings have jumped"
    return f"its readings carry times {span(abs(off))} {'ahead of' if off > timedelta() else 'behind'} the real time"


def schema_words(contributions: Iterable[Contribution]) -> str:
    """Say which metrics a device sends no more, which are new, and which come otherwise."""
    gone = [one for one in contributions if one.observed is None]
    new = [one for one in contributions if one.observed is not None and one.expected is None]
    other = [one for one in contributions if one.observed is not None and one.expected is not None]
    parts = [f"{_names(gone)} {_verb(gone, 'comes', 'come')} no more"] if gone else []
    parts += [f"{_names(new)} {_verb(new, 'is', 'are')} new"] if new else []
    parts += [
        f"{name(one.metric)} comes as {quantity(one.observed, one.unit)}, expected about {quantity(one.expected, None)}"
        for one in other[:_MOST_NAMES]
    ]
    return "; ".join(parts) or "its readings have held other metrics than before"


def _names(metrics: list[Contribution]) -> str:
    names = [name(one.metric) for one in metrics[:_MOST_NAMES]]
    if len(metrics) > _MOST_NAMES:
        names.append(f"{len(metrics) - _MOST_NAMES} more")
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _verb(metrics: list[Contribution], one: str, many: str) -> str:
    return one if len(metrics) == 1 else many
