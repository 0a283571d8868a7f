"""Which row of an incident its evidence shows: the newest while the trouble goes on, else the one it showed best in.

Rolling features and lasting evidence keep an incident open after its fault has ended. The newest reading is then normal
again, or swings to the other side, and says nothing of the trouble, or the contrary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detector.verdicts.evidence import contributions, expected_bounds, leading, with_usual
from detector.verdicts.kind import by_shape
from detector.verdicts.prediction import TOLD_BY_OTHERS, with_prediction_of_one, with_predictions
from detector.verdicts.remains import remains_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.anomaly import Contribution, Kind
    from detector.rows.features import Floats
    from detector.verdicts.course import Course
    from detector.verdicts.evidence import Bounds
    from detector.verdicts.observation import Observation

_SHOWS = 0.5  # of the farthest that the metric was out, on the same side


def blamed(course: Course, kind: Kind) -> Mapping[str, float]:
    """Return how much each metric has added to an incident of a kind: the one that a rule named last adds all."""
    return {course.named: 1.0} if course.named and not by_shape(kind) else course.blame


def shown(
    observation: Observation, course: Course, kind: Kind, weights: Mapping[str, float], *, newest: bool = False
) -> tuple[Contribution, ...]:
    """Return the metrics of an incident in the order of their weights, as the row has them that shows it best.

    Args:
        observation: the newest of the incident.
        course: of the incident.
        kind: what the incident is called.
        weights: how much each metric adds; none for none.
        newest: whether it is the newest row, which a rule has found.
    """
    if not weights:
        return ()
    stream, scorer = observation.stream, observation.scorer
    bounds = expected_bounds(stream, scorer, course.rows_before())
    row: Floats = stream.features.features[0]
    if not newest:
        row = _exhibit(observation, course, kind, weights, bounds)
    if scorer is not None:
        bounds = with_usual(bounds, scorer, scorer.ranges.usual_running)
        if kind == "correlation":
            bounds = with_predictions(bounds, scorer, stream.position, weights, row)
        elif kind in TOLD_BY_OTHERS:
            bounds = with_prediction_of_one(bounds, scorer, stream.position, weights, row)
    return contributions(stream, weights, bounds, row)


def _exhibit(
    observation: Observation, course: Course, kind: Kind, weights: Mapping[str, float], bounds: Bounds
) -> Floats:
    """Return the row (C,) that shows an incident: the newest if its leading metric is still far out on its side."""
    if course.named and not by_shape(kind):
        return course.found
    stream, scorer = observation.stream, observation.scorer
    lead = leading(weights)
    newest: Floats = stream.features.features[0]
    rows = _since(course, newest)
    away = rows[:, int(stream.roster.columns_of([lead])[0])] - bounds.expected.get(lead, 0.0)
    if kind == "correlation" and scorer is not None and lead in scorer.model.metrics:
        away = remains_of(rows, scorer, scorer.model.metrics.index(lead))
    away = np.nan_to_num(away)
    farthest = int(np.argmax(np.abs(away)))
    goes_on = away[-1] * away[farthest] >= _SHOWS * away[farthest] ** 2
    return newest if goes_on else rows[farthest]


def _since(course: Course, newest: Floats) -> Floats:
    """Return the rows (n, C) of the incident, with the newest as the last."""
    known = course.rows()[course.before :]
    rows = np.full((len(known) + 1, len(newest)), np.nan)
    rows[:-1, : known.shape[1]] = known
    rows[-1] = newest
    return rows
