"""Reading: the values of one device at one moment."""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b
from typing import Annotated, Literal

from msgspec import Meta, Struct

Clock = Literal["device", "replay"]
MetricName = Annotated[str, Meta(min_length=1, max_length=128, description="any printable text")]
DeviceName = Annotated[str, Meta(min_length=1, max_length=128, description="any printable text")]
Unit = Annotated[str, Meta(min_length=1, max_length=32)]

SCHEMA: Literal[1] = 1


class Reading(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Values of one device at one moment.

    `values` maps a metric to a finite number, or to None for "no value"; a metric that was not measured is absent.
    On the wire `device` may be missing (the topic names it) and so may `measured_at` (the arrival counts).
    Values are judged as they are: of a counter, which only rises, send the rate.
    """

    device: DeviceName
    values: dict[MetricName, float | None]
    measured_at: datetime
    seq: Annotated[int, Meta(ge=0, le=2**63 - 1)] | None = None
    units: dict[MetricName, Unit] | None = None
    clock: Clock = "device"
    run: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    schema: Literal[1] = SCHEMA


class Truth(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What the simulator did to a reading, or what a recording says of it; for evaluation only.

    `start` and `end` bound the fault; a recording's label has neither. `columns` keeps a recording's own label columns.
    """

    device: DeviceName
    measured_at: datetime
    anomalous: bool
    fault: str | None = None
    metrics: tuple[MetricName, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    size: float | None = None
    columns: dict[str, str] | None = None
    run: str | None = None


def reading_id(device: str, payload: bytes, *, arrival: str = "") -> str:
    """Name a reading by its content, so that a redelivery gets the same name.

    Args:
        device: the device's name.
        payload: the message as received; it holds `measured_at`, `seq` and `run` where they were sent.
        arrival: set for a reading that carries neither time nor sequence: equal payloads are then different readings.

    Returns:
        32 hexadecimal digits.
    """
    digest = blake2b(digest_size=16)
    for part in (device.encode(), payload, arrival.encode()):
        digest.update(len(part).to_bytes(4, "big"))
        digest.update(part)
    return digest.hexdigest()
