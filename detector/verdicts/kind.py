"""What shape a trouble has, read off the newest rows of the metric at fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from contracts.anomaly import Kind
    from detector.rows.features import Floats

_SHAPES = frozenset({"spike", "level_shift", "drift", "noise", "correlation"})
_UNSETTLED = 12
_ODD = 3.0  # a deviation counts as odd from here on, in robust z
_LEAST_SHIFT = 4
_MOST_OF_THE_WAY = 0.6
_MOVING = 0.08
_STEP = 0.4  # of the whole way, in a few readings: more is a shift, less a drift


def classify(z: Floats, newest: Floats, centre: float, spread: float, *, lasting: bool = False) -> Kind:
    """Name the shape.

    Args:
        z: (3,) robust z of the metric's value, rolling mean and rolling deviation.
        newest: (n,) its newest values, oldest first.
        centre: what is expected of it.
        spread: standard deviation that is expected of it.
        lasting: many readings together were odd, not one alone.
    """
    away = (newest - centre) / max(spread, 1e-30)
    if len(away) == 0:
        return "spike"
    if _noisy(z, away):
        return "noise"
    odd = np.abs(away) > _ODD
    trailing = _trailing(odd & (np.sign(away) == np.sign(away[-1])))
    if trailing < _LEAST_SHIFT:
        return _slow_shape(away) if lasting else "spike"
    if trailing == len(away):
        return "drift" if _still_moving(away) else "level_shift"
    return "drift" if _ramps(away, trailing) else "level_shift"


def becomes(kind: Kind, later: Kind, readings: int) -> bool:
    """Tell whether an incident of a kind, after so many abnormal readings, may be called otherwise.

    The first readings tell little, and the end of a trouble must not look like another one.
    """
    if later == kind or kind not in _SHAPES or later not in _SHAPES:
        return False
    if later == "spike":
        return kind == "level_shift" and readings <= _UNSETTLED / 2
    if later == "correlation":
        return False
    return kind in {"spike", "correlation"} or readings <= _UNSETTLED


def _slow_shape(away: Floats) -> Kind:
    """Tell a small shift from a slow drift: most of the way in one step, or not."""
    blocks = np.array([np.mean(part) for part in np.array_split(away, min(8, len(away)))])
    way = abs(blocks[-1] - blocks[0])
    return "level_shift" if np.max(np.abs(np.diff(blocks)), initial=0.0) > _MOST_OF_THE_WAY * way else "drift"


def _still_moving(away: Floats) -> bool:
    """Tell whether values that are all odd go further away."""
    quarter = max(len(away) // 4, 1)
    first, last = float(np.mean(away[:quarter])), float(np.mean(away[-quarter:]))
    return bool((last - first) * np.sign(last) > _MOVING * abs(last))


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
    before, after = away[max(start - 5, 0) : start], away[start : start + 3]
    if len(before) < 3:  # noqa: PLR2004 - nothing to compare with
        return False
    step = abs(float(np.median(after)) - float(np.median(before)))
    return step < _STEP * abs(float(np.median(away[-5:])))
