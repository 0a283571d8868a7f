"""Fault plan: which fault befalls which device when, drawn from the seed as far ahead as asked for."""

from __future__ import annotations

import heapq
import itertools
import math
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import numpy as np

from producer.simulator.faults import RANGES, TWO_SIDED, Fault, possible_metrics
from producer.simulator.random_streams import random_stream

if TYPE_CHECKING:
    from producer.simulator.profiles import Metric
    from producer.simulator.scenario import FaultKind, FaultSchedule, Member, Scenario

_REST_S = 20.0  # a device is left alone that long, and this many readings, after a fault
_REST_ROWS = 60


@dataclass(slots=True)
class _Target:
    """One device as the plan sees it; `free_at` is when it may be hit again."""

    member: Member
    free_at: float = 0.0
    last_hit: float = -math.inf

    def rows_by(self, time: float) -> float:
        return time / self.member.group.interval_s


@dataclass(frozen=True, slots=True)
class _Form:
    """A fault of one kind under one schedule, before it has a device."""

    schedule: FaultSchedule
    kind: FaultKind

    def suits(self, target: _Target, time: float) -> bool:
        return (
            target.free_at <= time
            and target.rows_by(time) >= self.schedule.after_rows
            and self.schedule.covers(target.member.device)
            and bool(self.metrics_of(target.member))
        )

    def metrics_of(self, member: Member) -> list[int]:
        """Positions of the metrics that it can hit."""
        names, patterns = tuple(member.profile.metrics), self.schedule.metrics
        possible = possible_metrics(self.kind, member.metrics)
        return [i for i in possible if any(fnmatchcase(names[i], pattern) for pattern in patterns)]

    def duration(self, random: np.random.Generator, interval_s: float) -> float:
        """Seconds; a slow device's fault lasts longer, so that it covers some readings."""
        if self.schedule.duration_s is not None:
            return max(float(random.uniform(*self.schedule.duration_s)), interval_s)
        ranges = RANGES[self.kind]
        rows = int(random.integers(*ranges.rows, endpoint=True))
        return max(float(random.uniform(*ranges.duration_s)), rows * interval_s)

    def size(self, random: np.random.Generator, metric: Metric) -> float:
        """Signed multiple of the spread, away from a physical limit where one is near."""
        size = float(random.uniform(*(self.schedule.size or RANGES[self.kind].size)))
        if self.kind not in TWO_SIDED:
            return size
        upwards, reach = bool(random.integers(2)), size * metric.spread
        if metric.baseline - reach < metric.low:
            upwards = True
        elif metric.baseline + reach > metric.high:
            upwards = False
        return size if upwards else -size


class FaultPlan:
    """All faults of a simulation in the order of their starts; no device has two at a time.

    Args:
        scenario: devices and fault schedules.
        seed: of the whole simulation; the plan depends on it and the scenario alone.
    """

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self._targets = [_Target(member) for member in scenario.members()]
        self._randoms = [random_stream(seed, "faults", str(number)) for number in range(len(scenario.faults))]
        self._schedules = scenario.faults
        self._due = [(float(r.uniform(*s.first_after_s)), i, 1) for i, (s, r) in enumerate(self._drawn())]
        heapq.heapify(self._due)
        self._numbers = itertools.count()
        self._planned: dict[str, list[Fault]] = {}

    def faults_of(self, device: str, start: float, end: float) -> list[Fault]:
        """The device's faults that touch [start, end) seconds; `start` must not go back from call to call."""
        self.extend(end)
        planned = [fault for fault in self._planned.get(device, ()) if fault.end > start]
        if planned:
            self._planned[device] = planned
        else:
            self._planned.pop(device, None)
        return [fault for fault in planned if fault.start < end]

    def extend(self, until: float) -> list[Fault]:
        """Draw all faults that start before `until` seconds and were not drawn yet; return them."""
        drawn: list[Fault] = []
        while self._due and self._due[0][0] < until:
            time, number, turn = heapq.heappop(self._due)
            schedule, random = self._schedules[number], self._randoms[number]
            drawn += self._strike(schedule, random, time)
            if schedule.every_s is not None and (schedule.count is None or turn < schedule.count):
                heapq.heappush(self._due, (time + float(random.uniform(*schedule.every_s)), number, turn + 1))
        for fault in drawn:
            self._planned.setdefault(fault.device, []).append(fault)
        return drawn

    def _drawn(self) -> zip[tuple[FaultSchedule, np.random.Generator]]:
        return zip(self._schedules, self._randoms, strict=True)

    def _strike(self, schedule: FaultSchedule, random: np.random.Generator, time: float) -> list[Fault]:
        hits = int(random.integers(schedule.at_once[0], schedule.at_once[1], endpoint=True))
        faults = []
        for _ in range(hits):
            form = _Form(schedule, _weighted(schedule.kinds, random))
            ready = [target for target in self._targets if form.suits(target, time)]
            if ready:
                faults.append(self._hit(_rested(ready, random), form, random, time))
        return faults

    def _hit(self, target: _Target, form: _Form, random: np.random.Generator, time: float) -> Fault:
        member = target.member
        end = time + form.duration(random, member.group.interval_s)
        metric = int(random.choice(form.metrics_of(member)))
        size = form.size(random, member.metrics[metric])
        absent = bool(random.integers(2)) and len(member.metrics) > 1 and form.kind == "dropout"
        target.last_hit = time
        target.free_at = end + max(_REST_S, _REST_ROWS * member.group.interval_s)
        metrics = () if form.kind == "silence" else (metric,)
        return Fault(next(self._numbers), form.kind, member.device, metrics, time, end, size, absent)


def _rested(ready: list[_Target], random: np.random.Generator) -> _Target:
    """One of the half that was spared longest, so that faults go round."""
    ready.sort(key=lambda target: target.last_hit)
    return ready[int(random.integers((len(ready) + 1) // 2))]


def _weighted(kinds: dict[FaultKind, float], random: np.random.Generator) -> FaultKind:
    weights = np.array(list(kinds.values()))
    return list(kinds)[int(random.choice(len(weights), p=weights / weights.sum()))]
