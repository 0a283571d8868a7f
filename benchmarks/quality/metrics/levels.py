"""Alarm levels that hold a rate of false alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from benchmarks.quality.recording import Floats


def at_false_alarm_rate(normal: Floats, rate: float) -> float:
    """Return the lowest of the scores (n,) of normal rows that at most this share of them exceeds."""
    allowed = int(rate * len(normal))
    return float(np.sort(normal)[::-1][allowed])
