"""The quick way for readings that are written as we write them; everything else takes the careful way."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from contracts.reading import Clock, Reading
from contracts.topics import is_name

MAX_MAGNITUDE = 3.4e38  # the forest casts to float32
_MAX_METRICS = 512
_MAX_PLAIN_BYTES = 65_536
_MOST_NAMES = 100_000
_TIME_COLONS = 2
_TIME_LENGTHS = range(20, 28)  # 2026-01-31T12:00:00Z to 2026-01-31T12:00:00.123456Z


class _Wire(msgspec.Struct, frozen=True):
    values: dict[str, float | None]
    device: str | None = None
    measured_at: str | None = None
    seq: Annotated[int, Meta(ge=0, le=2**63 - 1)] | None = None
    units: dict[str, str] | None = None
    clock: Clock | None = None
    run: Annotated[str, Meta(min_length=1, max_length=64)] | None = None


_decoder = msgspec.json.Decoder(_Wire)
_plain_names: set[str] = set()
_plain_units: set[str] = set()


def quick_reading(payload: bytes, device: str, received_at: datetime) -> Reading | None:
    """Read a reading in the full form; None when anything about it is unusual, also when it is wrong.

    Duplicate keys are noticed by counting: each key has one colon outside of text, and plain text holds none.
    """
    if len(payload) > _MAX_PLAIN_BYTES:
        return None
    try:
        wire = _decoder.decode(payload)
        at = received_at if wire.measured_at is None else _time(wire.measured_at)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        return None
    if at is None or payload.count(b":") != _colons(wire) or not _is_plain(wire, device):
        return None
    return Reading(
        device=device,
        values=wire.values,
        measured_at=at,
        seq=wire.seq,
        units=wire.units,
        clock=wire.clock or "device",
        run=wire.run,
    )


def _time(text: str) -> datetime | None:
    if len(text) not in _TIME_LENGTHS or text[10] != "T" or text[-1] != "Z" or text.count(":") != _TIME_COLONS:
        return None
    return datetime.fromisoformat(text).astimezone(UTC)


def _colons(wire: _Wire) -> int:
    """Count the colons of a payload that holds these fields and no other."""
    count = 1 + len(wire.values)
    if wire.measured_at is not None:
        count += 1 + _TIME_COLONS
    if wire.units is not None:
        count += 1 + len(wire.units)
    return count + sum(part is not None for part in (wire.device, wire.seq, wire.clock, wire.run))


def _is_plain(wire: _Wire, device: str) -> bool:
    if wire.device is not None and (wire.device != device or ":" in device):
        return False
    if not 0 < len(wire.values) <= _MAX_METRICS or (wire.run is not None and not _is_plain_text(wire.run)):
        return False
    for name, value in wire.values.items():
        if name not in _plain_names and not _remember(_plain_names, name):
            return False
        if value is not None and not -MAX_MAGNITUDE <= value <= MAX_MAGNITUDE:
            return False
    return wire.units is None or all(_is_plain_pair(name, unit) for name, unit in wire.units.items())


def _is_plain_pair(name: str, unit: str) -> bool:
    known_name = name in _plain_names or _remember(_plain_names, name)
    return known_name and (unit in _plain_units or _remember(_plain_units, unit, 32))


def _remember(known: set[str], text: str, longest: int = 128) -> bool:
    if not _is_plain_text(text) or len(text) > longest:
        return False
    if len(known) >= _MOST_NAMES:
        known.clear()
    known.add(text)
    return True


def _is_plain_text(text: str) -> bool:
    return is_name(text) and ":" not in text
