"""A fitted model at work on a stream: raw scores, and their tail probabilities by the device's own history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from detector.features import WINDOW
from detector.persistence import Persistence
from detector.tail import Tail

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from detector.features import FeatureWindow, Floats, Ints
    from detector.fit import FittedModel


@dataclass(frozen=True, slots=True)
class Judgement:
    """Of one row.

    Attributes:
        score: tail probability of the row's raw score.
        extreme: tail probability of its largest z.
        lasting: probability of the evidence of this row and those before it.
        raw, largest: the raw score, in units of the reference's 99.5 % level, and the largest z.
        decision: of the backend; lower is more abnormal, below 0 an outlier.
    """

    score: float
    extreme: float
    lasting: float
    raw: float
    largest: float
    decision: float


_LEAST_SHARED = 0.7
_SHORT = 50.0


class Scorer:
    """Judges the rows of one device.

    Attributes:
        model: what is normal.
        columns: (M,) where the model's metrics stand.
        z: (3 M,) robust z of the newest row.
    """

    __slots__ = ("_extremes", "_persistence", "_tail", "columns", "model", "z")

    def __init__(self, model: FittedModel, columns: Ints, tail: Tail, extremes: Tail) -> None:
        self.model = model
        self.columns = columns
        self.z: Floats = np.zeros(3 * len(columns))
        self._tail = tail
        self._extremes = extremes
        self._persistence = Persistence(_shared_rows(self._tail.count))

    @classmethod
    def fresh(cls, model: FittedModel, columns: Ints) -> Scorer:
        """Start with the model's own tails."""
        return cls(model, columns, Tail.restored(model.tail), Tail.restored(model.extremes))

    def judge(self, features: FeatureWindow, position: int) -> Judgement:
        """Judge the newest row, the `position`-th of the stream."""
        elapsed = float(max(position - self.model.end, 0))
        largest = self.model.scaling.of(features.features, self.columns, elapsed, self.z)
        raw, decision = self.model.judge.judge(self.z)
        score = self._tail.probability(raw)
        return Judgement(
            score, self._extremes.probability(largest), self._persistence.add(score), raw, largest, decision
        )

    def learn(self, judgement: Judgement) -> None:
        """Take a judgement of the normal course into the history of scores."""
        self._tail.add(judgement.raw)
        self._extremes.add(judgement.largest)

    def restart(self) -> None:
        """Forget what the newest rows were like, for a stream that begins again."""
        self._persistence = Persistence(_shared_rows(self._tail.count))

    def spread(self, position: int) -> Floats:
        """Return the standard deviation (3 M,) that the features may have at a position of the stream."""
        scaling = self.model.scaling
        spread: Floats = np.sqrt(scaling.scale**2 + scaling.drift**2 * max(position - self.model.end, 0))
        return spread

    def state(self) -> dict[str, object]:
        """Return what `restored` needs beside the model."""
        return {
            "tail": self._tail.state(),
            "extremes": self._extremes.state(),
            "persistence": self._persistence.state(),
            "z": self.z,
        }

    @classmethod
    def restored(cls, state: Mapping[str, Any], model: FittedModel, columns: Ints) -> Scorer:
        """Rebuild from `state`."""
        scorer = cls(model, columns, Tail.restored(state["tail"]), Tail.restored(state["extremes"]))
        scorer._persistence = Persistence(*state["persistence"])
        scorer.z = state["z"]
        return scorer


def _shared_rows(history: float) -> float:
    """Return how many rows share their evidence; more while the history of scores is so short that it may mislead."""
    return WINDOW * (_LEAST_SHARED + _SHORT / max(history, 1.0))
