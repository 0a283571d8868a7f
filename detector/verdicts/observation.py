"""One observation of a device: what came, or did not, and the rows and the model that it is seen against."""

from __future__ import annotations

from datetime import datetime

import msgspec

from detector.models.scorer import Scorer
from detector.rows.stream import Stream


class Observation(msgspec.Struct, frozen=True, gc=False):
    """What is known of a device when a reading has come, or a timer has run out.

    Attributes:
        device: its name.
        source: id of the reading, or the words of a timer; anomaly ids follow from it.
        at: event time, epoch s.
        received_at: when it arrived.
        stream: the device's rows; that of the reading is the newest.
        scorer: the model at work; None before the first.
        run: of a recording.
        values: of the reading; None when there is none.
        decision: of the model on the reading, lower is more abnormal; None without one.
    """

    device: str
    source: str
    at: float
    received_at: datetime
    stream: Stream
    scorer: Scorer | None
    run: str | None = None
    values: dict[str, float | None] | None = None
    decision: float | None = None
