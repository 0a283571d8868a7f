"""What may be said of one metric: its figures by their part, its side and its direction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from explainer.evidence import side

if TYPE_CHECKING:
    from contracts.anomaly import Contribution, Kind
    from explainer.evidence import Side


Trend = Literal["up", "down"]
_MOVING: frozenset[Kind] = frozenset(("spike", "level_shift", "drift", "correlation"))


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric of the evidence.

    Attributes:
        seen: the figure that may be stated as what is.
        gaps: how far that is from what should be.
        normal: figures that may be stated as what should be: expected, and the usual range.
        bounds: the ends of the usual range.
        offs: how far it is off, in percent of what should be.
        shares: its share of the anomaly, in percent.
        ratio: observed by expected, None where that says nothing.
        trend: the side on which it was seen, None where the evidence takes none.
        side: where it stands in its usual range.
    """

    name: str
    unit: str | None
    seen: tuple[float, ...]
    gaps: tuple[float, ...]
    normal: tuple[float, ...]
    bounds: tuple[float, ...]
    offs: tuple[float, ...]
    shares: tuple[float, ...]
    ratio: float | None
    trend: Trend | None
    side: Side


def metric_of(contribution: Contribution, kind: Kind, *, first: bool) -> Metric:
    """Return what may be said of a metric; `first` if the anomaly is about it."""
    observed, expected = contribution.observed, contribution.expected
    normal = [one for one in (expected, contribution.lower, contribution.upper) if one is not None]
    offs = [] if observed is None else [abs(observed - one) / abs(one) * 100 for one in normal if one]
    return Metric(
        name=contribution.metric,
        unit=contribution.unit,
        seen=() if observed is None else (observed,),
        gaps=() if observed is None else tuple(abs(observed - one) for one in normal),
        normal=tuple(normal),
        bounds=tuple(one for one in (contribution.lower, contribution.upper) if one is not None),
        offs=tuple(offs),
        shares=(contribution.share * 100,),
        ratio=observed / expected if observed is not None and expected and observed / expected > 0 else None,
        trend=_trend(contribution, kind, first=first),
        side=side(contribution),
    )


def _trend(contribution: Contribution, kind: Kind, *, first: bool) -> Trend | None:
    found = side(contribution)
    if found in {"above", "below"}:
        return "up" if found == "above" else "down"
    observed, expected = contribution.observed, contribution.expected
    # Within its usual range, only the metric that the anomaly is about has a side, and those that should go together.
    if observed is None or expected is None or observed == expected or kind not in _MOVING:
        return None
    if not (first or kind == "correlation"):
        return None
    return "up" if observed > expected else "down"
