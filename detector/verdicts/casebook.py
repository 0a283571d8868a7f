"""The incidents of a device: when a finding opens one, what it is called, what is published of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from contracts.anomaly import incident_id
from detector.verdicts import confidence
from detector.verdicts.announce import announce, announce_close
from detector.verdicts.course import Course
from detector.verdicts.discretion import mute, speaks_up
from detector.verdicts.exhibit import usual_bounds
from detector.verdicts.findings import opening_level
from detector.verdicts.incidents import IncidentTracker
from detector.verdicts.kind import kind_of
from detector.verdicts.likeness import likeness_of
from detector.verdicts.naming import last_name, name_by_now, next_name
from detector.verdicts.rarity import since
from detector.verdicts.recollection import Recollection
from detector.verdicts.recurrence import Occurrence
from detector.verdicts.weights import leading_metric, weights_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.anomaly import Anomaly, Phase
    from detector.configuration.config import DetectionConfig
    from detector.verdicts.findings import Finding
    from detector.verdicts.likeness import Likeness
    from detector.verdicts.observation import Observation
    from detector.verdicts.recollection import Case, Opinion


class Casebook:
    """Steps the newest incident of a device and writes its anomalies.

    Attributes:
        tracker: the newest incident.
        recollection: the incidents before, and what people said of them.
        trouble: people confirmed what the newest incident looks like.
        course: of the newest incident.
    """

    def __init__(
        self,
        config: DetectionConfig,
        tracker: IncidentTracker | None = None,
        recollection: Recollection | None = None,
        *,
        trouble: bool = False,
    ) -> None:
        self.tracker = tracker or IncidentTracker()
        self.recollection = recollection or Recollection()
        self.config = config
        self.trouble = trouble
        self.course = Course()

    @property
    def told(self) -> bool:
        """Whether an incident is open that people have heard of."""
        return self.tracker.open and self.tracker.announced

    def step(self, observation: Observation, finding: Finding | None) -> Anomaly | None:
        """Take what was found in a reading; return what is to be published."""
        if not self.tracker.open:
            opens = finding is not None and finding.opens
            return self.opens(observation, finding) if finding is not None and opens else None
        keeps = finding is not None and finding.keeps
        decades = 0.0 if finding is None else confidence.decades(finding.probability)
        phase = self.tracker.goes_on(self.config, observation.at, decades, abnormal=keeps)
        self.course.add(observation.stream, abnormal=keeps, incoherent=finding is not None and finding.incoherent)
        if phase == "close":
            return self._announce_close(observation)
        if finding is None or not keeps:
            return None
        self._accuse(observation, finding)
        self.tracker.lead = self.course.lead
        if self.tracker.muted:
            return self._speaks_up(observation, finding)
        name = next_name(observation, finding, self.tracker, self.course)
        if phase is None and name == self.tracker.kind:
            return None
        self.tracker.kind = name
        return self._announce(observation, finding, "update")

    def opens(self, observation: Observation, finding: Finding) -> Anomaly | None:
        """Open an incident, or say that the open one has become something else; None where it is not to be told."""
        decades = confidence.decades(finding.probability)
        tracker = self.tracker
        if tracker.open:
            phase: Phase = "update" if tracker.announced else "open"
            tracker.muted, tracker.usual_until = False, 0.0
            tracker.goes_on(self.config, observation.at, decades, abnormal=True)
            tracker.kind = finding.kind or tracker.kind
        else:
            new_id = incident_id(observation.device, observation.source)
            metric = leading_metric(observation.stream, observation.scorer, finding)
            self.course.begin(observation.stream, incoherent=finding.incoherent)
            self.course.usual = None if observation.scorer is None else usual_bounds(observation, self.course)
            self._accuse(observation, finding)
            kind = finding.kind or kind_of(observation, self.course, metric)
            phase = tracker.opens(self.config, observation.at, decades, new_id, kind, metric)
            self.trouble = False
            likeness = likeness_of(observation, finding, kind)
            tracker.since = since(observation, finding) or 0.0
            occurrence = self._occurrence(observation, likeness)
            if mute(tracker, self.recollection, finding, occurrence, self.config.recurring_days):
                self._remember(observation, likeness, 0.0)
                return None
            if not tracker.announced:
                phase = "open"
        return self._announce(observation, finding, phase)

    def say(self, incident: str, opinion: Opinion) -> Case | None:
        """Take people's opinion of an incident; an open one that is a false positive is told no more."""
        case = self.recollection.say(incident, opinion)
        if case is not None and self.tracker.open and incident == self.tracker.id:
            self.tracker.muted = opinion == "false_positive"
            self.trouble = opinion == "confirmed"
        return case

    def heard(self, at: float) -> None:
        """Note that a device which was silent was heard at `at` (epoch s)."""
        if self.tracker.open and self.tracker.kind == "silence":
            self.tracker.heard_at = at
            self.recollection.prolong(self.tracker.id or "", at)

    def begin_anew(self, observation: Observation) -> Anomaly | None:
        """Close what is open and begin a new page: what comes next is another recording."""
        ended = self.close(observation)
        self.tracker = IncidentTracker()
        return ended

    def close(self, observation: Observation) -> Anomaly | None:
        """Close what is open."""
        if not self.tracker.open:
            return None
        self.tracker.close(observation.at)
        return self._announce_close(observation)

    def state(self) -> dict[str, Any]:
        """Return what `restored` needs."""
        return {
            "tracker": asdict(self.tracker),
            "recollection": self.recollection.state(),
            "trouble": self.trouble,
            "course": self.course.state() if self.tracker.open else None,
        }

    @classmethod
    def restored(cls, state: Mapping[str, Any], config: DetectionConfig) -> Casebook:
        """Rebuild from `state`."""
        tracker = IncidentTracker(**state["tracker"])
        book = cls(config, tracker, Recollection.restored(state["recollection"]), trouble=state["trouble"])
        if state["course"] is not None:
            book.course = Course.restored(state["course"])
        return book

    def _accuse(self, observation: Observation, finding: Finding) -> None:
        """Note which metrics the newest row accuses."""
        stream = observation.stream
        weights = weights_of(stream, observation.scorer, finding)
        decades = confidence.decades(finding.probability)
        self.course.accuse(weights, decades, observation.decision, ruled=finding.by_rule)
        if finding.by_rule and finding.metric >= 0:
            self.course.name(stream.roster.metrics[finding.metric], stream.features.features[0])

    def _announce_close(self, observation: Observation) -> Anomaly | None:
        if not self.tracker.announced:
            return None
        self.tracker.kind = last_name(observation, self.tracker, self.course)
        earlier = self.recollection.as_rare(self.tracker.peak, self.tracker.id or "")
        return announce_close(observation, self.tracker, self.course, earlier=earlier)

    def _speaks_up(self, observation: Observation, finding: Finding) -> Anomaly | None:
        """Tell of an incident that was quiet, if it is no longer like those that people want no word of."""
        tracker, days = self.tracker, self.config.recurring_days
        name = name_by_now(observation, finding, tracker, self.course)
        likeness = likeness_of(observation, finding, name)
        occurrence = self._occurrence(observation, likeness)
        if not speaks_up(self.recollection, finding, occurrence, observation.at, days):
            return None
        tracker.muted, tracker.kind = False, name
        return self._announce(observation, finding, "update" if tracker.announced else "open")

    def _occurrence(self, observation: Observation, likeness: Likeness) -> Occurrence:
        tracker, scorer = self.tracker, observation.scorer
        grows = scorer is None or not scorer.model.complete
        return Occurrence(likeness, tracker.lately, tracker.first_at, observation.stream.began_at, grows)

    def _remember(self, observation: Observation, likeness: Likeness, decades: float) -> None:
        tracker = self.tracker
        self.recollection.remember(
            tracker.id or "",
            likeness,
            began=tracker.first_at,
            at=observation.at,
            position=observation.stream.position,
            peak=decades,
            untold=tracker.usual,
        )

    def _announce(self, observation: Observation, finding: Finding, phase: Phase) -> Anomaly:
        tracker = self.tracker
        tracker.announced = True
        tracker.since = tracker.since or since(observation, finding) or 0.0
        likeness = likeness_of(observation, finding, tracker.kind)
        decades = 0.0 if finding.by_rule else confidence.decades(finding.probability)
        self._remember(observation, likeness, decades)
        self.trouble = self.trouble or self.recollection.confirms(likeness, tracker.lately)
        return announce(
            observation,
            finding,
            phase,
            tracker,
            self.course,
            opening=opening_level(self.config, observation.stream.readings_per_day()),
            earlier=self.recollection.as_rare(decades, tracker.id or ""),
        )
