"""Which shape a metric's course has: the simplest of several descriptions that fits.

The metric is first relieved of what the other metrics explain, so that a load that they all follow does not look like a
fault of one. In what remains a stretch is sought in which the level is another one, by least squares; then it is asked
whether a slope up to the end of that stretch fits better than a step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from detector.verdicts.course import EARLY

if TYPE_CHECKING:
    from contracts.anomaly import Kind
    from detector.rows.features import Floats, Ints

_SHORT = 3  # readings: a fault of no more is a spike
_LEAST = 4  # readings: fewer have no shape
_WILDER = 2.5  # times the usual swing from reading to reading is noise
_TURNS = 0.4  # noise turns at two readings of three
_BEYOND = 1.5  # half-widths of the usual range from its middle: what stays within may be a matter of correlation
_FEW = 0.1  # of the rows
_PLACES = 48  # over the course, where a stretch may begin or end, ...
_CLOSE = 12  # ... and each one so near to the opening
_CLEARLY = 0.8  # of the error of the name it has: another one fits clearly better
_BLOCK = 16  # rows
_WILDEST = 0.95  # quantile, of blocks by their swing
_BEYOND_WILDEST = 1.5  # times the swing of these: less is not noise but the normal course
_NORMAL_MEDIAN = 0.4549  # of the square of a normal value


@dataclass(frozen=True, slots=True)
class Traces:
    """A metric's course.

    Attributes:
        values: (n,) oldest first, up to the newest abnormal reading.
        remains: (n,) what the other metrics do not explain of them, in the metric's unit.
        before: how many of them came before the incident.
        low, high: between which nearly all values lie usually.
        incoherent: the metrics disagreed in most of the abnormal readings.
        swing: from reading to reading, in the wildest stretches of the normal course; 0 where that is not known.
        swing_of_remains: the same of what remains.
        called: what the incident is called, if it has a name.
    """

    values: Floats
    remains: Floats
    before: int
    low: float
    high: float
    incoherent: bool
    swing: float = 0.0
    swing_of_remains: float = 0.0
    called: Kind | None = None


def shape_of(traces: Traces) -> Kind:
    """Name the shape."""
    remains = traces.remains
    if len(remains) < _LEAST:
        return "spike"
    # Away from the others, a metric shows all of the load's steps in its remains; its values swing as ever.
    grain = _WILDER * _grain(traces.values)
    least = max(grain, _BEYOND_WILDEST * traces.swing)
    wild = _wild(remains, traces.before, grain, traces.swing_of_remains)
    if wild and _wild(traces.values, traces.before, least, traces.swing):
        return "noise"
    if traces.incoherent and _within(traces):
        return "correlation"
    first, end = _stretch(remains, traces.before)
    if end - first <= _SHORT:
        return traces.called or "spike"  # what was more than a spike is none because something short stands out of it
    until = remains[:end]
    return "drift" if _slope_error(until) < _patience(traces.called) * _step_error(until) else "level_shift"


def usual_swing(values: Floats) -> float:
    """Return how much values (n,) of the normal course swing from one to the next in their wildest stretches."""
    steps = np.diff(values[~np.isnan(values)])
    blocks = steps[: len(steps) // _BLOCK * _BLOCK].reshape(-1, _BLOCK)
    if not len(blocks):
        return 0.0
    return float(np.quantile(np.sqrt(np.median(blocks**2, axis=1) / _NORMAL_MEDIAN), _WILDEST))


def _patience(called: Kind | None) -> float:
    """Return how much larger the error of a slope may be than that of a step: a name goes to what is clearly better."""
    return {"drift": 1.0 / _CLEARLY, "level_shift": _CLEARLY}.get(called or "", 1.0)


def _grain(values: Floats) -> float:
    """Return the smallest step between values: a coarse one that moves at all swings by no less."""
    steps = np.abs(np.diff(values))
    return float(np.min(steps[steps > 0.0], initial=np.inf)) if np.any(steps > 0.0) else 0.0


def _within(traces: Traces) -> bool:
    """Tell whether the values since the opening hardly leave the usual range."""
    since = traces.values[traces.before :]
    middle, reach = 0.5 * (traces.low + traces.high), 0.5 * (traces.high - traces.low)
    return bool(np.count_nonzero(np.abs(since - middle) > _BEYOND * reach) <= _FEW * len(since))


def _wild(remains: Floats, before: int, least: float, normal: float) -> bool:
    """Tell whether values swing from reading to reading far more than they did, and by more than `least`.

    Noise may have begun before it was found: they did by no more than in the `normal` course, where that is known.
    """
    steps = np.diff(remains[max(before - 1, 0) : before + EARLY])
    if len(steps) < _LEAST - 1 or before < _LEAST:
        return False
    turns = np.count_nonzero(np.diff(np.sign(steps)) != 0) / (len(steps) - 1)
    did = _swing(np.diff(remains[:before]))
    usual = max(_WILDER * (min(did, normal) if normal else did), least)
    return bool(_swing(steps) > usual and turns > _TURNS)


def _swing(steps: Floats) -> float:
    """Return the standard deviation of steps by their median, so that a few large ones do not count."""
    return float(np.sqrt(np.median(steps**2) / _NORMAL_MEDIAN))


def _stretch(series: Floats, before: int) -> tuple[int, int]:
    """Return first and end of the stretch whose level differs most clearly from that of the rest."""
    rows = len(series)
    places = np.unique(
        np.concatenate([np.linspace(0, rows, _PLACES).astype(int), np.arange(before - _CLOSE, before + _CLOSE)])
    )
    places = places[(places >= 0) & (places <= rows)]
    sums = np.concatenate([[0.0], np.cumsum(series - series.mean())])[places]
    width = (places[None, :] - places[:, None]).astype(float)
    inside = sums[None, :] - sums[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        explained = inside**2 * (1.0 / width + 1.0 / (rows - width))
    explained[(width <= 0.0) | (width > rows - _LEAST)] = -1.0
    first, end = np.unravel_index(int(np.argmax(explained)), explained.shape)
    return _oriented(series, int(places[first]), int(places[end]))


def _oriented(series: Floats, first: int, end: int) -> tuple[int, int]:
    """Return the stretch, or what follows it where the stretch is the quiet time before."""
    return (end, len(series)) if first == 0 and end < len(series) else (first, end)


def _step_error(series: Floats) -> float:
    """Return the least squared error that one step leaves."""
    count = np.arange(1.0, len(series))
    sums = np.cumsum(series - series.mean())[:-1]
    explained = sums**2 * (1.0 / count + 1.0 / (len(series) - count))
    return float(np.sum((series - series.mean()) ** 2) - np.max(explained, initial=0.0))


def _slope_error(series: Floats) -> float:
    """Return the least squared error that a level turning into a slope leaves."""
    time = np.arange(float(len(series)))
    turns: Ints = np.unique(np.linspace(0, max(len(series) - _LEAST, 0), _PLACES).astype(int))
    ramps = np.maximum(time[None, :] - turns[:, None], 0.0)
    ramps -= ramps.mean(axis=1, keepdims=True)
    centred = series - series.mean()
    explained = (ramps @ centred) ** 2 / np.sum(ramps**2, axis=1)
    return float(centred @ centred - np.max(explained))
