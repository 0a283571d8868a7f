"""Whether what a growing model finds may only be what it has not seen yet: a load, an hour, a wander, a switch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detector.verdicts.trail import YOUNG_ROWS, young
from detector.verdicts.weights import leading_metric

if TYPE_CHECKING:
    from detector.models.scorer import Scorer
    from detector.rows.stream import Stream
    from detector.verdicts.findings import Finding
    from detector.verdicts.seen import Seen
    from detector.verdicts.trail import Trail

_SWITCH_ROWS = 6  # rows that going from one state to another may take
_FAR = 0.25  # of what a metric's values span
_TOGETHER = 2  # metrics


def doubted(odd: Finding, stream: Stream, scorer: Scorer, seen: Seen, trail: Trail) -> bool:
    """Tell whether a model that grows only meets a load, an hour, a wander or a switch that it knows little of.

    Metrics that are all rather high for long, and go together, are under a load that lasts. A reference of few such
    loads does not know how long they last, nor quite how high they go.
    """
    is_young = young(stream, scorer)
    if scorer.model.complete and not is_young:
        return False
    lead = leading_metric(stream, scorer, odd)
    if odd.lasting and not odd.incoherent and not seen.exceeded(stream, scorer, lead):
        return True
    if not is_young:
        return False
    return _switches(stream, scorer, seen) or not trail.moved(stream, scorer, lead, incoherent=odd.incoherent)


def _switches(stream: Stream, scorer: Scorer, seen: Seen) -> bool:
    """Tell whether the machine goes from one state that a young model has seen to another, or back."""
    if scorer.model.learned >= YOUNG_ROWS:
        return False
    _, rows = stream.recent.newest(_SWITCH_ROWS)
    rows, newest = rows[:, scorer.columns], stream.features.features[0]
    span = (seen.limits[1] - seen.limits[0])[scorer.columns]
    there = np.isfinite(newest[scorer.columns])
    moved = there & (np.fmax.reduce(rows) - np.fmin.reduce(rows) > _FAR * span)
    if np.any(moved & seen.outside(newest)[scorer.columns]):
        return False
    return bool(np.count_nonzero(moved) >= max(_TOGETHER, np.count_nonzero(there) / 2))
