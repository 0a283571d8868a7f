"""One reading examined: by the newest rows, by rules, by the model; of what is found, the one that says most."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from detector.rows.features import WINDOW
from detector.rows.stream import EVENT
from detector.verdicts.doubts import doubted
from detector.verdicts.examined import Examined
from detector.verdicts.far_out import far_out, or_far_out
from detector.verdicts.findings import by_model, by_range, by_reach, rarer
from detector.verdicts.idling import Idling
from detector.verdicts.resting import Resting, switched_off
from detector.verdicts.schema import SchemaWatch
from detector.verdicts.seen import Seen
from detector.verdicts.stuckness import Stuckness
from detector.verdicts.trail import Trail

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.reading import Reading
    from detector.configuration.config import DetectionConfig
    from detector.models.judgement import Judgement
    from detector.models.scorer import Scorer
    from detector.rows.stream import Stream
    from detector.verdicts.findings import Finding

_TOGETHER_INTERVALS = 1.5  # of the device's readings
_YOUNG = 1000  # rows: a model of fewer knows little of what is far out, so the coarse check stays beside it


class Examination:
    """Looks at readings in every way there is.

    Attributes:
        config: how strictly.
        scorer: the model at work; None before the first.
    """

    __slots__ = (
        "_gross",
        "_held",
        "_idling",
        "_modelled",
        "_resting",
        "_schema",
        "_seen",
        "_stuckness",
        "_trail",
        "config",
        "scorer",
    )

    def __init__(self, config: DetectionConfig, scorer: Scorer | None = None) -> None:
        self.config = config
        self.scorer = scorer
        self._stuckness: Stuckness | None = None
        self._schema = SchemaWatch()
        self._trail = Trail()
        self._gross = False
        self._held = 1.0  # probability of a finding that the next reading has to confirm
        self._resting = Resting()
        self._idling = Idling()
        self._modelled = np.zeros(0, dtype=np.bool_)
        self._seen = Seen(0)

    def use(self, scorer: Scorer, stream: Stream) -> None:
        """Judge by this model from now on."""
        self._begin(scorer, stream)
        self._idling.look_back(stream.recent.newest()[1][:, scorer.columns])

    def take(self, stream: Stream, reading: Reading, at: float, arrived: float) -> Examined:
        """Let a reading into the stream, at event time `at`, arrived at `arrived` (epoch s); say what is wrong."""
        known = len(stream.roster)
        schema = None if self.scorer is None else self._schema.changed_unit(stream, reading.units)
        columns, values = stream.place(reading.values, reading.units)
        if len(stream.roster) > known and self.scorer is not None:
            schema = schema or self._schema.appeared(stream, known, at)
        if len(self._modelled) < len(stream.roster):
            self._mark(stream)
        gross = by_reach(stream, columns, values, self._modelled, again=self._gross, seen=self._seen.limits)
        self._gross = gross is not None
        stream.take(columns, values, at, arrived)
        given = by_range(stream, columns, values, self.config) if self.config.ranges else None
        if self._resting.take(reading, at, self.config):
            if self.scorer is not None:
                self.scorer.restart()
            given = given if switched_off(reading, self.config) else None
            return Examined(columns, values, given, None, resting=True)
        if self.scorer is None:
            return Examined(columns, values, given or gross, None, resting=False)
        idle = self._idling.take(stream, self.scorer)
        if idle is not None:
            self._held = 1.0
            finding = given or schema or self._missing(stream) or far_out(columns, values, self._seen, self.scorer)
            return Examined(columns, values, finding, None, resting=False, idle=idle)
        judgement = self.scorer.judge(stream.features, stream.position, stream.alone)
        finding = given or schema or self._by_rule(stream)
        self._trail.add(stream)
        odd, doubts = self._by_model(judgement, stream, self.scorer)
        left = self._seen.left(stream)
        found = finding or rarer(odd, gross)
        if left and finding is None:
            found = or_far_out(found, columns, values, stream, self.scorer, self._seen)
        if left and found is None:
            self._seen.grow(stream)
        return Examined(columns, values, found, judgement, resting=False, doubted=doubts and found is odd)

    def state(self) -> dict[str, Any]:
        """Return what `resume` needs."""
        return {
            "gross": self._gross,
            "rest": self._resting.left,
            "held": self._held,
            "idling": self._idling.state(),
            "appeared_at": self._schema.appeared_at,
            "trail": self._trail.state(),
            "reached": self._seen.reached,
        }

    def resume(self, state: Mapping[str, Any], stream: Stream) -> None:
        """Go on where `state` was taken."""
        self._gross, self._resting = state["gross"], Resting(state["rest"])
        self._held = state.get("held", 1.0)
        self._idling = Idling(*state.get("idling", ()))
        self._schema.appeared_at = state["appeared_at"]
        self._trail = Trail.restored(state["trail"])
        if self.scorer is not None:
            self._begin(self.scorer, stream)
        reached = state.get("reached", self._seen.reached)
        if reached.shape == self._seen.reached.shape:
            self._seen.reached = reached

    def _begin(self, scorer: Scorer, stream: Stream) -> None:
        self.scorer = scorer
        self._stuckness = Stuckness(scorer)
        self._idling.follow(scorer)
        self._mark(stream)

    def _by_model(self, judgement: Judgement, stream: Stream, scorer: Scorer) -> tuple[Finding | None, bool]:
        """Return what the model finds, and whether that is doubted: then it opens no incident."""
        odd = by_model(judgement, self.config, stream.readings_per_day())
        odd = self._unless_switched_off(odd, stream, scorer)
        if odd is None or not odd.opens or not doubted(odd, stream, scorer, self._seen, self._trail):
            return odd, False
        return replace(odd, opens=False), True

    def _unless_switched_off(self, odd: Finding | None, stream: Stream, scorer: Scorer) -> Finding | None:
        """Hold a reading back that may have been taken while the machine was switched off, until the next one tells."""
        held, self._held = self._held, 1.0
        if odd is None:
            return None
        if held < 1.0:  # the machine runs on, and is odd still
            odd = replace(odd, opens=True, keeps=True, probability=min(held, odd.probability))
        if not odd.opens or odd.lasting:
            return odd
        if self._idling.may_begin(stream.recent.newest(WINDOW)[1][:, scorer.columns], incoherent=odd.incoherent):
            self._held = odd.probability
            return replace(odd, opens=False)
        return odd

    def _mark(self, stream: Stream) -> None:
        """Note which of the metrics the model judges alone, and what it has seen of the others."""
        self._modelled = np.zeros(len(stream.roster), dtype=np.bool_)
        self._seen = Seen(len(stream.roster), self.scorer)
        if self.scorer is not None:
            self._modelled[self.scorer.columns] = self.scorer.model.learned >= _YOUNG

    def _by_rule(self, stream: Stream) -> Finding | None:
        missing = self._missing(stream)
        if missing is not None or self._stuckness is None:
            return missing
        return self._stuckness.find(stream)

    def _missing(self, stream: Stream) -> Finding | None:
        config = self.config
        # What comes with every reading and is missing in so many is not late: the readings are there.
        together = _TOGETHER_INTERVALS * stream.interval(EVENT)
        overdue = stream.pace.overdue(stream.newest_at, config.silence_factor, config.silence_seconds, together)
        if overdue < 0:
            return None
        return self._schema.missing(stream, overdue)
