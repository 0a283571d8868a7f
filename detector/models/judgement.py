"""What a model says of one row."""

from __future__ import annotations

import msgspec


class Judgement(msgspec.Struct, frozen=True, gc=False):
    """Of one row.

    Attributes:
        score, extreme, apart: tail probabilities of the row's raw score, of its largest z, and of the largest
            disagreement between its metrics.
        lasting: probability of the evidence of this row and those before it.
        incoherent: whether that evidence is the metrics' disagreement rather than their values.
        surprise: the raw score from 0 to 1, half where it is as rare as one in a thousand of the reference; it never
            saturates and never ties, and fades after an odd row: by half in as many rows as features look back.
        alarm: as `score`, but beside what has been usual in a trouble that has lasted for half a day.
        raw: the raw score in units of the reference's 99.5 % level, the largest z, the largest disagreement.
        decision: of the backend; lower is more abnormal, below 0 an outlier.
    """

    score: float
    extreme: float
    apart: float
    lasting: float
    incoherent: bool
    surprise: float
    alarm: float
    raw: tuple[float, float, float]
    decision: float

    @property
    def least(self) -> float:
        """The smallest of the probabilities."""
        return min(self.score, self.extreme, self.apart, self.lasting)
