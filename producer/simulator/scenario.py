"""Scenario: which devices a simulation has, how they behave when healthy, and which faults befall them."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from producer.simulator.profiles import Metric, Name, Positive, Profile, Range, Table, ordered

FaultKind = Literal["spike", "level_shift", "drift", "stuck", "noise", "dropout", "silence", "correlation"]


class DeviceGroup(Table):
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


class FaultSchedule(Table):
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
    at_once: Annotated[tuple[int, int], AfterValidator(ordered)] = (1, 1)
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


class Scenario(Table):
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
