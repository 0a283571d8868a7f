"""Change points as SKAB scores them: the first change of the alarm within 60 s after a true change point counts.

Katser and Kozitsin, "Skoltech Anomaly Benchmark", 2020; the position in the window is worth 1 at its start, falling to
the cost of a false alarm at its end. 0 is no alarm at all, 100 is perfect.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, tanh
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.quality.metrics.nab import PROFILES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.quality.metrics.nab import Profile
    from benchmarks.quality.recording import Bools, Floats

WINDOW_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Part:
    """One file: times (n,) in epoch s, true change points in epoch s, live alarm (n,)."""

    times: Floats
    changes: Sequence[float]
    alarms: Bools


def score(parts: Sequence[Part]) -> dict[str, float]:
    """Return the score of each profile."""
    return {profile.name: _score(parts, profile) for profile in PROFILES}


def _score(parts: Sequence[Part], profile: Profile) -> float:
    total, windows = 0.0, 0
    for part in parts:
        bounds = _bounds(sorted(part.changes))
        said = part.times[np.flatnonzero(np.diff(part.alarms.astype(np.int8), prepend=0))]
        within = np.zeros(len(said), dtype=np.bool_)
        for start, end in bounds:
            inside = (said >= start) & (said <= end)
            within |= inside
            if inside.any():
                share = (said[inside][0] - start) / (end - start) if end > start else 0.0
                total += profile.missed + _worth(share, profile)
        total -= profile.false_alarm * int(np.sum(~within))
        windows += len(bounds)
    return 100.0 * total / ((1.0 + profile.missed) * windows) if windows else 0.0


def _bounds(changes: Sequence[float]) -> list[tuple[float, float]]:
    """Return a window after each change point; the later of two that overlap gives way."""
    bounds: list[tuple[float, float]] = []
    for at in changes:
        start = max(at, bounds[-1][1]) if bounds else at
        bounds.append((start, at + WINDOW_SECONDS))
    return bounds


def _worth(share: float, profile: Profile) -> float:
    """Return what a detection after this share of the window is worth, 1 falling to the cost of a false alarm."""
    middle, half = (1.0 - profile.false_alarm) / 2.0, (1.0 + profile.false_alarm) / 2.0
    return middle - half * tanh((share - 0.5) * pi) / tanh(pi / 2.0)
