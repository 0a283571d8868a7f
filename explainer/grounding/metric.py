"""What may be said of one metric: its figures by their part, its side and its direction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from explainer.words.usual import side

if TYPE_CHECKING:
    from contracts.anomaly import Contribution, Kind
    from explainer.words.usual import Side


Trend = Literal["up", "down"]
_MOVING: frozenset[Kind] = frozenset(("spike", "level_shift", "drift", "correlation"))


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric of the evidence, its figures in its own unit.

    Attributes:
        seen: what was observed, None where no value came.
        expected: what should have been.
        lower: the lower end of the usual range; `upper` its upper end.
        share: its share of the anomaly, in percent.
        trend: the side on which it was seen, None where the evidence takes none.
        side: where it stands in its usual range.
        is_first: whether the anomaly is about it.
    """

    name: str
    unit: str | None
    seen: float | None
    expected: float | None
    lower: float | None
    upper: float | None
    share: float
    trend: Trend | None
    side: Side
    is_first: bool

    @property
    def crossed(self) -> float | None:
        """Return the end of the usual range beyond which it was seen."""
        return self.upper if self.side == "above" else self.lower if self.side == "below" else None

    @property
    def ratio(self) -> float | None:
        """Return observed by expected, None where that says nothing."""
        if self.seen is None or not self.expected or self.seen / self.expected <= 0:
            return None
        return self.seen / self.expected

    def off(self, reference: float | None) -> tuple[float, ...]:
        """Return how far it is from a reference, in its unit; nothing where either is not known."""
        return () if self.seen is None or reference is None else (abs(self.seen - reference),)

    def percent_off(self, reference: float | None) -> tuple[float, ...]:
        """Return how far it is from a reference, in percent of that."""
        return tuple(off / abs(reference) * 100 for off in self.off(reference) if reference)


def metric_of(contribution: Contribution, kind: Kind, *, first: bool) -> Metric:
    """Return what may be said of a metric; `first` if the anomaly is about it."""
    return Metric(
        name=contribution.metric,
        unit=contribution.unit,
        seen=contribution.observed,
        expected=contribution.expected,
        lower=contribution.lower,
        upper=contribution.upper,
        share=contribution.share * 100,
        trend=_trend(contribution, kind, first=first),
        side=side(contribution),
        is_first=first,
    )


def _trend(contribution: Contribution, kind: Kind, *, first: bool) -> Trend | None:
    found = side(contribution)
    if kind == "stuck":
        return None
    if found in {"above", "below"}:
        return "up" if found == "above" else "down"
    observed, expected = contribution.observed, contribution.expected
    # Within its usual range, only the metric that the anomaly is about has a side, and those that should go together.
    if observed is None or expected is None or observed == expected or kind not in _MOVING:
        return None
    if not (first or kind == "correlation"):
        return None
    return "up" if observed > expected else "down"
