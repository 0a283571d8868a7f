"""One device's detector: readings in, verdicts and incidents out. Pure: no clock, no files, no bus.

The same readings in the same order give the same outcomes, whatever is saved and restored in between.
"""

from __future__ import annotations

from datetime import UTC, datetime
from math import isfinite
from typing import TYPE_CHECKING

import msgspec

from contracts.anomaly import incident_id
from detector.configuration.config import DetectionConfig
from detector.configuration.context import covered
from detector.device.device_memory import DeviceMemory
from detector.device.outcome import LATE, Outcome
from detector.models.fit import FitJob, FittedModel, run_fit
from detector.models.suspicion import suspicion
from detector.rows.cadence import SEEN
from detector.rows.stream import ARRIVAL
from detector.store.snapshot import SnapshotError
from detector.verdicts import confidence
from detector.verdicts.evidence import Expectation, expectation
from detector.verdicts.findings import ruled
from detector.verdicts.observation import Observation
from detector.verdicts.verdict import verdict

if TYPE_CHECKING:
    from contracts.anomaly import Anomaly
    from contracts.reading import Reading
    from detector.verdicts.examined import Examined
    from detector.verdicts.recollection import Opinion

__all__ = [
    "DetectionConfig",
    "DeviceDetector",
    "FitJob",
    "FittedModel",
    "Outcome",
    "SnapshotError",
    "run_fit",
]


class DeviceDetector(DeviceMemory):
    """Judges the readings of one device."""

    def process(self, reading: Reading, reading_id: str, received_at: datetime) -> Outcome:
        """Judge one reading; `reading_id` names what it raises."""
        arrived = received_at.timestamp()
        at, wrong = reading.measured_at.timestamp(), None
        if reading.clock == "device":
            at, wrong = self._clock.take(at, arrived, self._stream, self.config)
            wrong = wrong or self._clock.told()
        self._silence.clock = reading.clock
        observation = Observation(
            self.device, reading_id, at, received_at, self._stream, self._scorer, reading.run, reading.values
        )
        ended = self._begin_run(observation) if reading.run != self._run else None
        if at < self._stream.newest_at:
            return LATE
        wrong = self._silence.gap(self._stream, at, self.config) or wrong
        examined = self._examination.take(self._stream, reading, at, arrived)
        if wrong is not None and not examined.resting and (examined.finding is None or wrong.kind == "silence"):
            examined = msgspec.structs.replace(examined, finding=wrong)
        return self._conclude(observation, examined, ended)

    def study(self, reading: Reading, received_at: datetime) -> None:
        """Take a reading of a training part: normal by agreement, and not judged; a late one is left out.

        `job_now` fits on all of them.
        """
        at = reading.measured_at.timestamp()
        self._silence.clock = reading.clock
        if reading.run != self._run:
            self._run = reading.run
            self._stream.restart()
        if at < self._stream.newest_at:
            return
        columns, values = self._stream.place(reading.values, reading.units)
        self._stream.take(columns, values, at, received_at.timestamp())
        self._learning.study(columns, values, self._stream)

    def tick(self, now: datetime) -> Outcome | None:
        """Look at the timers; the device's silence is found here, unless recorded time rules."""
        deadline = self.next_deadline
        if deadline is None or not self._silence.looked(now.timestamp()) or now.timestamp() < deadline:
            return None
        if covered(self.config.maintenance, now.timestamp()):
            self._silence.listen_anew()
            return None
        return self.fall_silent(now)

    def suspect_clock(self) -> None:
        """Tell with the next reading that the device's clock is wrong: its times come corrected."""
        self._clock.reported = True

    def listen_anew(self) -> None:
        """Measure silence from the next look at the timers on: what was missed until now is explained."""
        self._silence.listen_anew()

    def come_back(self, now: datetime) -> Outcome | None:
        """End the silence of who sends no readings: a gateway that is there again."""
        if not self._silence.silent:
            return None
        self._silence.heard()
        self._casebook.heard(now.timestamp())
        source = incident_id(self.device, f"back:{now.timestamp()!r}")
        anomaly = self._casebook.close(self._unread(source, now.timestamp(), now))
        return Outcome(alarm=False, score=0.0, decision=None, anomaly=anomaly, changed=True)

    def fall_silent(self, now: datetime) -> Outcome | None:
        """Announce the silence of a device of which is known that it is gone; None when that was said.

        An incident that is open ends first, so this is to be asked until the state is `silent`.
        """
        silence, stream = self._silence, self._stream
        if silence.silent and not 0.0 < silence.usual_until <= now.timestamp():
            return None
        at = (
            now.timestamp()
            if not isfinite(stream.newest_at)
            else stream.newest_at + max(now.timestamp() - float(stream.device_pace.table[SEEN, ARRIVAL]), 0.0)
        )
        source = incident_id(self.device, f"silence:{stream.position}:{stream.newest_at!r}")
        observation, finding = self._unread(source, at, now), ruled("silence")
        # What was wrong before cannot be seen any more; the silence itself comes with the next tick.
        anomaly = None if silence.silent else self._casebook.close(observation)
        if anomaly is None:
            silence.silent = True
            anomaly = self._casebook.opens(observation, finding)
            usual_until = self._casebook.tracker.usual_until
            silence.usual_until = now.timestamp() + usual_until - at if usual_until else 0.0
        score = confidence.score(finding.probability)
        return Outcome(alarm=True, score=score, decision=None, anomaly=anomaly, changed=True)

    @property
    def next_deadline(self) -> float | None:
        """When (epoch s) `tick` has something to do; None while it has not."""
        return self._silence.deadline(self._stream, self.config)

    @property
    def fit_job(self) -> FitJob | None:
        """The fit that is due, until its model is adopted."""
        model = None if self._scorer is None else self._scorer.model
        return self._learning.job(self.device, self._stream, model)

    def job_now(self) -> FitJob:
        """Return a fit on all rows of the normal course that are held, though none is due; they may be too few."""
        return self._learning.job_now(self.device, self._stream, None if self._scorer is None else self._scorer.model)

    def adopt(self, fitted: FittedModel) -> None:
        """Judge by this model from the next reading on; it may have been fitted on another stream of such readings."""
        self._stream.position = max(self._stream.position, fitted.until)
        self._use(fitted)
        self._learning.adopted(fitted, self._stream)

    def begin_with(self, fitted: FittedModel) -> None:
        """Judge by a model that was trained elsewhere; to be called before the first reading."""
        self._stream.follow(fitted.columns, fitted.until)
        self._learning.learned = fitted.learned
        self._learning.studied = fitted.complete
        self._use(fitted)

    def feedback(self, incident: str, opinion: Opinion) -> bool:
        """Take people's opinion of an incident.

        The look-alikes of a false positive stay silent until the opinion is undone: same metrics, kind and direction,
        not much larger. A confirmed incident never enters a reference.

        Args:
            incident: its id.
            opinion: "false_positive", "confirmed", or "undo" for neither.

        Returns:
            whether the incident is one of this device that is still remembered.
        """
        case = self._casebook.say(incident, opinion)
        if case is not None and opinion == "confirmed":
            self._learning.refuse(self._stream, case.began, case.ended)
        return case is not None

    def reconfigure(self, config: DetectionConfig) -> None:
        """Judge by another configuration from the next reading on; what was learned stays."""
        self.config = config
        self._examination.config = config
        self._casebook.config = config
        self._learning.config = config

    def expectation(self) -> Expectation | None:
        """Return what is expected of each metric now, with bounds; None before the first reading."""
        if not isfinite(self._stream.newest_at):
            return None
        at = datetime.fromtimestamp(self._stream.newest_at, UTC)
        return expectation(self._stream, self._scorer, at, self._score)

    def suspicion(self) -> dict[str, float]:
        """Return how far out each metric of the model is in the newest reading, 0 upwards; adds up over readings.

        The fourth power of a distance, so that in the sum those readings count in which a metric was farthest out.
        """
        if self._scorer is None:
            return {}
        beyond = suspicion(self._stream, self._scorer) ** 4
        return dict(zip(self._scorer.model.metrics, beyond.tolist(), strict=True))

    def _unread(self, source: str, at: float, now: datetime) -> Observation:
        """Return the observation that no reading comes, or that a device without readings is there."""
        return Observation(self.device, source, at, now, self._stream, self._scorer, self._run)

    def _begin_run(self, observation: Observation) -> Anomaly | None:
        """Start a new run of a recording; the incident of the last one ends with it."""
        self._run = observation.run
        ended = self._casebook.begin_anew(observation)
        self._stream.restart()
        if self._scorer is not None:
            self._scorer.restart()
        return ended

    def _conclude(self, observation: Observation, examined: Examined, ended: Anomaly | None) -> Outcome:
        tracker, was_silent = self._casebook.tracker, self._silence.silent
        was_open = tracker.open
        if was_silent:
            self._silence.heard()
            self._casebook.heard(observation.at)
        stream, scorer = self._stream, self._scorer
        finding, judgement = examined.finding, examined.judgement
        if judgement is not None:
            observation = msgspec.structs.replace(observation, decision=judgement.decision)
        waits = examined.idle is not None and finding is None
        anomaly = ended or (None if waits else self._casebook.step(observation, finding))
        self._learning.take(examined, self._casebook, stream, scorer, was_open=was_open)
        single = len(stream.roster) == 1
        complete = scorer is not None and scorer.model.complete
        alarm, self._score = verdict(finding, judgement, self.config, complete=complete, single=single)
        return Outcome(
            alarm=alarm,
            news=self._notice.take(self._score) if single else self._score,
            score=self._score,
            decision=observation.decision,
            anomaly=anomaly,
            changed=anomaly is not None or was_open != tracker.open or was_silent,
        )
