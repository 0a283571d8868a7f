"""The incidents of a device: when a finding opens one, what it is called, what is published of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from contracts.anomaly import incident_id
from detector.verdicts import confidence
from detector.verdicts.announce import announce, announce_close, by_rule, leading_metric, weights_of
from detector.verdicts.course import Course
from detector.verdicts.discretion import mute, speaks_up
from detector.verdicts.findings import opening_level
from detector.verdicts.history import since
from detector.verdicts.incidents import IncidentTracker
from detector.verdicts.kind import kind_of
from detector.verdicts.likeness import likeness_of
from detector.verdicts.naming import last_name, name_by_now, next_name
from detector.verdicts.recollection import Recollection

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.anomaly import Anomaly, Phase
    from detector.configuration.config import DetectionConfig
    from detector.models.scorer import Scorer
    from detector.rows.stream import Stream
    from detector.verdicts.announce import Occasion
    from detector.verdicts.findings import Finding
    from detector.verdicts.likeness import Likeness
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

    def step(
        self, occasion: Occasion, finding: Finding | None, decision: float | None, stream: Stream, scorer: Scorer | None
    ) -> Anomaly | None:
        """Take what was found in a reading; return what is to be published."""
        if not self.tracker.open:
            opens = finding is not None and finding.opens
            return self.opens(occasion, finding, decision, stream, scorer) if finding is not None and opens else None
        keeps = finding is not None and finding.keeps
        tens = 0.0 if finding is None else confidence.decades(finding.probability)
        phase = self.tracker.goes_on(self.config, occasion.at, tens, abnormal=keeps)
        self.course.add(stream, abnormal=keeps, incoherent=finding is not None and finding.incoherent)
        if phase == "close":
            return self._close(occasion, stream, scorer)
        if finding is None or not keeps:
            return None
        self._accuse(finding, decision, stream, scorer)
        self.tracker.lead = self.course.lead
        if self.tracker.muted:
            return self._speaks_up(occasion, finding, decision, stream, scorer)
        name = next_name(finding, self.tracker, self.course, stream, scorer)
        if phase is None and name == self.tracker.kind:
            return None
        self.tracker.kind = name
        return self._announce(occasion, "update", finding, decision, stream, scorer)

    def opens(
        self, occasion: Occasion, finding: Finding, decision: float | None, stream: Stream, scorer: Scorer | None
    ) -> Anomaly | None:
        """Open an incident, or say that the open one has become something else; None where it is not to be told."""
        tens = confidence.decades(finding.probability)
        tracker = self.tracker
        if tracker.open:
            phase: Phase = "update" if tracker.announced else "open"
            tracker.muted, tracker.usual_until = False, 0.0
            tracker.goes_on(self.config, occasion.at, tens, abnormal=True)
            tracker.kind = finding.kind or tracker.kind
        else:
            new_id = incident_id(occasion.device, occasion.source)
            metric = leading_metric(stream, scorer, finding)
            self.course.begin(stream, incoherent=finding.incoherent)
            self._accuse(finding, decision, stream, scorer)
            kind = finding.kind or kind_of(self.course, stream, scorer, metric)
            phase = tracker.opens(self.config, occasion.at, tens, new_id, kind, metric)
            self.trouble = False
            likeness = likeness_of(stream, scorer, finding, kind)
            tracker.since = since(finding, occasion, stream) or 0.0
            if mute(tracker, self.recollection, finding, likeness, self.config.recurring_days):
                self._remember(likeness, occasion, stream, 0.0)
                return None
            if not tracker.announced:
                phase = "open"
        return self._announce(occasion, phase, finding, decision, stream, scorer)

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
            self.recollection.prolong(self.tracker.id or "", at)

    def end(self, occasion: Occasion, stream: Stream, scorer: Scorer | None) -> Anomaly | None:
        """Close what is open and begin a new page: what comes next is another recording."""
        ended = self.ends(occasion, stream, scorer)
        self.tracker = IncidentTracker()
        return ended

    def ends(self, occasion: Occasion, stream: Stream, scorer: Scorer | None) -> Anomaly | None:
        """Close what is open."""
        if not self.tracker.open:
            return None
        self.tracker.closes(occasion.at)
        return self._close(occasion, stream, scorer)

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

    def _accuse(self, finding: Finding, decision: float | None, stream: Stream, scorer: Scorer | None) -> None:
        """Note which metrics the newest row accuses."""
        tens = confidence.decades(finding.probability)
        self.course.accuse(weights_of(stream, scorer, finding), tens, decision, ruled=finding.kind is not None)
        if finding.kind is not None and finding.metric >= 0:
            self.course.name(stream.roster.metrics[finding.metric], stream.features.features[0])

    def _close(self, occasion: Occasion, stream: Stream, scorer: Scorer | None) -> Anomaly | None:
        if not self.tracker.announced:
            return None
        self.tracker.kind = last_name(self.tracker, self.course, stream, scorer)
        earlier = self.recollection.as_rare(self.tracker.peak, self.tracker.id or "")
        return announce_close(occasion, self.tracker, self.course, stream, scorer, earlier)

    def _speaks_up(
        self, occasion: Occasion, finding: Finding, decision: float | None, stream: Stream, scorer: Scorer | None
    ) -> Anomaly | None:
        """Tell of an incident that was quiet, if it is no longer like those that people want no word of."""
        name = name_by_now(finding, self.tracker, self.course, stream, scorer)
        likeness = likeness_of(stream, scorer, finding, name)
        if not speaks_up(self.tracker, self.recollection, finding, likeness, occasion.at, self.config.recurring_days):
            return None
        self.tracker.muted, self.tracker.kind = False, name
        phase: Phase = "update" if self.tracker.announced else "open"
        return self._announce(occasion, phase, finding, decision, stream, scorer)

    def _remember(self, likeness: Likeness, occasion: Occasion, stream: Stream, tens: float) -> None:
        tracker = self.tracker
        self.recollection.remember(
            tracker.id or "",
            likeness,
            tracker.first_at,
            occasion.at,
            stream.position,
            tens,
            untold=tracker.usual,
        )

    def _opening(self, stream: Stream) -> float:
        return opening_level(self.config, stream.readings_per_day())

    def _announce(  # noqa: PLR0913, PLR0917 - what is known of one anomaly
        self,
        occasion: Occasion,
        phase: Phase,
        finding: Finding,
        decision: float | None,
        stream: Stream,
        scorer: Scorer | None,
    ) -> Anomaly:
        tracker = self.tracker
        tracker.announced = True
        tracker.since = tracker.since or since(finding, occasion, stream) or 0.0
        likeness = likeness_of(stream, scorer, finding, tracker.kind)
        tens, name = 0.0 if by_rule(finding) else confidence.decades(finding.probability), tracker.id or ""
        self._remember(likeness, occasion, stream, tens)
        self.trouble = self.trouble or self.recollection.confirms(likeness, tracker.lately)
        return announce(
            occasion,
            phase,
            tracker,
            finding,
            stream,
            scorer,
            opening=self._opening(stream),
            decision=decision,
            earlier=self.recollection.as_rare(tens, name),
            course=self.course,
        )
