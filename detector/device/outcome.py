"""What the detector says about one reading, or when a timer has run out."""

from __future__ import annotations

import msgspec

from contracts.anomaly import Anomaly


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """Of one reading, or of a timer.

    Attributes:
        alarm: the verdict on the reading.
        score: calibrated alarm score, 0 to 1, half at one in a thousand.
        news: the score, or 0 where one of the last 100 readings had as high a score; of a device with one metric,
            else the score itself.
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
    news: float = 0.0


LATE = Outcome(alarm=False, score=0.0, decision=None, late=True)
