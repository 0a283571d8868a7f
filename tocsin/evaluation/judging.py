"""Shows readings to the detector, one by one, as the service would, and keeps what it says of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from contracts.codec import encode
from contracts.reading import reading_id
from detector.device.device import DeviceDetector
from detector.models.fit import FitError, run_fit
from producer.errors import ProducerError
from tocsin.terminal import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from contracts.anomaly import Anomaly
    from contracts.reading import Reading
    from detector.configuration.config import DetectionConfig
    from detector.device.outcome import Outcome
    from detector.verdicts.evidence import Expectation

_TELL_EVERY = 500


@dataclass(slots=True)
class Incident:
    """Rows of an incident, from the one that opened it to its last; what it was called last, and its newest peak."""

    first: int
    last: int
    kind: str
    metrics: tuple[str, ...]
    peak: float
    over: bool = False


@dataclass(slots=True)
class Track:
    """What was said of a device's readings, row by row.

    Attributes:
        device: its name.
        times: event time, epoch s.
        values: by metric.
        bands: what was expected of each row, None before anything was; without a model, what the newest rows allow.
        scores, alarms: of each row.
        truth: whether a row is labelled abnormal; nowhere, unless the recording is `labelled`.
        incidents: in the order they opened.
        learned_at: the row from which a model judged; None when there never was one.
    """

    device: str
    times: list[float] = field(default_factory=list)
    values: list[dict[str, float | None]] = field(default_factory=list)
    bands: list[Expectation | None] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    alarms: list[bool] = field(default_factory=list)
    truth: list[bool] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    learned_at: int | None = None
    labelled: bool = False

    @property
    def metrics(self) -> list[str]:
        """The metrics that were ever measured, in the order of their first value."""
        return list(dict.fromkeys(name for row in self.values for name in row))

    def add(self, reading: Reading, outcome: Outcome, band: Expectation | None, *, abnormal: bool) -> None:
        """Take a reading and what was said of it."""
        row = len(self.times)
        self.times.append(reading.measured_at.timestamp())
        self.values.append(reading.values)
        self.bands.append(band)
        self.scores.append(outcome.score)
        self.alarms.append(outcome.alarm)
        self.truth.append(abnormal)
        if outcome.anomaly is not None:
            self._note(row, outcome.anomaly)

    def end(self) -> None:
        """Let the incident that is open last to the end."""
        if self.incidents and not self.incidents[-1].over:
            self.incidents[-1].last = len(self.times) - 1

    def _note(self, row: int, anomaly: Anomaly) -> None:
        phase, kind, peak = anomaly.incident.phase, anomaly.kind, anomaly.incident.peak
        metrics = tuple(one.metric for one in anomaly.contributions[:3])
        if phase == "open" or not self.incidents:
            self.incidents.append(Incident(row, row, kind, metrics, peak))
            return
        incident = self.incidents[-1]
        incident.last, incident.kind, incident.peak = row, kind, peak
        incident.metrics = incident.metrics or metrics
        incident.over = phase == "close"


@dataclass(slots=True)
class Judging:
    """Judges readings by one detector a device, and fits whenever one asks for it.

    Args:
        config: of detection.
        only: the one device to judge, None for all.
    """

    config: DetectionConfig
    only: str | None = None
    tracks: dict[str, Track] = field(default_factory=dict)
    _detectors: dict[str, DeviceDetector] = field(default_factory=dict)

    def show(self, readings: Iterable[tuple[Reading, bool | None]], tell: Callable[[int], None]) -> None:
        """Show readings with their labels (None: without); `tell` hears now and then how many there were.

        Raises:
            CommandError: they cannot be read.
        """
        count = 0
        try:
            for count, (reading, abnormal) in enumerate(readings, 1):
                if self.only is None or reading.device == self.only:
                    self._see(reading, abnormal)
                if count % _TELL_EVERY == 0:
                    tell(count)
        except (ProducerError, FitError) as error:
            raise CommandError(str(error)) from error
        for track in self.tracks.values():
            track.end()
        tell(count)

    def _see(self, reading: Reading, abnormal: bool | None) -> None:  # noqa: FBT001 - a label
        detector = self._detectors.get(reading.device)
        if detector is None:
            detector = self._detectors[reading.device] = DeviceDetector(reading.device, self.config)
            self.tracks[reading.device] = Track(reading.device)
        track = self.tracks[reading.device]
        outcome = detector.process(reading, reading_id(reading.device, encode(reading)), reading.measured_at)
        if outcome.late:
            return
        track.labelled |= abnormal is not None
        track.add(reading, outcome, detector.expectation(), abnormal=bool(abnormal))
        if (job := detector.fit_job) is not None:
            detector.adopt(run_fit(job))
            if track.learned_at is None:
                track.learned_at = len(track.times)
