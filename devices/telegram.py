"""Telegram: what one foreign message says, whatever language it is in."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

Kind = Literal["telemetry", "availability", "metadata", "ignore", "dead_letter"]


class Discovery(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One entity that a discovery message announces: `path` leads to its value in the payload of `state_topic`."""

    state_topic: str
    path: str | None = None
    unit: str | None = None
    device_class: str | None = None


class DeviceReading(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Values of one device at one moment, as a foreign message gives them.

    Attributes:
        device: the device's name.
        metrics: finite numbers; booleans are 1 and 0.
        labels: text values, which are no levels.
        units: of some metrics, as the device writes them.
        timestamp: the device's own time; naive when it sent no zone, None when it sent no time.
        nulls: metrics that the device says have no value.
        bad_quality: metrics whose value the device itself distrusts; their values are left out.
        dropped: what the message also held, and why it is no metric.
        narrow: the message carries one value of several that belong together.
        diagnostic: about the device itself rather than what it measures.
        historical: buffered by the device: to be stored, never judged as live.
        partial: only what has changed.
        counters: metrics known to rise only.
        seq: the device's own count of its messages.
        warning: what the user should know of this message.
    """

    device: str
    metrics: dict[str, float]
    labels: dict[str, str] = {}
    units: dict[str, str] = {}
    timestamp: datetime | None = None
    nulls: tuple[str, ...] = ()
    bad_quality: tuple[str, ...] = ()
    dropped: dict[str, str] = {}
    narrow: bool = False
    diagnostic: bool = False
    historical: bool = False
    partial: bool = False
    counters: tuple[str, ...] = ()
    seq: int | None = None
    warning: str | None = None


class Telegram(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What one message is.

    Attributes:
        kind: telemetry carries readings; availability says whether a device is there; metadata describes devices;
            ignore is known and of no use; dead_letter could not be read.
        format: the language, as the formats name themselves.
        device: whom the message is about; of a batch, the device of its last reading.
        readings: of telemetry, sorted by time within each device.
        online: of availability; a birth certificate is telemetry and says it too.
        covers: devices whose name begins with this text share the fate of an availability message; "*" for all of the
            format whose topics stand beside its own.
        below: of one that covers "*", the end of its topic: what comes before it their topics share.
        reason: why a message is ignored or a dead letter, and what would cure it.
        discovers: of discovery.
        timestamp: of metadata and availability that say when.
        seq: the sender's count, where a message without readings has one.
        profile: that read it, where one did.
    """

    kind: Kind
    format: str
    device: str | None = None
    readings: tuple[DeviceReading, ...] = ()
    online: bool | None = None
    covers: str | None = None
    below: str = ""
    reason: str | None = None
    discovers: tuple[Discovery, ...] = ()
    timestamp: datetime | None = None
    seq: int | None = None
    profile: str | None = None


def telemetry(name: str, *readings: DeviceReading, online: bool | None = None) -> Telegram:
    """Make a telegram of one reading or of a batch.

    Args:
        name: of the format.
        readings: at least one.
        online: True for a birth certificate.
    """
    return Telegram(kind="telemetry", format=name, device=readings[-1].device, readings=readings, online=online)


def availability(  # noqa: PLR0913 - what such a message may say
    name: str,
    device: str,
    *,
    online: bool,
    covers: str | None = None,
    below: str = "",
    timestamp: datetime | None = None,
    seq: int | None = None,
) -> Telegram:
    """Make a telegram that says whether a device, and all that it covers, is there."""
    return Telegram(
        kind="availability",
        format=name,
        device=device,
        online=online,
        covers=covers,
        below=below,
        timestamp=timestamp,
        seq=seq,
    )


def metadata(name: str, device: str | None, *, timestamp: datetime | None = None) -> Telegram:
    """Make a telegram that only describes."""
    return Telegram(kind="metadata", format=name, device=device, timestamp=timestamp)


def ignored(name: str, reason: str) -> Telegram:
    """Make a telegram of no use."""
    return Telegram(kind="ignore", format=name, reason=reason)


def unreadable(name: str, reason: str) -> Telegram:
    """Make a telegram of what could not be read; `reason` says what is wrong and what cures it."""
    return Telegram(kind="dead_letter", format=name, reason=reason)
