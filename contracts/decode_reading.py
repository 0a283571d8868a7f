"""Reading from bytes: the full form with `values`, or a flat object of numbers."""

from __future__ import annotations

from datetime import UTC, datetime
from math import isfinite
from typing import Any, cast

import msgspec

from contracts.codec import decode_object
from contracts.errors import DecodeError
from contracts.reading import SCHEMA, Clock, Reading
from contracts.topics import is_name
from contracts.wire_reading import MAX_MAGNITUDE, quick_reading

MAX_METRICS = 512
_MAX_SEQ = 2**63
_MAX_RUN = 64
_MAX_UNIT = 32
_ENVELOPE = frozenset({"device", "measured_at", "seq", "units", "clock", "run", "schema"})
_NUMBERS = (float, int)


def decode_reading(payload: bytes, device: str, received_at: datetime) -> Reading:
    """Read a device's reading.

    A payload without `values` is flat: its numbers are metrics, the names of the full form keep their meaning there
    (`run` and `clock` only when they hold text, because machines do count their runs).

    Args:
        payload: the message as received.
        device: the device that the topic names.
        received_at: stands in for `measured_at` where that is missing.

    Raises:
        DecodeError: the payload is no reading, or names another device.
    """
    quick = quick_reading(payload, device, received_at)
    return careful_reading(payload, device, received_at) if quick is None else quick


def careful_reading(payload: bytes, device: str, received_at: datetime) -> Reading:
    """Read as `decode_reading` does, without the quick way for usual readings.

    Raises:
        DecodeError: as `decode_reading`.
    """
    fields = decode_object(payload)
    if "values" in fields:
        values = fields["values"]
        if not isinstance(values, dict):
            raise DecodeError("invalid", field="values", value=values, expected="an object", payload=payload)
    else:
        values = {name: value for name, value in fields.items() if not _is_envelope(name, value)}
        fields = {name: value for name, value in fields.items() if name not in values}
    return _reading(fields, values, payload, device, received_at)


def _is_envelope(name: str, value: object) -> bool:
    return name in _ENVELOPE and not (name in {"run", "clock"} and type(value) in _NUMBERS)


def _reading(
    fields: dict[str, Any], values: dict[str, Any], payload: bytes, device: str, received_at: datetime
) -> Reading:
    try:
        return Reading(
            device=_device(fields.get("device"), device),
            values=_values(values),
            measured_at=_time(fields.get("measured_at"), received_at),
            seq=_seq(fields.get("seq")),
            units=_units(fields.get("units")),
            clock=_clock(fields.get("clock")),
            run=_run(fields.get("run")),
            schema=_schema(fields.get("schema")),
        )
    except _FieldError as error:
        raise DecodeError(
            error.reason, field=error.field, value=error.value, expected=error.expected, payload=payload
        ) from None


class _FieldError(Exception):
    def __init__(self, field: str, value: object, expected: str, reason: str = "invalid") -> None:
        super().__init__(field)
        self.field = field
        self.value = value
        self.expected = expected
        self.reason = reason


def _device(named: object, device: str) -> str:
    if named is not None and named != device:
        raise _FieldError("device", named, f"{device!r} as in the topic, or nothing", "device_mismatch")
    return device


def _values(values: dict[str, Any]) -> dict[str, float | None]:
    if not 0 < len(values) <= MAX_METRICS:
        raise _FieldError(
            "values", len(values), f"1 to {MAX_METRICS} metrics", "no_values" if not values else "invalid"
        )
    return {name: _number(name, value) for name, value in values.items()}


def _number(name: str, value: object) -> float | None:
    if not is_name(name):
        raise _FieldError("values", name, "metric names of 1 to 128 printable characters", "bad_name")
    if value is None:
        return None
    if type(value) not in _NUMBERS:  # a bool is an int to isinstance
        raise _FieldError(f"values.{name}", value, "a number or null", "not_a_number")
    try:
        number = float(cast("float", value))
    except OverflowError:
        number = float("inf")
    if not isfinite(number) or abs(number) > MAX_MAGNITUDE:
        raise _FieldError(f"values.{name}", value, f"a finite number within ±{MAX_MAGNITUDE:g}", "out_of_bounds")
    return number


def _time(value: object, received_at: datetime) -> datetime:
    if value is None:
        return received_at
    if not isinstance(value, str):
        raise _FieldError("measured_at", value, "an RFC 3339 text", "bad_time")
    try:
        time = msgspec.convert(value, datetime)
        if time.tzinfo is None:
            raise _FieldError("measured_at", value, "a time with its zone, such as 2026-01-31T12:00:00Z", "bad_time")
        return time.astimezone(UTC)
    except (msgspec.ValidationError, OverflowError):
        raise _FieldError("measured_at", value, "RFC 3339, such as 2026-01-31T12:00:00.000Z", "bad_time") from None


def _seq(value: object) -> int | None:
    if value is None or (type(value) is int and 0 <= value < _MAX_SEQ):
        return value
    raise _FieldError("seq", value, "an integer from 0 to 2^63 - 1")


def _units(value: object) -> dict[str, str] | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise _FieldError("units", value, "an object of metric and unit")
    for name, unit in value.items():
        if not (isinstance(unit, str) and is_name(name) and is_name(unit) and len(unit) <= _MAX_UNIT):
            raise _FieldError(f"units.{name}", unit, f"a printable text of 1 to {_MAX_UNIT} characters")
    return value


def _clock(value: object) -> Clock:
    if value is None:
        return "device"
    if value not in ("device", "replay"):
        raise _FieldError("clock", value, "'device' or 'replay'")
    return value


def _run(value: object) -> str | None:
    if value is None or (isinstance(value, str) and is_name(value) and len(value) <= _MAX_RUN):
        return value
    raise _FieldError("run", value, f"a printable text of at most {_MAX_RUN} characters")


def _schema(value: object) -> Any:  # noqa: ANN401 - the literal 1
    if value is None or (type(value) is int and value == SCHEMA):
        return SCHEMA
    raise _FieldError("schema", value, f"{SCHEMA}; this version reads no other", "unknown_schema")
