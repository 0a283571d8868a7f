"""Tocsin's own detector, reading by reading, as the service drives it for recorded time; one configuration for all."""

from __future__ import annotations

from datetime import UTC, datetime
from math import isnan
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.quality.metrics.root_cause import EVENT_ROWS
from benchmarks.quality.recording import Verdicts
from contracts.reading import Reading, reading_id
from detector.device import DetectionConfig, DeviceDetector, run_fit

if TYPE_CHECKING:
    from benchmarks.quality.recording import Floats, Recording
    from detector.device import Outcome


def judge(recording: Recording) -> Verdicts:
    """Feed the training part, if any, then the rows; keep what the detector says of each row."""
    driven = _Device(recording)
    training, run = recording.training, "judged"
    if training is not None:
        run = "judged" if training.continues else "training"
        for at, row in zip(training.times, training.rows, strict=True):
            driven.feed(at, row, run)
    watched = _watched(recording)
    scores, alarms, opened = np.zeros(len(recording.rows)), np.zeros(len(recording.rows), dtype=np.bool_), []
    weights = [np.zeros(len(recording.metrics)) for _ in recording.causes]
    for number, (at, row) in enumerate(zip(recording.times, recording.rows, strict=True)):
        outcome = driven.feed(at, row, "judged")
        scores[number], alarms[number] = outcome.score, outcome.alarm
        if outcome.anomaly is not None and outcome.anomaly.incident.phase in {"open", "reopen"}:
            opened.append(number)
        for event in watched.get(number, ()):
            weights[event] += driven.suspicion(outcome)
    rankings = [[int(c) for c in np.argsort(-weight, kind="stable")] for weight in weights]
    return Verdicts(scores, alarms, rankings, opened)


def _watched(recording: Recording) -> dict[int, list[int]]:
    """Return the events whose first rows a row is one of."""
    watched: dict[int, list[int]] = {}
    for event, cause in enumerate(recording.causes):
        for row in range(cause.first, min(cause.first + EVENT_ROWS, cause.last + 1)):
            watched.setdefault(row, []).append(event)
    return watched


class _Device:
    def __init__(self, recording: Recording) -> None:
        self._name = f"{recording.collection}/{recording.name}"
        self._metrics = recording.metrics
        self._columns = {name: column for column, name in enumerate(recording.metrics)}
        self._detector = DeviceDetector(self._name, DetectionConfig())
        self._count = 0

    def feed(self, at: float, row: Floats, run: str) -> Outcome:
        """Send one reading; a model is adopted as soon as its rows are there."""
        self._count += 1
        moment = datetime.fromtimestamp(at, UTC)
        pairs = zip(self._metrics, row.tolist(), strict=True)
        values = {name: None if isnan(value) else value for name, value in pairs}
        reading = Reading(device=self._name, values=values, measured_at=moment, clock="replay", run=run)
        outcome = self._detector.process(reading, reading_id(self._name, str(self._count).encode()), moment)
        job = self._detector.fit_job
        if job is not None:
            self._detector.adopt(run_fit(job))
        return outcome

    def suspicion(self, outcome: Outcome) -> Floats:
        """Return a weight of each column: published contributions first, then the distance from what was expected."""
        weights = np.zeros(len(self._columns))
        expectation = self._detector.expectation()
        if expectation is not None:
            for name, value in expectation.values.items():
                if value is not None and name in expectation.expected:
                    reach = (expectation.upper[name] - expectation.lower[name]) / 2.0
                    weights[self._columns[name]] = min(abs(value - expectation.expected[name]) / max(reach, 1e-12), 1e3)
        weights /= max(weights.sum(), 1e-12)
        for contribution in () if outcome.anomaly is None else outcome.anomaly.contributions:
            weights[self._columns[contribution.metric]] += 1e3 * contribution.share
        return weights
