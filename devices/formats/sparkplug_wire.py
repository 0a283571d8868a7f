"""Sparkplug B payloads from protobuf's wire format. Source: Tahu's sparkplug_b.proto; protobuf.dev."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_METRICS = 5000
_FLOAT, _DOUBLE = struct.Struct("<f"), struct.Struct("<d")
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_LONGEST_VARINT = 10
_WIDTHS = {1: 8, 2: 16, 3: 32, 4: 64}  # of the signed types, which travel unsigned
BOOLEAN, STRING, DATE_TIME, TEXT, UUID = 11, 12, 13, 14, 15

Value = float | int | bool | str | None


class WireError(ValueError):
    """The bytes are no such message."""


@dataclass(slots=True)
class SparkplugMetric:
    """One metric; `kind` is its datatype, 0 where the message does not say it."""

    name: str = ""
    alias: int | None = None
    timestamp: int | None = None
    kind: int = 0
    historical: bool = False
    null: bool = False
    value: Value = None
    slot: int = 0
    properties: dict[str, Value] = field(default_factory=dict)


@dataclass(slots=True)
class SparkplugPayload:
    """Time in ms, sequence number 0 to 255, metrics."""

    timestamp: int | None = None
    seq: int | None = None
    metrics: list[SparkplugMetric] = field(default_factory=list)


def decode_payload(raw: bytes) -> SparkplugPayload:
    """Read a payload.

    Raises:
        WireError: the bytes are no Sparkplug payload.
    """
    payload = SparkplugPayload()
    for number, value in _fields(raw):
        if number == 1 and isinstance(value, int):
            payload.timestamp = value
        elif number == 2 and isinstance(value, bytes):  # noqa: PLR2004 - the field's number
            if len(payload.metrics) >= MAX_METRICS:
                raise WireError(f"more than {MAX_METRICS} metrics")
            payload.metrics.append(_metric(value))
        elif number == 3 and isinstance(value, int):  # noqa: PLR2004 - the same
            payload.seq = value
    return payload


def signed(value: int, kind: int) -> int:
    """Give an integer its sign: types 1 to 4 are signed, and travel as unsigned of 32 or 64 bits."""
    width = _WIDTHS.get(kind)
    if width is None:
        return value
    value &= (1 << width) - 1
    return value - (1 << width) if value >> (width - 1) else value


def _metric(raw: bytes) -> SparkplugMetric:
    metric = SparkplugMetric()
    for number, value in _fields(raw):
        if number == 1:
            metric.name = _text(value)
        elif number == 2 and isinstance(value, int):  # noqa: PLR2004 - the field's number
            metric.alias = value
        elif number == 3 and isinstance(value, int):  # noqa: PLR2004 - the same
            metric.timestamp = value
        elif number == 4 and isinstance(value, int):  # noqa: PLR2004 - the same
            metric.kind = value
        elif number == 5:  # noqa: PLR2004 - the same
            metric.historical = bool(value)
        elif number == 7:  # noqa: PLR2004 - the same
            metric.null = bool(value)
        elif number == 9 and isinstance(value, bytes):  # noqa: PLR2004 - the same
            metric.properties = _properties(value)
        elif 10 <= number <= 18:  # noqa: PLR2004 - the values
            metric.slot, metric.value = number, _value(number, 10, value)
    return metric


def _value(number: int, first: int, value: object) -> Value:
    """Read one of int, long, float, double, boolean and string, whose field numbers follow `first`."""
    which = number - first
    if which in {0, 1} and isinstance(value, int):
        return value
    if which == 2 and isinstance(value, bytes) and len(value) == _FLOAT.size:  # noqa: PLR2004 - float
        return float(_FLOAT.unpack(value)[0])
    if which == 3 and isinstance(value, bytes) and len(value) == _DOUBLE.size:  # noqa: PLR2004 - double
        return float(_DOUBLE.unpack(value)[0])
    if which == 4:  # noqa: PLR2004 - boolean
        return bool(value)
    return _text(value) if which == 5 else None  # noqa: PLR2004 - string


def _properties(raw: bytes) -> dict[str, Value]:
    keys: list[str] = []
    values: list[Value] = []
    for number, value in _fields(raw):
        if number == 1:
            keys.append(_text(value))
        elif number == 2 and isinstance(value, bytes):  # noqa: PLR2004 - the field's number
            values.append(_property(value))
    return dict(zip(keys, values, strict=False))


def _property(raw: bytes) -> Value:
    kind, found = 0, None
    for number, value in _fields(raw):
        if number == 1 and isinstance(value, int):
            kind = value
        elif 3 <= number <= 8:  # noqa: PLR2004 - the values
            found = _value(number, 3, value)
    return signed(found, kind) if type(found) is int else found


def _text(value: object) -> str:
    if not isinstance(value, bytes):
        raise WireError("expected text")
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise WireError("text is not UTF-8") from error


def _fields(raw: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Walk over (field number, integer or bytes)."""
    at, end = 0, len(raw)
    while at < end:
        key, at = _varint(raw, at)
        number, kind = key >> 3, key & 7
        if number == 0:
            raise WireError("field 0")
        if kind == _VARINT:
            value, at = _varint(raw, at)
            yield number, value
            continue
        if kind == _BYTES:
            size, at = _varint(raw, at)
        elif kind in {_FIXED64, _FIXED32}:
            size = 8 if kind == _FIXED64 else 4
        else:
            raise WireError(f"wire type {kind}")
        if at + size > end:
            raise WireError("cut short")
        yield number, raw[at : at + size]
        at += size


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    for index in range(at, min(at + _LONGEST_VARINT, len(raw))):
        byte = raw[index]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004 - the last byte of a number
            return value & 0xFFFF_FFFF_FFFF_FFFF, index + 1
        shift += 7
    raise WireError("a number cut short")
