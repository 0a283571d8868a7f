"""One device's detector: readings in, verdicts and incidents out. Pure: no clock, no files, no bus.

The same readings in the same order give the same outcomes, whatever is saved and restored in between.
"""

from __future__ import annotations

from datetime import UTC, datetime
from math import isfinite
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from contracts.anomaly import Anomaly, incident_id
from detector.config import DetectionConfig
from detector.models.fit import FitJob, FittedModel, run_fit
from detector.models.learning import Learning
from detector.models.scorer import Scorer
from detector.rows.stream import ARRIVAL, EVENT, Stream
from detector.snapshot import SnapshotError, pack, unpack
from detector.verdicts import confidence
from detector.verdicts.announce import Occasion
from detector.verdicts.casebook import Casebook
from detector.verdicts.evidence import Expectation, expected_bounds, with_usual
from detector.verdicts.findings import Finding, by_model, by_range, by_reach, by_stuckness

if TYPE_CHECKING:
    from contracts.anomaly import Model
    from contracts.reading import Reading
    from contracts.service import DeviceState
    from detector.models.scorer import Judgement
    from detector.rows.features import Floats, Ints

__all__ = [
    "DetectionConfig",
    "DeviceDetector",
    "FitJob",
    "FittedModel",
    "Outcome",
    "SnapshotError",
    "run_fit",
]


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """Of one reading, or of a timer.

    Attributes:
        alarm: the verdict on the reading.
        score: calibrated alarm score, 0 to 1, half at one in a thousand.
        decision: of the model; lower is more abnormal, below 0 an outlier; None while there is no model.
        anomaly: to be published, if any.
        changed: incident or model state changed: a snapshot must be stored in this commit.
        late: older than the newest reading: not scored.
    """

    alarm: bool
    score: float
    decision: float | None
    anomaly: Anomaly | None = None
    changed: bool = False
    late: bool = False


_LATE = Outcome(alarm=False, score=0.0, decision=None, late=True)
_DROPOUT = 1e-6
_STUCK = 1e-6
_SILENCE = 1e-9


class DeviceDetector:
    """Judges the readings of one device."""

    def __init__(self, device: str, config: DetectionConfig) -> None:
        self.device = device
        self.config = config
        self._stream = Stream(max(512, config.warm_up))
        self._scorer: Scorer | None = None
        self._modelled = np.zeros(0, dtype=np.bool_)
        self._casebook = Casebook(config)
        self._learning = Learning(config)
        self._run: str | None = None
        self._clock = "device"
        self._gross = False
        self._score = 0.0
        self._silent = False
        self._watched_from: float | None = 0.0

    @property
    def state(self) -> DeviceState:
        """What the device is doing now."""
        if self._silent:
            return "silent"
        if self._casebook.tracker.open:
            return "anomalous"
        return "learning" if self._scorer is None else "ready"

    @property
    def learned(self) -> int:
        """Rows of the normal course seen so far, at most `needed`."""
        return min(self._learning.learned, self.needed)

    @property
    def needed(self) -> int:
        """Rows that the first model needs."""
        return self.config.warm_up

    @property
    def model(self) -> Model | None:
        """The model in use."""
        return None if self._scorer is None else self._scorer.model.named()

    @property
    def incident(self) -> str | None:
        """Id of the open incident."""
        return self._casebook.tracker.id if self._casebook.tracker.open else None

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics seen so far."""
        return tuple(self._stream.roster.metrics)

    def process(self, reading: Reading, reading_id: str, received_at: datetime) -> Outcome:
        """Judge one reading; `reading_id` names what it raises."""
        arrived = received_at.timestamp()
        at = reading.measured_at.timestamp()
        if reading.clock == "device":
            at = min(at, arrived + self.config.clock_tolerance)
        self._clock = reading.clock
        occasion = Occasion(self.device, reading_id, at, received_at, reading.run, reading.values)
        ended = self._begin_run(occasion) if reading.run != self._run else None
        if at < self._stream.newest_at:
            return _LATE
        finding = self._gap(at)
        columns, values = self._stream.place(reading.values, reading.units)
        if len(self._modelled) < len(self._stream.roster):
            self._mark_modelled()
        gross = by_reach(self._stream, columns, values, self._modelled, again=self._gross)
        self._stream.take(columns, values, at, arrived)
        judgement = (
            None
            if self._scorer is None
            else self._scorer.judge(self._stream.features, self._stream.position, self._stream.alone)
        )
        finding = self._first_of(finding, gross, judgement, columns, values)
        self._gross = gross is not None
        return self._conclude(occasion, finding, judgement, ended, columns, values)

    def tick(self, now: datetime) -> Outcome | None:
        """Look at the timers; the device's silence is found here, unless recorded time rules."""
        deadline = self.next_deadline
        if deadline is None:
            return None
        if self._watched_from is None:
            self._watched_from = now.timestamp()
            return None
        if now.timestamp() < deadline:
            return None
        stream = self._stream
        at = stream.newest_at + max(now.timestamp() - float(stream.device_pace.table[0, ARRIVAL]), 0.0)
        source = incident_id(self.device, f"silence:{stream.position}:{stream.newest_at!r}")
        occasion = Occasion(self.device, source, at, now, self._run)
        ended = self._casebook.ends(occasion, stream, self._scorer)
        if (
            ended is not None
        ):  # what was wrong before cannot be seen any more; the silence itself comes with the next tick
            return Outcome(alarm=True, score=confidence.score(_SILENCE), decision=None, anomaly=ended, changed=True)
        self._silent = True
        finding = Finding(_SILENCE, opens=True, keeps=True, kind="silence")
        anomaly = self._casebook.opens(occasion, finding, None, stream, self._scorer)
        return Outcome(alarm=True, score=confidence.score(_SILENCE), decision=None, anomaly=anomaly, changed=True)

    @property
    def next_deadline(self) -> float | None:
        """When (epoch s) `tick` has something to do; None while it has not."""
        if self._clock == "replay" or self._silent:
            return None
        deadline = self._stream.device_pace.deadline(ARRIVAL, self.config.silence_factor, self.config.silence_seconds)
        if deadline is None:
            return None
        if self._watched_from is None:  # just restored: how long nothing was heard is not the device's silence
            return 0.0
        seen = float(self._stream.device_pace.table[0, ARRIVAL])
        return deadline + max(self._watched_from - seen, 0.0)

    @property
    def fit_job(self) -> FitJob | None:
        """The fit that is due, until its model is adopted."""
        model = None if self._scorer is None else self._scorer.model
        return self._learning.job(self.device, self._stream, model)

    def adopt(self, fitted: FittedModel) -> None:
        """Judge by this model from the next reading on; it may have been fitted on another stream of such readings."""
        self._stream.position = max(self._stream.position, fitted.until)
        self._use(fitted)
        self._learning.adopted(fitted, self._stream)

    def begin_with(self, fitted: FittedModel) -> None:
        """Judge by a model that was trained elsewhere; to be called before the first reading."""
        self._stream.follow(fitted.columns, fitted.until)
        self._learning.learned = fitted.learned
        self._learning.habits.rows.widen(len(self._stream.roster))
        self._use(fitted)

    def reconfigure(self, config: DetectionConfig) -> None:
        """Judge by another configuration from the next reading on; what was learned stays."""
        self.config = config
        self._casebook.config = config
        self._learning.config = config

    def expectation(self) -> Expectation | None:
        """Return what is expected of each metric now, with bounds; None before the first reading."""
        if not isfinite(self._stream.newest_at):
            return None
        bounds = expected_bounds(self._stream, self._scorer)
        if self._scorer is not None:
            bounds = with_usual(bounds, self._scorer)
        values = {name: self._stream.value(name) for name in self.metrics}
        at = datetime.fromtimestamp(self._stream.newest_at, UTC)
        return Expectation(bounds.expected, bounds.lower, bounds.upper, at, self._score, values)

    def snapshot(self) -> bytes:
        """Write everything but the model."""
        return pack(
            {
                "device": self.device,
                "stream": self._stream.state(),
                "scorer": None if self._scorer is None else self._scorer.state(),
                "version": None if self._scorer is None else self._scorer.model.version,
                "casebook": self._casebook.state(),
                "learning": self._learning.state(),
                "run": self._run,
                "clock": self._clock,
                "gross": self._gross,
                "score": self._score,
                "silent": self._silent,
            }
        )

    @classmethod
    def restore(
        cls, device: str, config: DetectionConfig, snapshot: bytes, model: FittedModel | None
    ) -> DeviceDetector:
        """Rebuild from a snapshot and the model that was in use.

        Raises:
            SnapshotError: the bytes are damaged, or belong to another device, model or version.
        """
        state = unpack(snapshot)
        version = None if model is None else model.version
        if state["device"] != device or state["version"] != version:
            raise SnapshotError(
                f"snapshot of {state['device']!r} with model {state['version']}: expected {device!r} with {version}"
            )
        detector = cls(device, config)
        try:
            detector._load(state, model)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise SnapshotError(f"snapshot of {device!r} was written by another version: {error!r}") from error
        return detector

    def _load(self, state: dict[str, Any], model: FittedModel | None) -> None:
        self._stream = Stream.restored(state["stream"])
        if model is not None:
            columns = self._stream.roster.columns_of(model.metrics)
            self._scorer = Scorer.restored(state["scorer"], model, columns)
        self._casebook = Casebook.restored(state["casebook"], self.config)
        self._learning = Learning.restored(state["learning"], self.config)
        self._run, self._clock = state["run"], state["clock"]
        self._gross, self._silent, self._score = state["gross"], state["silent"], state["score"]
        self._watched_from = None
        self._mark_modelled()

    def _use(self, fitted: FittedModel) -> None:
        self._stream.know(fitted.columns)
        self._scorer = Scorer(fitted, self._stream.roster.columns_of(fitted.metrics))
        self._stream.features.limits[:, self._scorer.columns] = self._scorer.limits()
        self._mark_modelled()

    def _mark_modelled(self) -> None:
        self._modelled = np.zeros(len(self._stream.roster), dtype=np.bool_)
        self._learning.habits.rows.widen(len(self._stream.roster))
        if self._scorer is not None:
            self._modelled[self._scorer.columns] = True

    def _begin_run(self, occasion: Occasion) -> Anomaly | None:
        """Start a new run of a recording; the incident of the last one ends with it."""
        self._run = occasion.run
        ended = self._casebook.end(occasion, self._stream, self._scorer)
        self._stream.restart()
        if self._scorer is not None:
            self._scorer.restart()
        return ended

    def _gap(self, at: float) -> Finding | None:
        """Find silence that ends with this reading; needed where recorded time rules."""
        if self._clock != "replay":
            return None
        deadline = self._stream.device_pace.deadline(EVENT, self.config.silence_factor, self.config.silence_seconds)
        if deadline is None or at < deadline:
            return None
        return Finding(_SILENCE, opens=True, keeps=True, kind="silence")

    def _first_of(
        self, finding: Finding | None, gross: Finding | None, judgement: Judgement | None, columns: Ints, values: Floats
    ) -> Finding | None:
        """Return the finding that says most."""
        config, stream = self.config, self._stream
        if finding is None and config.ranges:
            finding = by_range(stream, columns, values, config)
        if finding is None and self._scorer is not None:
            overdue = stream.pace.overdue(stream.newest_at, config.silence_factor, config.silence_seconds)
            if overdue >= 0:
                finding = Finding(_DROPOUT, opens=True, keeps=True, kind="dropout", metric=overdue)
        if finding is None and judgement is not None and self._scorer is not None:
            finding = by_stuckness(stream, self._scorer, _STUCK)
            finding = finding or by_model(judgement, config, stream.readings_per_day())
        return finding or gross

    def _conclude(  # noqa: PLR0913, PLR0917 - what is known of one reading
        self,
        occasion: Occasion,
        finding: Finding | None,
        judgement: Judgement | None,
        ended: Anomaly | None,
        columns: Ints,
        values: Floats,
    ) -> Outcome:
        was_open, was_silent = self._casebook.tracker.open, self._silent
        self._silent = False
        decision = None if judgement is None else judgement.decision
        anomaly = ended or self._casebook.step(occasion, finding, decision, self._stream, self._scorer)
        self._learning.take(
            columns,
            values,
            finding,
            judgement,
            self._casebook.tracker,
            self._stream,
            self._scorer,
            was_open=was_open,
        )
        probability = 1.0
        if judgement is not None:
            probability = judgement.least
        if finding is not None:
            probability = min(probability, finding.probability)
        self._score = confidence.score(probability)
        return Outcome(
            alarm=finding is not None,
            score=self._score,
            decision=decision,
            anomaly=anomaly,
            changed=anomaly is not None or was_open != self._casebook.tracker.open or was_silent,
        )
