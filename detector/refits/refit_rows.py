"""Rows for an ordered fit, from the recent readings: never those of an incident that people have not pardoned."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from detector.rows.reference import merged
from detector.store.recent_readings import RecentReadings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from detector.device.tracked import Tracked
    from detector.models.fit import FitJob
    from detector.rows.features import Floats, Ints
    from detector.store.incident_ledger import Span
    from detector.store.recent_readings import RecentReading
    from detector.store.state import StateFile

PARDONED = "false_positive"


class RefitRows:
    """Changes the rows of a fit.

    Args:
        state: knows the recent readings, the incidents, and what people say of them.
    """

    def __init__(self, state: StateFile) -> None:
        self._state = state

    def since(self, tracked: Tracked, job: FitJob, since: datetime) -> FitJob:
        """Fit on what was measured since a time alone: the machine has changed, what was before is no example."""
        recent = RecentReadings(self._state.path).window(tracked.name, since)
        spans = self._state.incidents.spans(tracked.name, since.timestamp())
        rows, positions = _rows(recent, job, [span for span in spans if span.verdict != PARDONED])
        return replace(job, rows=rows, positions=positions, learned=len(rows), with_habits=False)

    def with_pardoned(self, tracked: Tracked, job: FitJob) -> FitJob:
        """Take in the rows of incidents that people called false positives, as far as they are still there."""
        spans = self._state.incidents.spans(tracked.name, -1e18)
        pardoned = [span for span in spans if span.verdict == PARDONED]
        if not pardoned:
            return job
        recent = RecentReadings(self._state.path).window(tracked.name)
        others = [span for span in spans if span.verdict != PARDONED]
        rows, positions = _rows(recent, job, others, pardoned)
        rows, positions = merged(job.rows, job.positions, rows, positions)
        once = np.flatnonzero(np.diff(positions, prepend=-1) != 0)
        return replace(job, rows=rows[once], positions=positions[once])


def _rows(
    recent: Sequence[RecentReading], job: FitJob, without: Sequence[Span], within: Sequence[Span] | None = None
) -> tuple[Floats, Ints]:
    """Lay readings out as rows (n, C) of a fit, with their places in the device's stream."""
    columns = {metric: column for column, metric in enumerate(job.metrics)}
    scored = [reading for reading in recent if reading.score is not None]
    rows = np.full((len(scored), len(columns)), np.nan)
    keep = np.ones(len(scored), dtype=np.bool_)
    for row, reading in enumerate(scored):
        at = reading.measured_at.timestamp()
        keep[row] = not inside(at, without) and (within is None or inside(at, within))
        for metric, value in reading.values.items():
            if value is not None and metric in columns:
                rows[row, columns[metric]] = value
    # every scored reading is one row of the stream: the newest one stands at `until`
    positions = np.arange(job.until - len(scored) + 1, job.until + 1)
    return rows[keep], positions[keep]


def inside(at: float, spans: Sequence[Span]) -> bool:
    """Tell whether a moment (epoch s) lies in one of the spans."""
    return any(span.since <= at and (span.until is None or at <= span.until) for span in spans)
