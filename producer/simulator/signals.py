"""The healthy signal of one device, generated in blocks of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from producer.simulator.autoregression import Floats, autoregress, coefficient
from producer.simulator.duty import DutyCycle
from producer.simulator.random_streams import random_stream

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.simulator.profiles import Metric
    from producer.simulator.scenario import Member

BLOCK_ROWS = 256  # fixed, so that a stream does not depend on who asks for how much of it
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive rows of one device.

    Attributes:
        times: (rows,) seconds since the start.
        following: (rows,) the time of the row after each.
        values: (rows, metrics) in the metrics' units.
        stray: (rows, metrics) what to add to a metric so that it follows drivers of its own instead of the shared ones.
    """

    times: Floats
    following: Floats
    values: Floats
    stray: Floats


class Signal:
    """Baseline, season, trend, drivers, wander, duty cycle and noise of one device.

    Args:
        member: the device; its name and the seed name the random streams.
        seed: of the whole simulation.
        second_of_day: time of day (UTC) at which the simulation starts, for the season.
    """

    def __init__(self, member: Member, seed: int, second_of_day: float) -> None:
        device, group, metrics = member.device, member.group, member.metrics
        self._interval = group.interval_s
        self._jitter = group.jitter * group.interval_s
        self._second_of_day = second_of_day
        self._clock = random_stream(seed, device, "clock")
        self._random = random_stream(seed, device, "signal")
        self._baseline = _column(metrics, lambda m: m.baseline)
        self._baseline *= 1 + random_stream(seed, device, "baseline").uniform(-group.vary, group.vary, len(metrics))
        self._noise = _column(metrics, lambda m: m.noise)
        self._amplitude = _column(metrics, lambda m: m.season.amplitude if m.season else 0.0)
        self._peak = _column(metrics, lambda m: m.season.peak_hour * 3600 if m.season else 0.0)
        self._trend = _column(metrics, lambda m: m.trend_per_day) / _DAY_S
        self._latent = _Latent(member, self._random)
        self._duty = _duty_cycle(member, random_stream(seed, device, "duty"))
        self._off = _column(metrics, lambda m: 0.0 if m.off is None else m.off)
        self._has_off = np.array([m.off is not None for m in metrics])
        self._rows = 0
        self._phase = float(self._clock.uniform(0, group.interval_s))
        self._times = self._draw_times()

    def block(self) -> Block:
        """The next BLOCK_ROWS rows."""
        times = self._times
        self._times = self._draw_times()
        shared, stray = self._latent.draw(len(times))
        running = self._baseline + self._course(times) + shared
        values = running if self._duty is None else self._switched(self._duty.level(times), running)
        values += self._noise * self._random.standard_normal(values.shape)
        return Block(times, np.append(times[1:], self._times[0]), values, stray - shared)

    def _draw_times(self) -> Floats:
        rows = np.arange(self._rows, self._rows + BLOCK_ROWS)
        self._rows += BLOCK_ROWS
        shift = self._clock.uniform(-0.5, 0.5, BLOCK_ROWS) * self._jitter
        return np.asarray(np.maximum(self._phase + rows * self._interval + shift, 0.0), dtype=float)

    def _course(self, times: Floats) -> Floats:
        angle = (self._second_of_day + times[:, None] - self._peak) * (2 * np.pi / _DAY_S)
        course: Floats = self._amplitude * np.cos(angle) + self._trend * times[:, None]
        return course

    def _switched(self, level: Floats, running: Floats) -> Floats:
        return np.where(self._has_off, self._off + level * (running - self._off), running)


class _Latent:
    """The hidden processes of a device: drivers, their strays, and each metric's own wander."""

    def __init__(self, member: Member, random: np.random.Generator) -> None:
        metrics, interval_s = member.metrics, member.group.interval_s
        names, drivers = tuple(member.profile.drivers), list(member.profile.drivers.values())
        constants = [d.time_constant_s for d in drivers + drivers]
        constants += [m.wander.time_constant_s if m.wander else interval_s for m in metrics]
        sigmas = [d.sigma for d in drivers + drivers] + [m.wander.sigma if m.wander else 0.0 for m in metrics]
        self._coefficients = np.array([coefficient(interval_s, constant) for constant in constants])
        self._sigmas = np.array(sigmas)
        self._innovation = self._sigmas * np.sqrt(1 - self._coefficients**2)
        self._gains = np.array([[m.follows.get(name, 0.0) for m in metrics] for name in names]).reshape(
            len(names), len(metrics)
        )
        self._drivers = len(names)
        self._random = random
        self._previous = self._sigmas * random.standard_normal(len(sigmas))

    def draw(self, rows: int) -> tuple[Floats, Floats]:
        """(rows, metrics) driven by the shared drivers, and the same by the strays; both hold the wander."""
        innovations = self._innovation * self._random.standard_normal((rows, len(self._sigmas)))
        series = autoregress(innovations, self._coefficients, self._previous)
        self._previous = series[-1].copy()
        count = self._drivers
        wander = series[:, 2 * count :]
        return series[:, :count] @ self._gains + wander, series[:, count : 2 * count] @ self._gains + wander


def _column(metrics: tuple[Metric, ...], of: Callable[[Metric], float]) -> Floats:
    return np.array([of(metric) for metric in metrics], dtype=float)


def _duty_cycle(member: Member, random: np.random.Generator) -> DutyCycle | None:
    if member.profile.duty is None:
        return None
    return DutyCycle(member.profile.duty, _column(member.metrics, lambda m: m.ramp_s), random)
