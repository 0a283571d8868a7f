"""What a fault does to the rows of a block."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from producer.simulator.autoregression import Floats
from producer.simulator.faults import Fault
from producer.simulator.signals import Block

if TYPE_CHECKING:
    from producer.simulator.scenario import FaultKind

ABSENT: Final = np.inf  # marks a value that the reading leaves out; NaN marks one that is null
Rows = NDArray[np.bool_]


def rows_of(fault: Fault, times: Floats) -> Rows:
    """(rows,) which rows lie within the fault."""
    inside: Rows = (times >= fault.start) & (times < fault.end)
    return inside


def disturb(block: Block, fault: Fault, spread: float, random: np.random.Generator) -> None:
    """Change what the machine does: the block's values, in place.

    Args:
        block: the healthy rows.
        fault: what to do, when and how much.
        spread: the metric's healthy standard deviation, the unit of the fault's size.
        random: the fault's own stream, used for noise.
    """
    effect = _EFFECTS.get(fault.kind)
    if effect is None:
        return
    inside = rows_of(fault, block.times)
    column = fault.metrics[0]
    block.values[inside, column] += effect(block, fault, inside, random) * (1.0 if effect is _stray else spread)


def withhold(values: Floats, fault: Fault, times: Floats, held: float) -> None:
    """Change what the sensor tells: the rounded values, in place.

    Args:
        values: (rows, metrics).
        fault: stuck and dropout act here; the others leave the values alone.
        times: (rows,) seconds.
        held: the metric's last value before the block, which a sensor stuck since then goes on sending.
    """
    if fault.kind not in ("stuck", "dropout"):
        return
    inside = np.flatnonzero(rows_of(fault, times))
    if not len(inside):
        return
    column = fault.metrics[0]
    if fault.kind == "stuck":
        first = int(inside[0])
        values[inside, column] = values[first - 1, column] if first else held
    else:
        values[inside, column] = ABSENT if fault.absent else np.nan


def _offset(_block: Block, fault: Fault, inside: Rows, _random: np.random.Generator) -> Floats:
    return np.full(int(inside.sum()), fault.size)


def _ramp(block: Block, fault: Fault, inside: Rows, _random: np.random.Generator) -> Floats:
    passed: Floats = (block.times[inside] - fault.start) / (fault.end - fault.start)
    return fault.size * passed


def _burst(_block: Block, fault: Fault, inside: Rows, random: np.random.Generator) -> Floats:
    return fault.size * random.standard_normal(int(inside.sum()))


def _stray(block: Block, fault: Fault, inside: Rows, _random: np.random.Generator) -> Floats:
    """The metric follows drivers of its own: healthy by itself, wrong beside the others."""
    stray: Floats = block.stray[inside, fault.metrics[0]]
    return stray


_Effect = Callable[[Block, Fault, Rows, np.random.Generator], Floats]
_EFFECTS: Final[dict[FaultKind, _Effect]] = {
    "spike": _offset,
    "level_shift": _offset,
    "drift": _ramp,
    "noise": _burst,
    "correlation": _stray,
}
