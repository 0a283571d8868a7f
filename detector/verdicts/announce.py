"""From findings to the Anomaly that is published, with its evidence."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from contracts.anomaly import Anomaly, Incident, Model, Window, anomaly_id
from detector.verdicts import confidence
from detector.verdicts.exhibit import blamed, shown
from detector.verdicts.kind import by_shape
from detector.verdicts.rarity import rarity_days, watched_days
from detector.verdicts.weights import accuses, weights_of

if TYPE_CHECKING:
    from contracts.anomaly import Phase, Severity
    from detector.models.scorer import Scorer
    from detector.rows.stream import Stream
    from detector.verdicts.course import Course
    from detector.verdicts.findings import Finding
    from detector.verdicts.incidents import IncidentTracker
    from detector.verdicts.observation import Observation

# While there are no data, or always the same, nothing else can be found.
_LEAST_SEVERITY: dict[str, Severity] = {"silence": "major", "dropout": "major", "stuck": "major"}
_WITHOUT_MODEL = "range"


def announce(  # noqa: PLR0913 - what is known of one anomaly
    observation: Observation,
    finding: Finding,
    phase: Phase,
    incident: IncidentTracker,
    course: Course,
    *,
    opening: float,
    earlier: int,
) -> Anomaly:
    """Write the anomaly of an open, update or reopen; the incident takes over a severity that is worse than its own.

    Args:
        observation: of the newest reading, or of a timer.
        finding: what is wrong there.
        phase: what the anomaly tells of the incident.
        incident: the open one.
        course: what has been seen of it so far.
        opening: tail probability that opens an incident.
        earlier: how many incidents were as rare as this finding.
    """
    stream, scorer = observation.stream, observation.scorer
    own = accuses(finding) or not course.blame
    weights = weights_of(stream, scorer, finding) if own else blamed(course, incident.kind)
    carries = observation.values is not None and finding.kind != "silence"
    severity = _severity(finding, opening)
    incident.severity = confidence.worse(incident.severity, severity)
    return Anomaly(
        id=anomaly_id(observation.source, phase),
        reading_id=observation.source if carries else None,
        device=observation.device,
        measured_at=_time(observation.at),
        received_at=observation.received_at,
        values=observation.values if carries else None,
        decision=observation.decision if carries else None,
        score=confidence.score(finding.probability),
        confidence=confidence.confidence(finding.probability),
        severity=severity,
        kind=incident.kind,
        contributions=shown(observation, course, incident.kind, weights, newest=finding.by_rule),
        rarity_days=None if finding.by_rule else rarity_days(finding.probability, stream, earlier),
        watched_days=None if finding.by_rule else watched_days(stream),
        incident=_incident(incident, phase),
        model=_model(observation.device, scorer),
        window=_window(stream) if phase in {"open", "reopen"} else None,
        since=_time(incident.since) if incident.since and incident.kind == finding.kind else None,
        run=observation.run,
    )


def announce_close(observation: Observation, incident: IncidentTracker, course: Course, *, earlier: int) -> Anomaly:
    """Write the anomaly of a close: it carries no reading; score, confidence and decision are those of the peak.

    Its evidence, if any, is that of the whole incident, which may be called otherwise than when it was told of last.
    """
    probability = 10.0**-incident.peak
    ruled = not by_shape(incident.kind)
    weights = {} if ruled and not course.named else blamed(course, incident.kind)
    return Anomaly(
        id=anomaly_id(observation.source, "close"),
        device=observation.device,
        measured_at=_time(incident.over_at),
        received_at=observation.received_at,
        decision=course.decision if weights else None,
        score=confidence.score(probability),
        confidence=confidence.confidence(probability),
        severity=incident.severity,
        kind=incident.kind,
        contributions=shown(observation, course, incident.kind, weights, whole=True),
        rarity_days=rarity_days(probability, observation.stream, earlier) if weights and not ruled else None,
        watched_days=watched_days(observation.stream) if weights and not ruled else None,
        incident=_incident(incident, "close"),
        model=_model(observation.device, observation.scorer),
        since=_time(incident.since) if incident.since and weights else None,
        run=observation.run,
    )


def _severity(finding: Finding, opening: float) -> Severity:
    """Return how bad a finding is: by its rarity beyond the level that opens, or by what it surely is."""
    least = _LEAST_SEVERITY.get(finding.kind or "", "minor" if finding.opens else "info")
    return confidence.worse(confidence.severity(finding.probability, opening), least)


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
