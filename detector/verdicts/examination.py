"""One reading examined: by the newest rows, by rules, by the model; of what is found, the one that says most."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import numpy as np

from detector.configuration.context import covered
from detector.models.scorer import Judgement
from detector.rows.features import WINDOW, Floats, Ints
from detector.rows.stream import EVENT
from detector.verdicts.announce import leading_metric
from detector.verdicts.findings import Finding, by_model, by_range, by_reach, far_out
from detector.verdicts.idling import Idling
from detector.verdicts.schema import SchemaWatch
from detector.verdicts.stuckness import Stuckness
from detector.verdicts.trail import YOUNG_ROWS, Trail, young

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.reading import Reading
    from detector.configuration.config import DetectionConfig
    from detector.models.scorer import Scorer
    from detector.rows.stream import Stream

_DROPOUT = 1e-9
_SWITCH_ROWS = 6
_FAR = 0.25  # of what a metric's values span
_MARGIN = 0.1  # of the same
_LEVELS = 2  # features: the value, and the mean of the newest ones
_TOGETHER = 2  # metrics
_TOGETHER_INTERVALS = 1.5  # of the device's readings
_YOUNG = 1000  # rows: a model of fewer knows little of what is far out, so the coarse check stays beside it


Idle = Literal["off", "switching"]


class Examined(msgspec.Struct, frozen=True, gc=False):
    """One reading.

    Attributes:
        columns, values: (n,) where its metrics stand, and their values; NaN is no value.
        finding: what is wrong; None for nothing.
        judgement: what the model says; None without one.
        resting: the machine is off, or under maintenance, or was a moment ago: its readings say nothing of it.
        idle: it is in the off state that its model has learned, or around a switch: what is open stays as it is.
    """

    columns: Ints
    values: Floats
    finding: Finding | None
    judgement: Judgement | None
    resting: bool
    idle: Idle | None = None


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
        "_rest",
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
        self._rest = 0
        self._idling = Idling()
        self._modelled = np.zeros(0, dtype=np.bool_)
        self._seen = np.zeros((2, 0))

    def use(self, scorer: Scorer, stream: Stream) -> None:
        """Judge by this model from now on."""
        self.scorer = scorer
        self._stuckness = Stuckness(scorer.model, scorer.columns)
        self._idling.follow(scorer)
        self._mark(stream)

    def take(self, stream: Stream, reading: Reading, at: float, arrived: float) -> Examined:
        """Let a reading into the stream, at event time `at`, arrived at `arrived` (epoch s); say what is wrong."""
        known = len(stream.roster)
        schema = None if self.scorer is None else self._schema.changed_unit(stream, reading.units)
        columns, values = stream.place(reading.values, reading.units)
        if len(stream.roster) > known and self.scorer is not None:
            schema = schema or self._schema.appeared(stream, known, at)
        if len(self._modelled) < len(stream.roster):
            self._mark(stream)
        gross = by_reach(stream, columns, values, self._modelled, again=self._gross, seen=self._seen)
        self._gross = gross is not None
        stream.take(columns, values, at, arrived)
        given = by_range(stream, columns, values, self.config) if self.config.ranges else None
        if self._rests(reading, at):
            return Examined(columns, values, given if self._off(reading) else None, None, resting=True)
        if self.scorer is None:
            return Examined(columns, values, given or gross, None, resting=False)
        idle = self._idling.take(stream, self.scorer)
        if idle is not None:
            self._held = 1.0
            finding = given or schema or self._missing(stream) or far_out(columns, values, self._seen)
            return Examined(columns, values, finding, None, resting=False, idle=idle)
        judgement = self.scorer.judge(stream.features, stream.position, stream.alone)
        finding = given or schema or self._by_rule(stream)
        self._trail.add(stream)
        odd = self._unless_switched_off(
            by_model(judgement, self.config, stream.readings_per_day()), stream, self.scorer
        )
        if odd is not None and odd.opens and self._doubted(odd, stream, self.scorer):
            odd = replace(odd, opens=False)
        return Examined(columns, values, finding or _rarer(odd, gross), judgement, resting=False)

    def state(self) -> dict[str, Any]:
        """Return what `resume` needs."""
        return {
            "gross": self._gross,
            "rest": self._rest,
            "held": self._held,
            "idling": self._idling.state(),
            "appeared_at": self._schema.appeared_at,
            "trail": self._trail.state(),
        }

    def resume(self, state: Mapping[str, Any], stream: Stream) -> None:
        """Go on where `state` was taken."""
        self._gross, self._rest = state["gross"], state["rest"]
        self._held = state.get("held", 1.0)
        self._idling = Idling(*state.get("idling", ()))
        self._schema.appeared_at = state["appeared_at"]
        self._trail = Trail.restored(state["trail"])
        if self.scorer is not None:
            self.use(self.scorer, stream)

    def _unless_switched_off(self, odd: Finding | None, stream: Stream, scorer: Scorer) -> Finding | None:
        """Hold a reading back that may have been taken while the machine was switched off, until the next one tells."""
        held, self._held = self._held, 1.0
        if odd is None:
            return None
        if held < 1.0:  # the machine runs on, and is odd still
            odd = replace(odd, opens=True, keeps=True, probability=min(held, odd.probability))
        if odd.opens and not odd.lasting and self._idling.may_begin(stream.recent.newest(WINDOW)[1][:, scorer.columns]):
            self._held = odd.probability
            return replace(odd, opens=False)
        return odd

    def _doubted(self, odd: Finding, stream: Stream, scorer: Scorer) -> bool:
        """Tell whether a model that grows only meets a load, an hour, a wander or a switch that it knows little of."""
        if scorer.model.complete and not young(stream, scorer):
            return False
        lead = leading_metric(stream, scorer, odd)
        if odd.lasting and not odd.incoherent and not self._beyond(lead, stream):
            return True
        if not young(stream, scorer):
            return False
        return self._switches(stream, scorer) or not self._trail.moved(stream, scorer, lead, incoherent=odd.incoherent)

    def _beyond(self, metric: str, stream: Stream) -> bool:
        """Tell whether a metric, or its mean, is clearly out of what the model has seen of it.

        Metrics that are all rather high for long, and go together, are under a load that lasts. A reference of few such
        loads does not know how long they last.
        """
        column = int(stream.roster.columns_of([metric])[0])
        low, high = self._seen[:, column]
        room = _MARGIN * (high - low)
        newest = stream.features.features[:_LEVELS, column]
        return bool(np.any((newest < low - room) | (newest > high + room)))

    def _switches(self, stream: Stream, scorer: Scorer) -> bool:
        """Tell whether the machine goes from one state that a young model has seen to another, or back."""
        if scorer.model.learned >= YOUNG_ROWS:
            return False
        _, rows = stream.recent.newest(_SWITCH_ROWS)
        rows, (low, high) = rows[:, scorer.columns], self._seen[:, scorer.columns]
        newest, span = stream.features.features[0, scorer.columns], high - low
        there = np.isfinite(newest)
        beyond = (newest < low - _MARGIN * span) | (newest > high + _MARGIN * span)
        if np.any(beyond & there):
            return False
        moved = np.fmax.reduce(rows[:, there]) - np.fmin.reduce(rows[:, there]) > _FAR * span[there]
        return bool(np.count_nonzero(moved) >= max(_TOGETHER, np.count_nonzero(there) / 2))

    def _mark(self, stream: Stream) -> None:
        """Note which of the metrics the model judges alone, and what it has seen of the others."""
        self._modelled = np.zeros(len(stream.roster), dtype=np.bool_)
        self._seen = np.array([[np.inf], [-np.inf]]) * np.ones(len(stream.roster))
        if self.scorer is not None:
            model = self.scorer.model
            self._modelled[self.scorer.columns] = model.learned >= _YOUNG
            modelled = [model.columns.index(name) for name in model.metrics]
            rows = model.rows[:, modelled]
            self._seen[:, self.scorer.columns] = np.fmin.reduce(rows), np.fmax.reduce(rows)

    def _off(self, reading: Reading) -> bool:
        rules = self.config.off
        return bool(rules) and all(rule.holds(reading.values) for rule in rules)

    def _rests(self, reading: Reading, at: float) -> bool:
        """Tell whether the machine rests, or has until a moment ago: features remember the newest rows."""
        config = self.config
        if not (config.maintenance or config.off or self._rest):
            return False
        if covered(config.maintenance, at) or self._off(reading):
            self._rest = WINDOW + 1
            if self.scorer is not None:
                self.scorer.restart()
        self._rest = max(self._rest - 1, 0)
        return self._rest > 0

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
        dropout = Finding(_DROPOUT, opens=True, keeps=True, kind="dropout", metric=overdue)
        return self._schema.missing(stream, overdue, dropout)


def _rarer(one: Finding | None, other: Finding | None) -> Finding | None:
    """Return the finding that opens, or the rarer one of two that do."""
    if one is None or other is None:
        return one or other
    return min(one, other, key=lambda finding: (not finding.opens, finding.probability))
