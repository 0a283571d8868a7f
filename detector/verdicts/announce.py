"""From findings to the Anomaly that is published, with its evidence."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from contracts.anomaly import Anomaly, Incident, Model, Window, anomaly_id
from detector.verdicts import confidence
from detector.verdicts.evidence import deviations, shares
from detector.verdicts.exhibit import blamed, shown
from detector.verdicts.history import rarity_days, watched_days
from detector.verdicts.prediction import credible

if TYPE_CHECKING:
    from contracts.anomaly import Phase, Severity
    from detector.models.scorer import Scorer
    from detector.rows.stream import Stream
    from detector.verdicts.course import Course
    from detector.verdicts.findings import Finding
    from detector.verdicts.incidents import IncidentTracker

_BY_RULE = frozenset({"stuck", "silence", "dropout", "out_of_range", "clock", "schema"})  # not by the device's history
_OF_DEVICE = frozenset({"silence", "clock"})  # no metric is at fault
_LEAST_SEVERITY: dict[str, Severity] = {"silence": "major", "dropout": "major", "stuck": "major"}
_WITHOUT_MODEL = "range"
_PAIR = 2


class Occasion(msgspec.Struct, frozen=True, gc=False):
    """What an anomaly is said about.

    Attributes:
        device: its name.
        source: id of the reading, or the words of a timer; anomaly ids follow from it.
        at: event time, epoch s.
        received_at: when it arrived.
        run: of a recording.
        values: of the reading; None when there is none.
    """

    device: str
    source: str
    at: float
    received_at: datetime
    run: str | None = None
    values: dict[str, float | None] | None = None


def weights_of(stream: Stream, scorer: Scorer | None, finding: Finding) -> dict[str, float]:
    """Return how much each metric adds; one metric alone where the finding names it, none where the device is it."""
    if finding.metric >= 0:
        return {stream.roster.metrics[finding.metric]: 1.0}
    if scorer is None or finding.kind in _OF_DEVICE:
        return {}
    # Two metrics disagree with each other as much as the other way round: the one that is farther out tells more.
    beside = finding.incoherent and len(scorer.columns) > _PAIR
    parts = shares(scorer.disagreements() * credible(stream, scorer) if beside else deviations(scorer))
    return {name: float(part) for name, part in zip(scorer.model.metrics, parts, strict=True)}


def leading_metric(stream: Stream, scorer: Scorer | None, finding: Finding) -> str:
    """Return the metric that says most; the empty text where none does."""
    weights = weights_of(stream, scorer, finding)
    return max(weights, key=lambda name: (weights[name], name)) if weights else ""


def by_rule(finding: Finding) -> bool:
    """Tell whether a rule found it: the device's history of scores says nothing of how rare it is."""
    return finding.kind in _BY_RULE


def severity_of(finding: Finding, opening: float) -> Severity:
    """Return how bad a finding is: by its rarity beyond the level that opens, or by what it surely is."""
    least = _LEAST_SEVERITY.get(finding.kind or "", "minor" if finding.opens else "info")
    return confidence.worse(confidence.severity(finding.probability, opening), least)


def announce(  # noqa: PLR0913, PLR0917 - what is known of one anomaly
    occasion: Occasion,
    phase: Phase,
    incident: IncidentTracker,
    finding: Finding,
    stream: Stream,
    scorer: Scorer | None,
    *,
    opening: float,
    decision: float | None,
    earlier: int,
    course: Course,
) -> Anomaly:
    """Write the anomaly of an open, update or reopen.

    `earlier` incidents were as rare as this finding; `course` is what has been seen of this one so far.
    """
    own = finding.metric >= 0 or finding.kind in _OF_DEVICE or not course.blame
    weights = weights_of(stream, scorer, finding) if own else blamed(course, incident.kind)
    carries = occasion.values is not None and finding.kind != "silence"
    severity = severity_of(finding, opening)
    incident.severity = confidence.worse(incident.severity, severity)
    return Anomaly(
        id=anomaly_id(occasion.source, phase),
        reading_id=occasion.source if carries else None,
        device=occasion.device,
        measured_at=_time(occasion.at),
        received_at=occasion.received_at,
        values=occasion.values if carries else None,
        decision=decision if carries else None,
        score=confidence.score(finding.probability),
        confidence=confidence.confidence(finding.probability),
        severity=severity,
        kind=incident.kind,
        contributions=shown(course, stream, scorer, incident.kind, weights, newest=finding.kind is not None),
        rarity_days=None if by_rule(finding) else rarity_days(finding.probability, stream, earlier),
        watched_days=None if by_rule(finding) else watched_days(stream),
        incident=_incident(incident, phase),
        model=_model(occasion.device, scorer),
        window=_window(stream) if phase in {"open", "reopen"} else None,
        since=_time(incident.since) if incident.since and incident.kind == finding.kind else None,
        run=occasion.run,
    )


def announce_close(  # noqa: PLR0913, PLR0917 - the same
    occasion: Occasion, incident: IncidentTracker, course: Course, stream: Stream, scorer: Scorer | None, earlier: int
) -> Anomaly:
    """Write the anomaly of a close: it carries no reading; score, confidence and decision are those of the peak.

    Its evidence, if any, is that of the whole incident, which may be called otherwise than when it was told of last.
    """
    probability = 10.0**-incident.peak
    ruled = incident.kind in _BY_RULE
    weights = {} if ruled and not course.named else blamed(course, incident.kind)
    return Anomaly(
        id=anomaly_id(occasion.source, "close"),
        device=occasion.device,
        measured_at=_time(incident.abnormal_at),  # the trouble ended there; the quiet since then only proves it
        received_at=occasion.received_at,
        decision=course.decision if weights else None,
        score=confidence.score(probability),
        confidence=confidence.confidence(probability),
        severity=incident.severity,
        kind=incident.kind,
        contributions=shown(course, stream, scorer, incident.kind, weights),
        rarity_days=rarity_days(probability, stream, earlier) if weights and not ruled else None,
        watched_days=watched_days(stream) if weights and not ruled else None,
        incident=_incident(incident, "close"),
        model=_model(occasion.device, scorer),
        since=_time(incident.since) if incident.since and weights else None,
        run=occasion.run,
    )


def _incident(incident: IncidentTracker, phase: Phase) -> Incident:
    return Incident(
        id=incident.id or "",
        phase=phase,
        opened_at=_time(incident.opened_at),
        readings=incident.abnormal,
        peak=confidence.score(10.0**-incident.peak),
        began_at=_time(incident.began_at) if incident.abnormal_before else None,
    )


def _model(device: str, scorer: Scorer | None) -> Model:
    return Model(backend=_WITHOUT_MODEL, version=0, scope=device) if scorer is None else scorer.model.named()


def _window(stream: Stream) -> Window:
    times, rows = stream.recent.newest()
    values = {
        name: tuple(None if np.isnan(value) else float(value) for value in rows[:, column])
        for column, name in enumerate(stream.roster.metrics)
    }
    return Window(times=tuple(_time(at) for at in times), values=values)


def _time(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
