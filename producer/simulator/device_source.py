"""One simulated device: healthy signal, faults, sensor limits; rows ready to become readings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from producer.simulator.fault_effects import ABSENT, disturb, rows_of, withhold
from producer.simulator.random_streams import random_stream
from producer.simulator.signals import BLOCK_ROWS, Block, Signal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from producer.simulator.autoregression import Floats
    from producer.simulator.fault_plan import FaultPlan
    from producer.simulator.faults import Fault
    from producer.simulator.scenario import Member

HEALTHY = -1


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one device: what its readings will say, and what is wrong with them.

    Attributes:
        times: (rows,) seconds since the start.
        values: (rows, metrics) as sent; NaN is null, infinite is left out.
        fault: (rows,) the position in `faults` of the fault that befalls a row, HEALTHY for none. A silence stands at
            the last row before it.
        faults: the faults of the block.
    """

    times: Floats
    values: Floats
    fault: NDArray[np.int64]
    faults: tuple[Fault, ...]


class DeviceSource:
    """Draws a device's rows, block by block.

    Args:
        member: the device.
        plan: the faults of all devices.
        seed: of the whole simulation.
        second_of_day: time of day (UTC) at which the simulation starts.
    """

    def __init__(self, member: Member, plan: FaultPlan, seed: int, second_of_day: float) -> None:
        metrics = member.metrics
        self.device = member.device
        self.metrics = tuple(member.profile.metrics)
        self.units = {name: m.unit for name, m in member.profile.metrics.items() if m.unit} or None
        self._signal = Signal(member, seed, second_of_day)
        self._plan = plan
        self._seed = seed
        self._spreads = [metric.spread for metric in metrics]
        self._low = np.array([metric.low for metric in metrics])
        self._high = np.array([metric.high for metric in metrics])
        self._scale = np.array([10.0**metric.decimals for metric in metrics])
        self._every = np.array([metric.every for metric in metrics])
        self._bursts: dict[int, np.random.Generator] = {}
        self._last = np.clip(np.array([metric.baseline for metric in metrics]), self._low, self._high)
        self._count = 0

    def rows(self) -> Rows:
        """The next rows; fewer than a block where the device is silent."""
        block = self._signal.block()
        faults = self._plan.faults_of(self.device, float(block.times[0]), float(block.following[-1]))
        for fault in faults:
            if fault.metrics:
                disturb(block, fault, self._spreads[fault.metrics[0]], self._stream_of(fault))
        values = self._sensed(block, faults)
        kept, marks = _marked(block, faults)
        kept &= (values != ABSENT).any(axis=1)
        return Rows(block.times[kept], values[kept], marks[kept], tuple(faults))

    def _sensed(self, block: Block, faults: list[Fault]) -> Floats:
        values: Floats = np.rint(np.clip(block.values, self._low, self._high) * self._scale) / self._scale
        for fault in faults:
            if fault.metrics:
                withhold(values, fault, block.times, float(self._last[fault.metrics[0]]))
        self._last = np.where(np.isfinite(values[-1]), values[-1], self._last)
        numbers = np.arange(self._count, self._count + BLOCK_ROWS)
        self._count += BLOCK_ROWS
        if (self._every > 1).any():
            values[numbers[:, None] % self._every != 0] = ABSENT
        return values

    def _stream_of(self, fault: Fault) -> np.random.Generator:
        """A burst of noise keeps its own stream from block to block."""
        if fault.number not in self._bursts:
            self._bursts = {fault.number: random_stream(self._seed, "burst", str(fault.number))}
        return self._bursts[fault.number]


def _marked(block: Block, faults: list[Fault]) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Which rows are sent, and each row's fault."""
    kept = np.ones(len(block.times), dtype=bool)
    marks = np.full(len(block.times), HEALTHY)
    for position, fault in enumerate(faults):
        if fault.kind == "silence":
            kept &= ~rows_of(fault, block.times)
            marks[(block.times < fault.start) & (block.following >= fault.start)] = position
        else:
            marks[rows_of(fault, block.times)] = position
    return kept, marks
