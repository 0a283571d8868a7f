"""One simulated device with real times: rows become messages of the contracts."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import repeat
from typing import TYPE_CHECKING

import numpy as np

from contracts.reading import Clock, Reading, Truth
from producer.simulator.device_source import HEALTHY, DeviceSource, Rows
from producer.simulator.fault_effects import ABSENT

if TYPE_CHECKING:
    from producer.simulator.faults import Fault

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Lines:
    """Rows as plain lists, which Python reads faster than arrays; `micros` counts from the epoch."""

    times: list[float]
    micros: list[int]
    values: list[list[float]]
    marks: list[int]
    faults: tuple[Fault, ...]
    complete: bool


Entry = tuple[int, "StampedDevice", Lines, int]


class StampedDevice:
    """Gives the rows of one device their real times and turns them into messages.

    Args:
        source: the rows.
        start: when the simulation starts; must have a zone.
        clock: for every reading.
        run: for every reading and truth.
    """

    def __init__(self, source: DeviceSource, start: datetime, clock: Clock, run: str | None) -> None:
        self._source = source
        self._start = start.astimezone(UTC)
        self._clock = clock
        self._run = run
        self._lines = self._read(source.rows())
        self._next = 0

    def until(self, end: float) -> list[Entry]:
        """Entries (microseconds since the epoch, this device, lines, index) before `end` seconds, not given before."""
        entries: list[Entry] = []
        while True:
            lines, first = self._lines, self._next
            last = bisect_left(lines.times, end, lo=first)
            entries += zip(lines.micros[first:last], repeat(self), repeat(lines), range(first, last))
            self._next = last
            if last < len(lines.times):
                return entries
            self._lines, self._next = self._read(self._source.rows()), 0

    def message(self, lines: Lines, index: int) -> tuple[Reading, Truth | None]:
        """The reading of an entry and what is wrong with it."""
        measured_at = _EPOCH + timedelta(microseconds=lines.micros[index])
        reading = Reading(
            device=self._source.device,
            values=self._values(lines, index),
            measured_at=measured_at,
            units=self._source.units,
            clock=self._clock,
            run=self._run,
        )
        mark = lines.marks[index]
        return reading, None if mark == HEALTHY else self._truth(lines.faults[mark], measured_at)

    def _values(self, lines: Lines, index: int) -> dict[str, float | None]:
        row = lines.values[index]
        if lines.complete:
            return dict(zip(self._source.metrics, row, strict=True))
        pairs = zip(self._source.metrics, row, strict=True)
        return {name: None if math.isnan(value) else value for name, value in pairs if value != ABSENT}

    def _truth(self, fault: Fault, measured_at: datetime) -> Truth:
        start = self._start + timedelta(seconds=fault.start)
        return Truth(
            device=fault.device,
            measured_at=start if fault.kind == "silence" else measured_at,
            anomalous=True,
            fault=fault.kind,
            metrics=tuple(self._source.metrics[position] for position in fault.metrics),
            start=start,
            end=self._start + timedelta(seconds=fault.end),
            size=fault.size or None,
            run=self._run,
        )

    def _read(self, rows: Rows) -> Lines:
        start = (self._start - _EPOCH) // timedelta(microseconds=1)
        micros = start + np.rint(rows.times * _MICROSECONDS).astype(np.int64)
        return Lines(
            times=rows.times.tolist(),
            micros=micros.tolist(),
            values=rows.values.tolist(),
            marks=rows.fault.tolist(),
            faults=rows.faults,
            complete=bool(np.isfinite(rows.values).all()),
        )
