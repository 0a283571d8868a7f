"""What an incident looks like, so that another one can be told to be of its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from contracts.anomaly import Kind
from detector.verdicts.evidence import expected_bounds
from detector.verdicts.kind import may_become
from detector.verdicts.weights import weights_of

if TYPE_CHECKING:
    from detector.verdicts.findings import Finding
    from detector.verdicts.observation import Observation

_CARRIES = 0.25  # of the largest weight: a metric with so much belongs to the incident
_LARGER = 1.5  # times the size of what was quieted, that a look-alike may have ...
_SLACK = 0.5  # ... and so many distances of its bounds more
_SIZED = frozenset({"spike", "level_shift", "drift", "out_of_range"})


class Likeness(msgspec.Struct, frozen=True):
    """Features of an incident.

    Attributes:
        metrics: those that carry it, the one that says most first; empty for the device as a whole.
        kind: what it is called.
        direction: of the leading metric: 1 above, -1 below what was expected; 0 where that means nothing.
        size: distance of the leading metric from what was expected, in distances of its bounds; 0 where that means
            nothing.
    """

    metrics: tuple[str, ...]
    kind: Kind
    direction: int
    size: float

    def covers(self, other: Likeness, readings: int) -> bool:
        """Tell whether another incident, after so many abnormal readings, looks like this one and is not larger."""
        if self.metrics[:1] != other.metrics[:1] or not set(other.metrics) <= set(self.metrics):
            return False
        return self.direction == other.direction and self._may_be(other, readings)

    def resembles(self, other: Likeness, readings: int) -> bool:
        """Tell whether another, after so many abnormal readings, may be this come back: by a metric of it, not larger.

        Looser than `covers`, for what comes by chance is never twice quite the same: when a freezer's door is opened,
        the product behind it warms up or does not, and the compressor starts or runs already.
        """
        if not set(other.metrics[:1]) <= set(self.metrics):
            return False
        opposite = other.metrics[:1] == self.metrics[:1] and other.direction * self.direction < 0
        return not opposite and self._may_be(other, readings)

    def outlasts(self, other: Likeness) -> bool:
        """Tell whether another may be what is left of this one: the same metrics, none of them out of its bounds."""
        return other.size <= 1.0 and set(other.metrics) <= set(self.metrics)

    def _may_be(self, other: Likeness, readings: int) -> bool:
        return other.size <= _LARGER * self.size + _SLACK and may_become(other.kind, self.kind, readings)


def likeness_of(observation: Observation, finding: Finding, kind: Kind) -> Likeness:
    """Return what the newest reading of an incident of a kind looks like."""
    stream, scorer = observation.stream, observation.scorer
    weights = weights_of(stream, scorer, finding)
    most = max(weights.values(), default=0.0)
    metrics = sorted((n for n in weights if weights[n] >= _CARRIES * most), key=lambda n: (-weights[n], n))
    if not metrics or kind not in _SIZED:
        return Likeness(tuple(metrics), kind, 0, 0.0)
    bounds = expected_bounds(stream, scorer)
    lead = metrics[0]
    observed, expected = stream.value(lead), bounds.expected.get(lead)
    if observed is None or expected is None:
        return Likeness(tuple(metrics), kind, 0, 0.0)
    away = observed - expected
    size = abs(away) / max(bounds.upper[lead] - expected, 1e-30)
    return Likeness(tuple(metrics), kind, int(np.sign(away)), size)
