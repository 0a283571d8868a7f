"""What the examination of one reading gave."""

from __future__ import annotations

import msgspec

from detector.models.judgement import Judgement
from detector.rows.features import Floats, Ints
from detector.verdicts.findings import Finding
from detector.verdicts.idling import Idle


class Examined(msgspec.Struct, frozen=True, gc=False):
    """One reading.

    Attributes:
        columns, values: (n,) where its metrics stand, and their values; NaN is no value.
        finding: what is wrong; None for nothing.
        judgement: what the model says; None without one.
        resting: the machine is off, or under maintenance, or was a moment ago: its readings say nothing of it.
        idle: it is in the off state that its model has learned, or around a switch: what is open stays as it is.
        doubted: the finding would open an incident, were it not that a growing model has seen too little to say so.
    """

    columns: Ints
    values: Floats
    finding: Finding | None
    judgement: Judgement | None
    resting: bool
    idle: Idle | None = None
    doubted: bool = False
