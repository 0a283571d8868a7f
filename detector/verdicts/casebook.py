"""The incidents of a device: when a finding opens one, what it is called, what is published of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from contracts.anomaly import incident_id
from detector.verdicts import confidence
from detector.verdicts.announce import announce, announce_close, kind_of, leading_metric
from detector.verdicts.findings import opening_level
from detector.verdicts.incidents import IncidentTracker
from detector.verdicts.kind import becomes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.anomaly import Anomaly, Kind, Phase
    from detector.config import DetectionConfig
    from detector.models.scorer import Scorer
    from detector.rows.stream import Stream
    from detector.verdicts.announce import Occasion
    from detector.verdicts.findings import Finding

_RECONSIDERED = frozenset({4, 6, 12, 25, 50, 100})  # abnormal readings after which an incident may get a new name


class Casebook:
    """Steps the newest incident of a device and writes its anomalies.

    Attributes:
        tracker: the newest incident.
    """

    def __init__(self, config: DetectionConfig, tracker: IncidentTracker | None = None) -> None:
        self.tracker = tracker or IncidentTracker()
        self.config = config

    def step(
        self, occasion: Occasion, finding: Finding | None, decision: float | None, stream: Stream, scorer: Scorer | None
    ) -> Anomaly | None:
        """Take what was found in a reading; return what is to be published."""
        if not self.tracker.open:
            if finding is None or not finding.opens:
                return None
            return self.opens(occasion, finding, decision, stream, scorer)
        keeps = finding is not None and finding.keeps
        tens = 0.0 if finding is None else confidence.decades(finding.probability)
        phase = self.tracker.goes_on(self.config, occasion.at, tens, abnormal=keeps)
        if phase == "close":
            return announce_close(occasion, self.tracker, scorer, opening=self._opening(stream))
        if finding is None or (phase is None and not (keeps and self._renamed(finding, stream, scorer))):
            return None
        return self._announce(occasion, phase or "update", finding, decision, stream, scorer)

    def opens(
        self, occasion: Occasion, finding: Finding, decision: float | None, stream: Stream, scorer: Scorer | None
    ) -> Anomaly:
        """Open an incident, or say that the open one has become something else."""
        tens = confidence.decades(finding.probability)
        phase: Phase = "update"
        if self.tracker.open:
            self.tracker.goes_on(self.config, occasion.at, tens, abnormal=True)
        else:
            new_id = incident_id(occasion.device, occasion.source)
            kind = kind_of(stream, scorer, finding)
            metric = leading_metric(stream, scorer, finding)
            phase = self.tracker.opens(self.config, occasion.at, tens, new_id, kind, metric)
        return self._announce(occasion, phase, finding, decision, stream, scorer)

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
        return announce_close(occasion, self.tracker, scorer, opening=self._opening(stream))

    def state(self) -> dict[str, Any]:
        """Return what `restored` needs."""
        return asdict(self.tracker)

    @classmethod
    def restored(cls, state: Mapping[str, Any], config: DetectionConfig) -> Casebook:
        """Rebuild from `state`."""
        return cls(config, IncidentTracker(**state))

    def _opening(self, stream: Stream) -> float:
        return opening_level(self.config, stream.readings_per_day())

    def _renamed(self, finding: Finding, stream: Stream, scorer: Scorer | None) -> bool:
        """Tell whether the incident looks different now from what it was called."""
        return self.tracker.lately in _RECONSIDERED and self._name(finding, stream, scorer) != self.tracker.kind

    def _name(self, finding: Finding, stream: Stream, scorer: Scorer | None) -> Kind:
        """Return what the open incident should be called now."""
        later = kind_of(stream, scorer, finding)
        if finding.kind is not None or becomes(self.tracker.kind, later, self.tracker.lately):
            return later
        return self.tracker.kind

    def _announce(  # noqa: PLR0913, PLR0917 - what is known of one anomaly
        self,
        occasion: Occasion,
        phase: Phase,
        finding: Finding,
        decision: float | None,
        stream: Stream,
        scorer: Scorer | None,
    ) -> Anomaly:
        self.tracker.kind = self._name(finding, stream, scorer)
        return announce(
            occasion, phase, self.tracker, finding, stream, scorer, opening=self._opening(stream), decision=decision
        )
