"""What the detector said of a device's readings, row by row, beside what is known of them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from explainer.evidence import Describer
from explainer.incidents.incidents import merge
from explainer.words.knowledge import load_knowledge
from tocsin.evaluation.spans import Span, name_of, span_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contracts.alert import Alert
    from contracts.anomaly import Anomaly
    from contracts.reading import Reading, Truth
    from detector.device.outcome import Outcome
    from detector.verdicts.evidence import Expectation
    from storage.records import AlertRecord


@dataclass(slots=True)
class Life:
    """Rows of an incident from the one that opened it, or opened it again, to the one that closed it."""

    first: int
    last: int
    over: bool = False


@dataclass(slots=True)
class Incident:
    """An incident: when it was open, what it was called last, its newest peak, and its alert.

    It has the name that people read in the end: one that was open to the last may have been called otherwise by then.
    """

    lives: list[Life]
    kind: str
    metrics: tuple[str, ...]
    peak: float
    record: AlertRecord | None = None

    @property
    def first(self) -> int:
        """The row that opened it."""
        return self.lives[0].first

    @property
    def last(self) -> int:
        """Its last row."""
        return self.lives[-1].last

    @property
    def over(self) -> bool:
        """Whether it has closed."""
        return self.lives[-1].over

    @property
    def alert(self) -> Alert | None:
        """What people read of it in the end."""
        return None if self.record is None else self.record.alert


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
        spans: faults of which start and end are known, by their start; a device may have sent nothing meanwhile.
        names: what labels call a row, where they do.
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
    spans: dict[float, Span] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    incidents: list[Incident] = field(default_factory=list)
    learned_at: int | None = None
    labelled: bool = False

    @property
    def metrics(self) -> list[str]:
        """The metrics that were ever measured, in the order of their first value."""
        return list(dict.fromkeys(name for row in self.values for name in row))

    @property
    def judged_from(self) -> int:
        """The row from which on verdicts count; as many as there are rows when there never was a model."""
        return len(self.times) if self.learned_at is None else self.learned_at

    def add(self, reading: Reading, outcome: Outcome, band: Expectation | None, truth: Truth | None) -> None:
        """Take a reading, what was said of it, and its label; None where the recording has none."""
        row = len(self.times)
        self.times.append(reading.measured_at.timestamp())
        self.values.append(reading.values)
        self.bands.append(band)
        self.scores.append(outcome.score)
        self.alarms.append(outcome.alarm)
        self._label(row, truth)
        if outcome.anomaly is not None:
            self._note(row, outcome.anomaly)

    def covers(self, span: Span) -> bool:
        """Whether some of a span lies between the first and the last reading."""
        return span.start <= self.times[-1] and span.end >= self.times[0]

    def end(self, given: Iterable[Span] | None = None) -> None:
        """Let the incident that is open last to the end, and label the rows in the spans that a person gave."""
        if self.incidents and not self.incidents[-1].over:
            self.incidents[-1].lives[-1].last = len(self.times) - 1
        self.labelled |= given is not None
        for span in given or ():
            if span.device not in {None, self.device}:
                continue
            self.spans[span.start] = span
            rows = slice(bisect_left(self.times, span.start), bisect_right(self.times, span.end))
            self.truth[rows] = [True] * len(self.truth[rows])

    def _label(self, row: int, truth: Truth | None) -> None:
        span = None if truth is None else span_of(truth)
        if span is not None:
            self.spans.setdefault(span.start, span)
        # a silence is told with the last reading before it, in which nothing is wrong
        self.truth.append(truth is not None and truth.anomalous and truth.fault != "silence")
        self.labelled |= truth is not None
        if truth is not None and (name := name_of(truth)):
            self.names[row] = name

    def _note(self, row: int, anomaly: Anomaly) -> None:
        phase = anomaly.incident.phase
        metrics = tuple(one.metric for one in anomaly.contributions[:3])
        if phase == "open" or not self.incidents:
            self.incidents.append(Incident([Life(row, row)], anomaly.kind, metrics, anomaly.incident.peak))
        incident = self.incidents[-1]
        if phase == "reopen" and incident.over:
            incident.lives.append(Life(row, row))
        incident.lives[-1].last, incident.lives[-1].over = row, phase == "close"
        incident.peak = anomaly.incident.peak
        incident.metrics = incident.metrics or metrics
        incident.record = merge(incident.record, anomaly, _describer()).record
        incident.kind = incident.record.alert.evidence.kind


@cache
def _describer() -> Describer:
    return Describer(load_knowledge())
