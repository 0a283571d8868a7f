"""What a profile file may say."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Annotated, Literal

from msgspec import Meta, Struct

Payload = Literal["json", "number", "csv", "influx", "senml", "sparkplug", "ruuvi", "form"]
Duration = Annotated[str, Meta(pattern=r"^[0-9]+(\.[0-9]+)?(ms|s|m|h|d)$", description="such as 500ms, 2s, 5m, 1h")]
Window = Annotated[
    str, Meta(pattern=r"^(auto|[0-9]+(\.[0-9]+)?(ms|s|m|h|d))$", description="auto, or such as 500ms, 2s, 5m, 1h")
]
_Name = Annotated[str, Meta(min_length=1, max_length=64)]
_Path = Annotated[str, Meta(min_length=1, max_length=500, description="JMESPath")]


class Mqtt(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What to listen to.

    `subscribe`: topic filters beside those of the profiles; `strip_prefix`: taken off the front of every topic;
    `name_sites`: put what was taken off before the devices' names, so that sites may use the same names.
    """

    subscribe: tuple[Annotated[str, Meta(min_length=1, max_length=500)], ...] = ()
    strip_prefix: tuple[Annotated[str, Meta(min_length=1, max_length=200)], ...] = ()
    name_sites: bool = False


class Limits(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Most devices found on foreign topics, and most metrics of one."""

    devices: Annotated[int, Meta(ge=1, le=100_000)] = 500
    metrics_per_device: Annotated[int, Meta(ge=1, le=512)] = 200


class Time(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the time stands: `path` in the payload, `unit` of an epoch, `zone` of local times (Europe/Berlin)."""

    path: _Path | None = None
    unit: Literal["auto", "s", "ms", "us", "ns"] = "auto"
    zone: str | None = None


class DevicePath(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the device's name stands in the payload."""

    path: _Path


class Pairs(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A list of named values: `list` leads to it, `name` and `value` are paths in each of its entries."""

    list: _Path
    name: _Path = "name"
    value: _Path = "value"
    unit: _Path | None = None


class Refinement(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is known of one metric: value = wire value x `scale` + `offset`; `map` turns words into numbers."""

    name: _Name | None = None
    unit: Annotated[str, Meta(min_length=1, max_length=32)] | None = None
    scale: float = 1.0
    offset: float = 0.0
    map: dict[str, float] | None = None
    kind: Literal["level", "counter", "label", "drop"] = "level"


class Profile(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One language: which topics, and how their payload is read."""

    name: _Name
    topic: Annotated[str, Meta(min_length=1, max_length=500, description="{x} is one level, {x+} several")]
    when: _Path | None = None
    payload: Payload = "json"
    kind: Literal["telemetry", "availability", "ignore"] = "telemetry"
    device: str | DevicePath | None = None
    time: Time | None = None
    root: _Path | None = None
    drop: tuple[str, ...] = ()
    metrics: dict[str, Refinement] = {}
    pairs: Pairs | None = None
    columns: tuple[str, ...] = ()
    separator: Annotated[str, Meta(min_length=1, max_length=1)] = ","
    device_tag: str | None = None
    tags: Literal["keep", "drop"] = "keep"
    online: tuple[str, ...] = ()
    offline: tuple[str, ...] = ()


class Override(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is known of some devices: `join` window, `silent_after`, `via` the gateway that they share the fate of."""

    join: Window | None = None
    silent_after: Duration | None = None
    via: str | None = None
    ignore: bool = False


class ProfileFile(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A whole file; the first profile that fits wins, all come before what is built in.

    `join`: how long the values of a device on topics of their own are waited for; `auto` learns it from each device.
    `allow_write`: what Tocsin may say to devices: `victron` keeps a GX device awake, `sparkplug` asks nodes with
    unknown aliases for their birth. `hold`: how long a reading may wait for older ones, when a device that sends
    its own times has been seen to send them out of order; `0s` for never.
    """

    mqtt: Mqtt = Mqtt()
    autodetect: bool = True
    allow_write: tuple[Literal["victron", "sparkplug"], ...] = ()
    limits: Limits = Limits()
    join: Window = "auto"
    offline_grace: Duration = "60s"
    hold: Duration = "5s"
    profiles: tuple[Profile, ...] = ()
    overrides: dict[str, Override] = {}

    def override(self, device: str) -> Override | None:
        """Return what the file says of a device; the first pattern that fits wins."""
        return next((one for pattern, one in self.overrides.items() if fnmatchcase(device, pattern)), None)


_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}


def seconds(duration: str) -> float:
    """Return a duration such as `500ms`, `2s` or `5m` in seconds."""
    digits = duration.rstrip("mshd")
    return float(digits) * _SECONDS[duration[len(digits) :]]
