"""Tocsin's own detector, reading by reading, as the service drives it for recorded time; one configuration for all."""

from __future__ import annotations

from datetime import UTC, datetime
from math import isnan
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.quality.metrics.root_cause import EVENT_ROWS
from benchmarks.quality.recording import Verdicts
from contracts.reading import Reading, reading_id
from detector.device.device import DetectionConfig, DeviceDetector, run_fit

if TYPE_CHECKING:
    from benchmarks.quality.recording import Floats, Recording
    from contracts.anomaly import Anomaly
    from detector.device.device import Outcome


def judge(recording: Recording) -> Verdicts:
    """Feed the training part, if any, then the rows; keep what the detector says of each row."""
    driven = _Device(recording)
    training, run = recording.training, "judged"
    if training is not None:
        run = "judged" if training.continues else "training"
        driven.study(training.times, training.rows, run)
    if recording.normal:
        driven.study(recording.times[: recording.normal], recording.rows[: recording.normal], run)
    watched = _watched(recording)
    scores, alarms, opened = np.zeros(len(recording.rows)), np.zeros(len(recording.rows), dtype=np.bool_), []
    weights = [np.zeros(len(recording.metrics)) for _ in recording.causes]
    told: list[list[int]] = [[] for _ in recording.causes]
    pairs = list(zip(recording.times, recording.rows, strict=True))
    for number, (at, row) in enumerate(pairs[recording.normal :], recording.normal):
        outcome = driven.feed(at, row, "judged")
        scores[number], alarms[number] = outcome.news, outcome.alarm
        if outcome.anomaly is not None:
            if outcome.anomaly.incident.phase in {"open", "reopen"}:
                opened.append(number)
            _tell(told, recording, number, outcome.anomaly)
        for event in watched.get(number, ()):
            weights[event] += driven.suspicion()
    rankings = [[int(c) for c in np.argsort(-weight, kind="stable")] for weight in weights]
    return Verdicts(scores, alarms, rankings, opened, told)


def _tell(told: list[list[int]], recording: Recording, row: int, anomaly: Anomaly) -> None:
    """Note the columns that an anomaly names, for the events that had none before."""
    columns = [recording.metrics.index(c.metric) for c in anomaly.contributions or ()]
    for event, cause in enumerate(recording.causes):
        if cause.first <= row <= cause.last and not told[event]:
            told[event] = columns


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

    def study(self, times: Floats, rows: Floats, run: str) -> None:
        """Send the training part, and adopt the model of it."""
        for at, row in zip(times, rows, strict=True):
            reading, moment = self._reading(at, row, run)
            self._detector.study(reading, moment)
        self._detector.adopt(run_fit(self._detector.job_now()))

    def feed(self, at: float, row: Floats, run: str) -> Outcome:
        """Send one reading; a model is adopted as soon as its rows are there."""
        reading, moment = self._reading(at, row, run)
        self._count += 1
        outcome = self._detector.process(reading, reading_id(self._name, str(self._count).encode()), moment)
        job = self._detector.fit_job
        if job is not None:
            self._detector.adopt(run_fit(job))
        return outcome

    def _reading(self, at: float, row: Floats, run: str) -> tuple[Reading, datetime]:
        moment = datetime.fromtimestamp(at, UTC)
        pairs = zip(self._metrics, row.tolist(), strict=True)
        values = {name: None if isnan(value) else value for name, value in pairs}
        return Reading(device=self._name, values=values, measured_at=moment, clock="replay", run=run), moment

    def suspicion(self) -> Floats:
        """Return a weight of each column."""
        weights = np.zeros(len(self._columns))
        for name, share in self._detector.suspicion().items():
            weights[self._columns[name]] = share
        return weights
