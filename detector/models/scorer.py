"""A fitted model at work on a stream: raw scores, and their tail probabilities by the device's own history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detector.models.backends.memory import Memory
from detector.models.judgement import Judgement
from detector.models.persistence import Persistence
from detector.models.reference_ranges import ReferenceRanges
from detector.models.scaling import lacks
from detector.models.settled import Settled
from detector.models.tail import Tail
from detector.rows.features import PER_METRIC, WINDOW
from detector.verdicts.confidence import score as alarm_score

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from detector.models.fit import FittedModel
    from detector.rows.features import FeatureWindow, Floats, Ints

_ODD = 8.0  # deviations
_ODD_YOUNG = 5.0  # the same while the reference grows: a few rows know no means that bear a gross value
_SHORT = 50.0  # a short history of scores may mislead: evidence must last longer
_HALF = 1e-3  # tail probability at which surprise is one half
_MAYBE = 0.1  # a score more probable than this is no alarm in any case
_STEADY = 0.9  # of the reference's rows have a value
_FADES = 0.5 ** (1.0 / WINDOW)


class Scorer:
    """Judges the rows of one device.

    Attributes:
        model: what is normal.
        columns: (M,) where the model's metrics stand.
        ranges: of their values in the reference.
        z: (3 M,) robust z of the newest row.
    """

    __slots__ = (
        "_apart",
        "_evidence",
        "_extremes",
        "_half",
        "_lately",
        "_level",
        "_memory",
        "_settled",
        "_steady",
        "_still",
        "_tail",
        "columns",
        "model",
        "ranges",
        "z",
    )

    def __init__(self, model: FittedModel, columns: Ints) -> None:
        self.model = model
        self.columns = columns
        self.ranges = ReferenceRanges(model)
        self.z: Floats = np.zeros(PER_METRIC * len(columns))
        self._steady = np.mean(np.isfinite(self.ranges.rows()), axis=0) >= _STEADY
        self._still: Floats = np.zeros(len(columns))
        self._level: Floats = model.coherence.level.copy()
        self._memory = Memory(model.judge)
        self._tail = Tail.restored(model.tail)
        self._extremes = Tail.restored(model.extremes)
        self._apart = Tail.restored(model.apart)
        self._half = max(self._tail.quantile(_HALF), 1e-9)
        self._lately = 0.0
        self._settled = Settled()
        self._evidence = self._no_evidence()

    def judge(self, features: FeatureWindow, position: int, alone: float = 1.0) -> Judgement:
        """Judge the newest row, the `position`-th of the stream; `alone` is the probability of a single metric."""
        model = self.model
        elapsed = float(max(position - model.end, 0))
        largest = model.scaling.of(features.features, self.columns, elapsed, self.z, self._steady)
        if model.coherence.follows:
            model.scaling.of(features.features[:1], self.columns, 0.0, self._still, self._steady)
        if lacks(features.features, self.columns, self._steady):
            self._fill(features.features[0])
        raw, decision = self._memory.judge(self.z)
        disagreement = model.coherence.disagreement(self._beside(), elapsed, self._level)
        if len(self.columns) == 1:
            score, extreme, apart = alone, 1.0, 1.0
            surprise = alarm_score(alone)
        else:
            score, extreme = self._tail.probability(raw), self._extremes.probability(largest)
            apart = self._apart.probability(disagreement)
            self._lately = max(raw, _FADES * self._lately)
            surprise = self._lately / (self._lately + self._half)
        odd, incoherent = self._evidence[0].add(score), self._evidence[1].add(apart)
        return Judgement(
            score,
            extreme,
            apart,
            min(odd, incoherent),
            incoherent < odd,
            surprise,
            self._beside_trouble(score),
            (raw, largest, disagreement),
            decision,
        )

    def learn(self, judgement: Judgement) -> None:
        """Take a judgement of the normal course into the history of scores."""
        raw, largest, disagreement = judgement.raw
        self._tail.add(raw)
        self._extremes.add(largest)
        self._apart.add(disagreement)
        if self.model.coherence.follows:
            self.model.coherence.follow(self._still, self._level, 1.0)

    def settle(self) -> None:
        """Take the newest row of a trouble that has lasted for half a day: only what is odd beside it is an alarm."""
        self._settled.add(self.z)

    def unsettle(self) -> None:
        """Forget what was usual in the trouble that is over."""
        self._settled = Settled()

    def restart(self) -> None:
        """Forget what the newest rows were like, for a stream that begins again."""
        self.z[:] = self._still[:] = 0.0
        self._lately = 0.0
        self._evidence = self._no_evidence()
        self._memory.clear()

    def pause(self) -> None:
        """Let the next row be no neighbour of the last one: the machine was off between them."""
        self._memory.clear()

    def limits(self) -> Floats:
        """Return lowest and highest values (2, M) that are not odd, until the reference has doubled."""
        scaling, metrics = self.model.scaling, len(self.columns)
        odd = _ODD if self.model.complete else _ODD_YOUNG
        reach = odd * self.spread(self.model.end + self.model.learned)[:metrics]
        return np.array([scaling.centre[:metrics] - reach, scaling.centre[:metrics] + reach])

    def disagreements(self) -> Floats:
        """Return how far each metric (M,) of the newest row is from what the others let expect, absolute.

        In units that do not grow with the time since the reference: a metric at fault takes those along that go with
        it, but is itself the farthest; units that each grow at their own pace would mix them up.
        """
        return self.model.coherence.disagreements(self._beside(), 0.0, self._level)

    def spread(self, position: int) -> Floats:
        """Return the standard deviation (3 M,) that the features may have at a position of the stream."""
        return self.model.scaling.spread(float(position - self.model.end))

    def state(self) -> dict[str, object]:
        """Return what `restored` needs beside the model."""
        return {
            "tails": [tail.state() for tail in (self._tail, self._extremes, self._apart)],
            "evidence": [evidence.state() for evidence in self._evidence],
            "z": self.z,
            "still": self._still,
            "level": self._level,
            "memory": self._memory.state(),
            "lately": self._lately,
            "settled": self._settled.state(),
        }

    @classmethod
    def restored(cls, state: Mapping[str, Any], model: FittedModel, columns: Ints) -> Scorer:
        """Rebuild from `state`."""
        scorer = cls(model, columns)
        scorer._tail, scorer._extremes, scorer._apart = (Tail.restored(tail) for tail in state["tails"])
        odd, incoherent = (Persistence(*evidence) for evidence in state["evidence"])
        scorer._evidence = (odd, incoherent)
        scorer.z = state["z"]
        scorer._still = state.get("still", scorer._still)
        scorer._level = state.get("level", scorer._level)
        scorer._memory = Memory(model.judge, state["memory"])
        scorer._lately = state.get("lately", 0.0)
        scorer._settled = Settled.restored(state["settled"])
        return scorer

    def _fill(self, newest: Floats) -> None:
        """Let steady metrics that have no value among newest (C,) be what the others let expect."""
        missing = np.flatnonzero(np.isnan(newest[self.columns]) & self._steady)
        self.model.coherence.fill(self.z, missing)
        if self.model.coherence.follows:
            self.model.coherence.fill(self._still, missing)

    def _beside(self) -> Floats:
        """Return the z of the newest row that disagreement is measured in."""
        return self._still if self.model.coherence.follows else self.z

    def _beside_trouble(self, score: float) -> float:
        """Return the row's tail probability without what has been usual in a trouble, at least that of its score."""
        if not self._settled.known or score > _MAYBE:
            return score
        return max(score, self._tail.probability(self._memory.judge_less(self.z, self._settled.mean)))

    def _no_evidence(self) -> tuple[Persistence, Persistence]:
        unsure = _SHORT * WINDOW / max(self._tail.count, 1.0)
        odd, incoherent = self.model.shared_rows
        return Persistence(odd + unsure), Persistence(incoherent + unsure)
