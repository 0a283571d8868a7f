"""Which row of an incident its evidence shows: the newest while the trouble goes on, else the one it showed best in.

Rolling features and lasting evidence keep an incident open after its fault has ended. The newest reading is then normal
again, or swings to the other side, and says nothing of the trouble, or the contrary. What is usual is what was when the
incident opened: a model may have learned of its course since.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detector.verdicts.evidence import contributions, expected_bounds, leading, updated, with_usual
from detector.verdicts.kind import by_shape
from detector.verdicts.prediction import TOLD_BY_OTHERS, with_prediction_of_one, with_predictions
from detector.verdicts.remains import remains_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contracts.anomaly import Contribution, Kind
    from detector.rows.features import Floats
    from detector.verdicts.course import Course
    from detector.verdicts.evidence import Bounds
    from detector.verdicts.observation import Observation

_SHOWS = 0.5  # of the farthest that the metric was out, on the same side
_CLEARLY = 0.25  # of the width of the usual range: one that was so far beyond it is no longer called usual
_JUST_BEFORE = 10  # rows


def blamed(course: Course, kind: Kind) -> Mapping[str, float]:
    """Return how much each metric has added to an incident of a kind: the one that a rule named last adds all."""
    return {course.named: 1.0} if course.named and not by_shape(kind) else course.blame


def usual_bounds(observation: Observation, course: Course) -> Bounds:
    """Return what is usual of each metric: what was when the incident opened, for a model learns also of its course."""
    stream, scorer = observation.stream, observation.scorer
    bounds = expected_bounds(stream, scorer, course.rows_before())
    if scorer is not None:
        bounds = with_usual(bounds, scorer, scorer.ranges.usual_running)
    return bounds if course.usual is None else updated(bounds, course.usual)


def shown(  # noqa: PLR0913 - what is known of one incident
    observation: Observation,
    course: Course,
    kind: Kind,
    weights: Mapping[str, float],
    *,
    newest: bool = False,
    whole: bool = False,
) -> tuple[Contribution, ...]:
    """Return the metrics of an incident in the order of their weights, as the row has them that shows it best.

    Args:
        observation: the newest of the incident.
        course: of the incident.
        kind: what the incident is called.
        weights: how much each metric adds; none for none.
        newest: whether it is the newest row, which a rule has found.
        whole: whether the incident is over.
    """
    if not weights:
        return ()
    stream, scorer = observation.stream, observation.scorer
    bounds = usual_bounds(observation, course)
    row: Floats = stream.features.features[0]
    told = row
    if not newest:
        lead, rows = leading(weights), _since(course, row)
        row = _exhibit(observation, course, kind, lead, bounds, rows=rows, whole=whole)
        told = row if kind == "correlation" else _with_others(stream.roster.metrics, lead, bounds, row, rows)
    if scorer is not None and kind == "correlation":
        bounds = with_predictions(bounds, scorer, stream.position, weights, row)
    elif scorer is not None and kind in TOLD_BY_OTHERS:
        bounds = with_prediction_of_one(bounds, scorer, stream.position, weights, row)
    return contributions(stream, weights, bounds, told)


def _exhibit(  # noqa: PLR0913 - what is known of one incident
    observation: Observation, course: Course, kind: Kind, lead: str, bounds: Bounds, *, rows: Floats, whole: bool
) -> Floats:
    """Return which (C,) of an incident's rows (n, C) shows it: the newest if its leading metric still is as far out."""
    if course.named and not by_shape(kind):
        return course.found
    stream, scorer = observation.stream, observation.scorer
    column = int(stream.roster.columns_of([lead])[0])
    if kind == "correlation" and scorer is not None and lead in scorer.model.metrics:
        return _row(rows, remains_of(rows, scorer, scorer.model.metrics.index(lead)))
    beyond = _beyond(rows[:, column], bounds, lead)
    if whole and not beyond.any() and (row := _left_behind(course, column, bounds, lead)) is not None:
        return row
    return _row(rows, beyond if beyond.any() else rows[:, column] - bounds.expected.get(lead, 0.0))


def _row(rows: Floats, away: Floats) -> Floats:
    shown: Floats = rows[_shows(away)]
    return shown


def _left_behind(course: Course, column: int, bounds: Bounds, metric: str) -> Floats | None:
    """Return the row before an incident that shows its metric best, where that came back into its usual range with it.

    What opened it was the way back: the trouble had come too slowly, or had been told of before.
    """
    rows = course.rows_before()[-_JUST_BEFORE:]
    if not len(rows) or column >= rows.shape[1]:
        return None
    beyond = _beyond(rows[:, column], bounds, metric)
    return _row(rows, beyond) if 2 * np.count_nonzero(beyond) > len(rows) else None


def _shows(away: Floats) -> int:
    """Return which of some rows shows best how far a metric is out (n,), on the side where it was most.

    That is the newest while it shows it, else the farthest. What comes after a trouble may swing to the other side.
    """
    away = np.nan_to_num(away)
    up, down = np.maximum(away, 0.0), np.maximum(-away, 0.0)
    out = up if up @ up >= down @ down else down
    farthest = int(np.argmax(out))
    return -1 if out[-1] >= _SHOWS * out[farthest] else farthest


def _beyond(values: Floats, bounds: Bounds, metric: str) -> Floats:
    """Return how far values (n,) of a metric are above (positive) or below its usual range; 0 within, and of none."""
    low, high = bounds.lower.get(metric, -np.inf), bounds.upper.get(metric, np.inf)
    beyond: Floats = np.maximum(values - high, 0.0) + np.minimum(values - low, 0.0)
    return np.nan_to_num(beyond)


def _with_others(metrics: Sequence[str], lead: str, bounds: Bounds, row: Floats, rows: Floats) -> Floats:
    """Return a row (C,) with what else was clearly beyond its usual range in the rows (n, C) as it was there."""
    composed = row.copy()
    for column, name in enumerate(metrics):
        if name == lead or name not in bounds.expected:
            continue
        beyond = _beyond(rows[:, column], bounds, name)
        if np.abs(beyond).max() > _CLEARLY * (bounds.upper[name] - bounds.lower[name]):
            composed[column] = rows[_shows(beyond), column]
    return composed


def _since(course: Course, newest: Floats) -> Floats:
    """Return the rows (n, C) of the incident, with the newest as the last."""
    known = course.rows()[course.before :]
    rows = np.full((len(known) + 1, len(newest)), np.nan)
    rows[:-1, : known.shape[1]] = known
    rows[-1] = newest
    return rows
