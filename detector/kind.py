"""What shape a trouble has, read off the newest rows of the metric at fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from contracts.anomaly import Kind
    from detector.features import Floats

_ODD = 3.0  # a deviation counts as odd from here on, in robust z
_LEAST_SHIFT = 3


def classify(z: Floats, newest: Floats, centre: float, spread: float, *, explained: bool) -> Kind:
    """Name the shape.

    Args:
        z: (3,) robust z of the metric's value, rolling mean and rolling deviation.
        newest: (n,) its newest values, oldest first.
        centre: what is expected of it.
        spread: standard deviation that is expected of it.
        explained: whether the metrics at fault are odd by themselves, not only together.
    """
    if not explained:
        return "correlation"
    away = (newest - centre) / max(spread, 1e-30)
    odd = np.abs(away) > _ODD
    if _noisy(z, away):
        return "noise"
    trailing = _trailing(odd & (np.sign(away) == np.sign(away[-1]))) if len(away) else 0
    if trailing < _LEAST_SHIFT:
        return "spike"
    return "drift" if _ramps(away, trailing) else "level_shift"


def _noisy(z: Floats, away: Floats) -> bool:
    """Tell whether the values swing to both sides more than they should."""
    last = away[-10:]
    swings = np.abs(np.diff(last))
    both_sides = len(last) > 2 and min(np.sum(last > 1.0), np.sum(last < -1.0)) >= 2  # noqa: PLR2004
    return bool(z[2] > _ODD and both_sides and np.mean(swings) > abs(np.mean(last)))


def _trailing(flags: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> int:
    """Count the flags that are set at the end without a break."""
    unset = np.flatnonzero(~flags)
    return len(flags) - 1 - int(unset[-1]) if len(unset) else len(flags)


def _ramps(away: Floats, trailing: int) -> bool:
    """Tell whether the values left the normal course step by step, not at once."""
    start = len(away) - trailing
    before = away[max(start - 10, 0) : start]
    first = away[start : start + 3]
    if len(before) < _LEAST_SHIFT or len(first) == 0:
        return False
    step = abs(np.median(first) - np.median(before))
    slope = np.polyfit(np.arange(len(before)), before, 1)[0] * len(before)
    return bool(step < 3.0 and slope * away[-1] > 0.5 * step * abs(away[-1]))  # noqa: PLR2004
