"""What an incident is called: what its findings surely are, or the shape of the course of the metric at fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detector.rows.recent import DEVIATIONS
from detector.verdicts.remains import remains_of, remains_within
from detector.verdicts.shape import Traces, shape_of, usual_swing

if TYPE_CHECKING:
    from contracts.anomaly import Kind
    from detector.models.scorer import Scorer
    from detector.verdicts.course import Course
    from detector.verdicts.observation import Observation

_SHAPES = frozenset({"spike", "level_shift", "drift", "noise", "correlation"})
_UNSETTLED = 12  # abnormal readings: a shape is told by more
_USUAL = 3.0  # deviations: what a metric without a model usually keeps to


def by_shape(kind: Kind) -> bool:
    """Tell whether a kind is read off the course of the values, so that more of it may tell better."""
    return kind in _SHAPES


def may_become(kind: Kind, later: Kind, readings: int) -> bool:
    """Tell whether an incident of a kind, after so many abnormal readings, may turn out to be of another."""
    return kind == later or (kind in _SHAPES and later in _SHAPES and readings <= _UNSETTLED)


def kind_of(observation: Observation, course: Course, metric: str, called: Kind | None = None) -> Kind:
    """Return the shape of the course of a metric, or of the whole device where none is named.

    One that is `called` something already gets another name only for a shape that fits clearly better.
    """
    if not metric:
        return "correlation" if course.incoherent else "spike"
    stream, scorer = observation.stream, observation.scorer
    column = int(stream.roster.columns_of([metric])[0])
    rows = course.rows()
    values = rows[:, column]
    there = ~np.isnan(values)
    before = int(np.count_nonzero(there[: course.before]))
    if scorer is None or metric not in scorer.model.metrics:
        centre, reach = stream.recent.allowed(column)
        usual = reach * _USUAL / DEVIATIONS
        low, high = centre - usual, centre + usual
        return shape_of(Traces(values[there], values[there], before, low, high, incoherent=False, called=called))
    m = scorer.model.metrics.index(metric)
    low, high = scorer.ranges.usual_running[:, m].tolist()
    remains = remains_of(rows, scorer, m)
    swing, swing_of_remains = _usual_swings(scorer, m)
    return shape_of(
        Traces(
            values[there],
            remains[there],
            before,
            low,
            high,
            incoherent=course.mostly_incoherent,
            swing=swing,
            swing_of_remains=swing_of_remains,
            called=called,
        )
    )


def _usual_swings(scorer: Scorer, m: int) -> tuple[float, float]:
    """Return how much a metric and its remains swing in the reference: asked of a model once, for it may be long."""
    known = scorer.ranges.swings
    if m not in known:
        rows = scorer.ranges.rows()
        known[m] = usual_swing(rows[:, m]), usual_swing(remains_within(rows, scorer.model, m))
    return known[m]
