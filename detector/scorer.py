"""A fitted model at work on a stream: raw scores, and their tail probabilities by the device's own history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from detector.sustained import WINDOW, sustained
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
        single, sustained: tail probabilities of the row's score, and of the third largest of the newest five.
        raw, raw_sustained: those scores, in units of the reference's 99.5 % level.
        decision: of the backend; lower is more abnormal, below 0 an outlier.
    """

    single: float
    sustained: float
    raw: float
    raw_sustained: float
    decision: float


class Scorer:
    """Judges the rows of one device.

    Attributes:
        model: what is normal.
        columns: (M,) where the model's metrics stand.
        z: (3 M,) robust z of the newest row.
    """

    __slots__ = ("_newest", "_sustained", "_tail", "columns", "model", "z")

    def __init__(self, model: FittedModel, columns: Ints, tail: Tail, sustained_tail: Tail) -> None:
        self.model = model
        self.columns = columns
        self.z: Floats = np.zeros(3 * len(columns))
        self._tail = tail
        self._sustained = sustained_tail
        self._newest: list[float] = []

    @classmethod
    def fresh(cls, model: FittedModel, columns: Ints) -> Scorer:
        """Start with the model's own tails."""
        return cls(model, columns, Tail.restored(model.tail), Tail.restored(model.sustained))

    def judge(self, features: FeatureWindow, position: int) -> Judgement:
        """Judge the newest row, the `position`-th of the stream."""
        self.model.scaling.of(features.features, self.columns, float(max(position - self.model.end, 0)), self.z)
        raw, decision = self.model.judge.judge(self.z)
        newest = self._newest
        newest.append(raw)
        if len(newest) > WINDOW:
            del newest[0]
        lasting = sustained(newest)
        return Judgement(self._tail.probability(raw), self._sustained.probability(lasting), raw, lasting, decision)

    def learn(self, judgement: Judgement) -> None:
        """Take a judgement of the normal course into the history of scores."""
        self._tail.add(judgement.raw)
        if len(self._newest) == WINDOW:
            self._sustained.add(judgement.raw_sustained)

    def restart(self) -> None:
        """Forget the newest scores, for a stream that begins again."""
        self._newest.clear()

    def spread(self, position: int) -> Floats:
        """Return the standard deviation (3 M,) that the features may have at a position of the stream."""
        scaling = self.model.scaling
        spread: Floats = np.sqrt(scaling.scale**2 + scaling.drift**2 * max(position - self.model.end, 0))
        return spread

    def state(self) -> dict[str, object]:
        """Return what `restored` needs beside the model."""
        return {
            "tail": self._tail.state(),
            "sustained": self._sustained.state(),
            "newest": list(self._newest),
            "z": self.z,
        }

    @classmethod
    def restored(cls, state: Mapping[str, Any], model: FittedModel, columns: Ints) -> Scorer:
        """Rebuild from `state`."""
        scorer = cls(model, columns, Tail.restored(state["tail"]), Tail.restored(state["sustained"]))
        scorer._newest = list(state["newest"])
        scorer.z = state["z"]
        return scorer
