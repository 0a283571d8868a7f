"""Profiles: how a kind of device behaves when it is healthy."""

from __future__ import annotations

import math
from typing import Annotated, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

Number = TypeVar("Number", int, float)


def ordered(value: tuple[Number, Number]) -> tuple[Number, Number]:
    """Refuse a range whose first number exceeds the second."""
    if value[0] > value[1]:
        raise ValueError("the first of the two numbers must not exceed the second")
    return value


Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Range = Annotated[tuple[NotNegative, NotNegative], AfterValidator(ordered)]
Name = Annotated[str, Field(min_length=1, max_length=128)]


class Table(BaseModel):
    """A table of the file: unknown keys are errors, and nothing changes after loading."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Process(Table):
    """A first-order autoregressive (Ornstein-Uhlenbeck) process with standard deviation `sigma`."""

    sigma: NotNegative = 1.0
    time_constant_s: Positive = 30.0


class Season(Table):
    """A daily cosine that is highest at `peak_hour` (UTC)."""

    amplitude: Finite
    peak_hour: Annotated[float, Field(ge=0, lt=24)] = 15.0


class Metric(Table):
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


class Duty(Table):
    """The machine's duty cycle: running and off periods, each drawn from its range in seconds."""

    on_s: Range
    off_s: Range

    @model_validator(mode="after")
    def _lasting(self) -> Self:
        if self.on_s[0] <= 0 or self.off_s[0] <= 0:
            raise ValueError("on_s and off_s must be above 0")
        return self


class Profile(Table):
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
