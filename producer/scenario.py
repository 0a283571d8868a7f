"""Scenario: which devices a simulation has, how they behave when healthy, and which faults befall them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Annotated, Literal, Self, TypeVar, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

FaultKind = Literal["spike", "level_shift", "drift", "stuck", "noise", "dropout", "silence", "correlation"]
FAULT_KINDS: tuple[FaultKind, ...] = get_args(FaultKind)


Number = TypeVar("Number", int, float)


def _ordered(value: tuple[Number, Number]) -> tuple[Number, Number]:
    if value[0] > value[1]:
        raise ValueError("the first of the two numbers must not exceed the second")
    return value


Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Range = Annotated[tuple[NotNegative, NotNegative], AfterValidator(_ordered)]
Name = Annotated[str, Field(min_length=1, max_length=128)]


class _Table(BaseModel):
    """A table of the file: unknown keys are errors, and nothing changes after loading."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Process(_Table):
    """A first-order autoregressive (Ornstein-Uhlenbeck) process with standard deviation `sigma`."""

    sigma: NotNegative = 1.0
    time_constant_s: Positive = 30.0


class Season(_Table):
    """A daily cosine that is highest at `peak_hour` (UTC)."""

    amplitude: Finite
    peak_hour: Annotated[float, Field(ge=0, lt=24)] = 15.0


class Metric(_Table):
    """The healthy behaviour of one metric, in its own unit.

    `noise` is the standard deviation of the sensor's white noise; `follows` maps a driver of the profile to the
    metric's gain on it, which correlates the metrics that follow the same driver. `off` is the value while the machine
    is off (absent: the duty cycle does not touch the metric), approached with time constant `ramp_s`. `every` makes the
    metric appear in every n-th reading only.
    """

    baseline: Finite
    unit: Annotated[str, Field(min_length=1, max_length=32)] | None = None
    noise: NotNegative = 0.0
    wander: Process | None = None
    season: Season | None = None
    trend_per_day: Finite = 0.0
    follows: dict[Name, Finite] = {}
    off: Finite | None = None
    ramp_s: Positive = 5.0
    low: Finite = -math.inf
    high: Finite = math.inf
    decimals: Annotated[int, Field(ge=0, le=9)] = 2
    every: Annotated[int, Field(ge=1)] = 1

    @property
    def spread(self) -> float:
        """Standard deviation around the season, in the metric's unit; faults are sized in multiples of it."""
        wander = self.wander.sigma if self.wander else 0.0
        total = math.hypot(self.noise, wander, *self.follows.values())
        return total or max(abs(self.baseline) * 0.01, 10.0**-self.decimals)


class Duty(_Table):
    """The machine's duty cycle: running and off periods, each drawn from its range in seconds."""

    on_s: Range
    off_s: Range

    @model_validator(mode="after")
    def _lasting(self) -> Self:
        if self.on_s[0] <= 0 or self.off_s[0] <= 0:
            raise ValueError("on_s and off_s must be above 0")
        return self


class Profile(_Table):
    """A kind of device; `drivers` are hidden processes (load, weather …) with unit spread that metrics follow."""

    metrics: Annotated[dict[Name, Metric], Field(min_length=1)]
    drivers: dict[Name, Process] = {}
    duty: Duty | None = None

    @model_validator(mode="after")
    def _steady(self) -> Self:
        if all(metric.every > 1 for metric in self.metrics.values()):
            raise ValueError("one metric at least must be in every reading (every = 1)")
        return self

    @model_validator(mode="after")
    def _known_drivers(self) -> Self:
        for name, metric in self.metrics.items():
            for driver in metric.follows:
                if driver not in self.drivers:
                    raise ValueError(f"metrics.{name}.follows: no driver {driver!r} among {sorted(self.drivers)}")
        return self


class DeviceGroup(_Table):
    """`count` devices of one profile; with several, `{n}` in the name is replaced by 1, 2, 3 and so on.

    `vary` draws each device's baselines within ± that fraction; `jitter` moves each reading within ± half that fraction
    of the interval.
    """

    name: Name
    profile: Name
    interval_s: Annotated[float, Field(ge=0.001, le=86_400)]
    count: Annotated[int, Field(ge=1, le=10_000)] = 1
    vary: Annotated[float, Field(ge=0, lt=1)] = 0.0
    jitter: Annotated[float, Field(ge=0, le=0.9)] = 0.02

    @model_validator(mode="after")
    def _numbered(self) -> Self:
        if self.count > 1 and "{n}" not in self.name:
            raise ValueError("name must hold {n} when count is above 1")
        return self

    def names(self) -> tuple[str, ...]:
        """The names of the group's devices, numbers padded to equal length."""
        width = len(str(self.count))
        return tuple(self.name.replace("{n}", str(number).zfill(width)) for number in range(1, self.count + 1))


@dataclass(frozen=True, slots=True)
class Member:
    """One device of a scenario."""

    device: str
    group: DeviceGroup
    profile: Profile

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """Its metrics in the order of the file."""
        return tuple(self.profile.metrics.values())


class FaultSchedule(_Table):
    """When and where faults happen: the first after `first_after_s`, then one every `every_s`, `count` of them.

    `kinds` maps a kind of fault to its weight. `devices` and `metrics` are patterns (`*`, `?`). A device is spared
    until it has sent `after_rows` readings, so that a detector has had its warm-up. `size` is in multiples of the
    metric's spread; `size` and `duration_s` replace the defaults of the kind. `at_once` devices are hit together.
    """

    kinds: Annotated[dict[FaultKind, Positive], Field(min_length=1)]
    first_after_s: Range
    every_s: Range | None = None
    count: Annotated[int, Field(ge=1)] | None = None
    devices: Annotated[tuple[Name, ...], Field(min_length=1)] = ("*",)
    metrics: Annotated[tuple[Name, ...], Field(min_length=1)] = ("*",)
    after_rows: Annotated[int, Field(ge=0)] = 250
    at_once: Annotated[tuple[int, int], AfterValidator(_ordered)] = (1, 1)
    size: Range | None = None
    duration_s: Range | None = None

    @model_validator(mode="after")
    def _repeats(self) -> Self:
        if self.every_s is None and self.count != 1:
            raise ValueError("every_s is needed unless count = 1")
        if self.every_s is not None and self.every_s[0] <= 0:
            raise ValueError("every_s must be above 0")
        if self.at_once[0] < 1:
            raise ValueError("at_once must be at least 1")
        return self

    def covers(self, device: str) -> bool:
        """Whether the device may be hit."""
        return any(fnmatchcase(device, pattern) for pattern in self.devices)


class Scenario(_Table):
    """A whole simulation."""

    name: Name
    title: str = ""
    profiles: Annotated[dict[Name, Profile], Field(min_length=1)]
    devices: Annotated[tuple[DeviceGroup, ...], Field(min_length=1)]
    faults: tuple[FaultSchedule, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        names: set[str] = set()
        for position, group in enumerate(self.devices):
            if group.profile not in self.profiles:
                raise ValueError(f"devices.{position}.profile: no profile {group.profile!r}")
            if twice := names.intersection(group.names()):
                raise ValueError(f"devices.{position}.name: {min(twice)!r} is there twice")
            names.update(group.names())
        for position, schedule in enumerate(self.faults):
            if not any(map(schedule.covers, names)):
                raise ValueError(f"faults.{position}.devices: no device matches {list(schedule.devices)}")
        return self

    def members(self) -> tuple[Member, ...]:
        """All devices in the order of the file."""
        return tuple(
            Member(name, group, self.profiles[group.profile]) for group in self.devices for name in group.names()
        )

    @property
    def rate(self) -> float:
        """Readings per second of all devices together."""
        return sum(group.count / group.interval_s for group in self.devices)
