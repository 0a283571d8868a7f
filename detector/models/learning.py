"""What of a stream is learned, and when: the first fit, growth of the reference, habits, the freeze."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from detector.models.coherence import HORIZON
from detector.models.fit import FitJob, modelled
from detector.models.habits import Habits, looks_off
from detector.models.settled import AFTER_ROWS, AFTER_SECONDS
from detector.rows.features import WINDOW
from detector.rows.reference import merged, no_denser, thinned
from detector.rows.stream import EVENT
from detector.rows.time_units import DAY_S, HOUR_S
from detector.verdicts.kind import by_shape
from detector.verdicts.trail import young

if TYPE_CHECKING:
    from collections.abc import Mapping

    from detector.configuration.config import DetectionConfig
    from detector.models.fit import FittedModel
    from detector.models.judgement import Judgement
    from detector.models.scorer import Scorer
    from detector.rows.features import Floats, Ints
    from detector.rows.stream import Stream
    from detector.verdicts.casebook import Casebook
    from detector.verdicts.examined import Examined
    from detector.verdicts.findings import Finding
    from detector.verdicts.incidents import IncidentTracker

_SUSPICIOUS = 0.37  # evidence of one window: what may be the beginning of a trouble is not learned
_QUICK_SECONDS = HOUR_S  # a level that follows more slowly lags behind the hours of the day
_STUDIED = 4  # times as many rows as of an own reference may be of a training part, which somebody has chosen
_LONG_S = 1800.0  # a way of running is no matter of minutes
_ONSET_ROWS = 150  # before an incident opens: a fault that began slowly would else be learned, and not found again
_NORMAL_PER_ODD = 3  # rows of the normal course for each row of a habit, in the fit that takes the habit in


class Learning:
    """Collects the rows that models are fitted on.

    Attributes:
        learned: rows of the normal course so far.
        habits: rows of incidents, which may become normal.
        studied: whether a training part was given: that is the reference, and it does not grow by itself.
        odd: readings within incidents since one was taken for a way of running.
        accepted: id of that one.
    """

    def __init__(self, config: DetectionConfig, learned: int = 0, habits: Habits | None = None) -> None:
        self.learned = learned
        self.habits = habits or Habits()
        self.studied = False
        self.odd = 0
        self.accepted: str | None = None
        self.config = config

    def study(self, columns: Ints, values: Floats, stream: Stream) -> None:
        """Learn a row of a training part."""
        if not self.studied:
            self.studied = True
            stream.reference.hold(_STUDIED * self.config.reference_rows)
        self._refer(columns, values, None, stream)

    def take(
        self, examined: Examined, casebook: Casebook, stream: Stream, scorer: Scorer | None, *, was_open: bool
    ) -> None:
        """Learn a row, keep it aside, or leave it out."""
        self.habits.widen(len(stream.roster))
        if examined.resting:
            return
        columns, values = examined.columns, examined.values
        finding, judgement = examined.finding, examined.judgement
        if examined.idle is not None:
            if examined.idle == "off" and not casebook.tracker.open:
                self._refer(columns, values, finding, stream)
        elif scorer is not None and casebook.tracker.open:
            self._within_incident(examined, casebook, stream, scorer, was_open=was_open)
        elif scorer is not None and was_open:
            scorer.unsettle()
            self.habits.passed(trouble=casebook.trouble)
        elif scorer is None or judgement is None:
            self._refer(columns, values, finding, stream)
        else:
            self._judged(examined, judgement, stream, scorer)

    def _within_incident(
        self, examined: Examined, casebook: Casebook, stream: Stream, scorer: Scorer, *, was_open: bool
    ) -> None:
        """Learn a row of an incident that has become usual; keep one of any other aside."""
        finding, tracker = examined.finding, casebook.tracker
        grows = not (scorer.model.complete or self.studied)
        if grows and (tracker.usual or tracker.id == self.accepted):
            if finding is None or by_shape(tracker.kind):
                self._refer(examined.columns, examined.values, None, stream)
            return
        if not was_open:
            stream.reference.drop_between(stream.position - _ONSET_ROWS, stream.position)
        self._keep_aside(examined.columns, examined.values, finding, stream, scorer)
        if examined.judgement is not None and _lasts(tracker, stream):
            scorer.settle()
        if grows and by_shape(tracker.kind) and not casebook.trouble:
            self.odd += 1
            if self._outlasts(stream):
                self._accept(tracker, stream)

    def _outlasts(self, stream: Stream) -> bool:
        """Tell whether incidents have taken longer than all that is normal so far, or the open one a whole day.

        The normal course is what a device mostly does. If the first readings were of a pause, it is not what they show.
        """
        interval = stream.interval(EVENT)
        mostly = self.odd >= self.learned and self.odd * interval >= _LONG_S
        return mostly or self.habits.lasts(stream.position) * interval >= DAY_S

    def _accept(self, tracker: IncidentTracker, stream: Stream) -> None:
        """Take the open incident for a way of running that the first rows did not show: learn it, and what follows."""
        self.accepted = tracker.id
        rows, positions = self.habits.rows.held()
        every = np.arange(rows.shape[1])
        for row, position in zip(rows, positions.tolist(), strict=True):
            stream.reference.add(every, row, position)
        self.learned += self.habits.lasts(stream.position)
        self.odd = 0
        self.habits.learned()

    def job(self, device: str, stream: Stream, model: FittedModel | None) -> FitJob | None:
        """Return the fit that is due, if any."""
        return self.job_now(device, stream, model) if self._due(stream, model) else None

    def job_now(self, device: str, stream: Stream, model: FittedModel | None) -> FitJob:
        """Return a fit on the model's reference and the rows of the normal course since, due or not."""
        rows, positions = stream.reference.held()
        if model is not None:
            old = np.full((len(model.rows), rows.shape[1]), np.nan)
            old[:, stream.roster.columns_of(model.columns)] = model.rows
            before = no_denser(old, model.positions, stream.reference.stride)
            rows, positions = merged(*before, rows, positions)
        if self.habits.due:
            odd, later = self.habits.rows.held()
            rows, positions = thinned(rows, positions, max(_NORMAL_PER_ODD * len(odd), self.config.warm_up))
            rows, positions = merged(rows, positions, odd, later)
        config = self.config
        return FitJob(
            device=device,
            version=1 if model is None else model.version + 1,
            backend=config.backend,
            metrics=tuple(stream.roster.metrics),
            rows=rows,
            positions=positions,
            most_rows=(_STUDIED if self.studied else 1) * config.reference_rows,
            trees=config.trees,
            samples=config.samples,
            learned=self.learned,
            until=stream.position,
            with_habits=self.habits.due,
            complete=self.studied or self._frozen(stream),
            follows=HORIZON * self.learned * stream.interval(EVENT) <= _QUICK_SECONDS,
        )

    def adopted(self, model: FittedModel, stream: Stream) -> None:
        """Let go of the rows that the model has taken in."""
        self.learned = max(self.learned, model.learned)
        self.studied = model.complete and not self._frozen(stream)  # else it was trained on a training part
        stream.reference.drop_until(model.until)
        if self.studied:
            stream.reference.hold(self.config.held_rows)
        if model.with_habits:
            self.habits.learned()

    def refuse(self, stream: Stream, began: int, ended: int) -> None:
        """Let go of what may have been collected of a confirmed incident between two positions of the stream."""
        stream.reference.drop_between(began - WINDOW, ended)
        self.habits.learned()

    def state(self) -> dict[str, Any]:
        """Return what `restored` needs."""
        return {
            "learned": self.learned,
            "habits": self.habits.state(),
            "studied": self.studied,
            "accepted": [self.accepted, self.odd],
        }

    @classmethod
    def restored(cls, state: Mapping[str, Any], config: DetectionConfig) -> Learning:
        """Rebuild from `state`."""
        learning = cls(config, state["learned"], Habits.restored(state["habits"]))
        learning.studied = state["studied"]
        learning.accepted, learning.odd = state.get("accepted", (None, 0))
        return learning

    def _judged(self, examined: Examined, judgement: Judgement, stream: Stream, scorer: Scorer) -> None:
        """Learn a row outside of incidents, unless it may be the beginning of one.

        Values that are odd for long are no such sign to a young model: one that needs to see more must learn them, or
        it would know for ever the hour alone in which it began.
        """
        finding = examined.finding
        if finding is not None and finding.kind is not None:
            return
        calm = judgement.lasting >= _SUSPICIOUS
        if calm:
            scorer.learn(judgement)
        if calm or examined.doubted or (not judgement.incoherent and young(stream, scorer)):
            self._refer(examined.columns, examined.values, None if examined.doubted else finding, stream)

    def _due(self, stream: Stream, model: FittedModel | None) -> bool:
        if model is None:
            reference = stream.reference
            return self.learned >= self.config.warm_up and len(modelled(reference.rows[: reference.kept])) > 0
        if self.studied:
            return False
        if self.habits.due:
            return True
        if self._frozen(stream):
            return not model.complete and stream.reference.kept > 0
        return self.learned >= self.config.growth * model.learned

    def _frozen(self, stream: Stream) -> bool:
        return stream.newest_at - stream.began_at > self.config.freeze_after_days * DAY_S

    def _refer(self, columns: Ints, values: Floats, finding: Finding | None, stream: Stream) -> None:
        if finding is None and not np.isnan(values).all():
            self.learned += 1
            stream.reference.add(columns, values, stream.position)

    def _keep_aside(
        self, columns: Ints, values: Floats, finding: Finding | None, stream: Stream, scorer: Scorer
    ) -> None:
        """Remember what an incident looks like, in case it is the machine's off state."""
        self.habits.add(columns, values, stream.position)
        if finding is not None and finding.keeps:
            metrics = len(scorer.columns)
            newest = stream.features.features[0, scorer.columns]
            self.habits.note(scorer.z, off=looks_off(newest, scorer.model.scaling.centre[:metrics]))


def _lasts(incident: IncidentTracker, stream: Stream) -> bool:
    return incident.rows >= AFTER_ROWS and stream.newest_at - incident.began_at >= AFTER_SECONDS
