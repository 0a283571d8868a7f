"""JSON objects that carry no sign of a language: everything numeric is a metric, and some keys hold the time."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from devices.formats.port import Format, composed, sequence
from devices.telegram import DeviceReading, ignored, telemetry
from devices.times import moment
from devices.values import Flat, flatten, put

if TYPE_CHECKING:
    from datetime import datetime

    from devices.foreign_message import ForeignMessage
    from devices.telegram import Telegram

# In this order: an epoch is surer than text, which may be of any zone.
_TIME_KEYS = (
    "epoch",
    "timestamp",
    "timestamp_ms",
    "ts",
    "time",
    "datetime",
    "date_time",
    "measured_at",
    "measurement_time",
    "last_seen",
    "date",
    "utc",
    "recorded_at",
    "created_at",
    "updated_at",
    "sampled_at",
    "timestamp_utc",
    "timecreated",
    "event_time",
    "eventtime",
    "device_time",
    "unixtime",
    "tst",
    "t",
)
_SEQ_KEYS = ("seq", "sequence", "f_cnt", "fcnt")
_IDENTIFIERS = frozenset(
    {
        "id", "_id", "uuid", "uid", "mac", "ip", "imei", "imsi", "iccid", "serial", "devaddr", "messageid",
        "message_id", "msgid", "msg_id",
    }
)  # fmt: skip
_MOMENTS = ("_ts", "_timestamp", "_at")  # of something else than the measurement: last_boot_ts
_MOST_ROWS = 1000

_TIME, _SEQ, _IDENTIFIER, _VALUE, _MOMENT = range(5)
_RANKS = {name: rank for rank, name in enumerate(_TIME_KEYS)}


@lru_cache(maxsize=20_000)
def _role(name: str) -> tuple[int, int]:
    """Return what a key's name may stand for, and how sure a time under it is (lower is surer)."""
    low = name.lower()
    if low in _RANKS:
        return _TIME, _RANKS[low]
    if low in _SEQ_KEYS:
        return _SEQ, 0
    if low.endswith(_MOMENTS):
        return _MOMENT, 0
    return (_IDENTIFIER if low in _IDENTIFIERS else _VALUE), 0


def take_time(values: dict[str, Any]) -> tuple[datetime | None, str | None]:
    """Find the time of a JSON object; return it with the key that holds it.

    An epoch wins over text, text with a zone over text without.
    """
    found = [(role[1], name) for name in values if (role := _role(name))[0] == _TIME]
    naive: tuple[datetime | None, str | None] = (None, None)
    for _, name in sorted(found):
        at = moment(values[name])
        if at is not None and at.tzinfo is not None:
            return at, name
        if at is not None and naive[0] is None:
            naive = at, name
    return naive


def wide(device: str, values: dict[str, Any], *, timestamp: datetime | None = None) -> DeviceReading:
    """Read a JSON object as one reading: everything numeric is a metric."""
    at, key = take_time(values)
    flat = Flat()
    seq = None
    for name, value in values.items():
        role = _role(name)[0]
        if role == _VALUE:
            put(flat, name, value)
        elif role in {_TIME, _MOMENT} and (name == key or moment(value) is not None):
            flat.drop(name, "a time")
        elif role == _IDENTIFIER and isinstance(value, (int, str)):
            flat.drop(name, "an identifier")
        else:
            if role == _SEQ and seq is None:
                seq = sequence(value)
            put(flat, name, value)
    _drop_inner_times(flat)
    return composed(device, flat, timestamp=at or timestamp, seq=seq)


def _drop_inner_times(flat: Flat) -> None:
    """Leave out epochs of inner objects, such as `meta.ts`: a clock that runs is no measurement."""
    for name in [name for name in flat.metrics if "." in name]:
        if _role(name.rpartition(".")[2])[0] in {_TIME, _MOMENT} and moment(flat.metrics[name]) is not None:
            del flat.metrics[name]
            flat.drop(name, "a time")


class Json(Format):
    """A JSON object: one reading of the device that the whole topic names. A list of objects is a batch."""

    name = "flat_json"

    def read(self, message: ForeignMessage) -> Telegram | None:
        """Read any JSON."""
        value = message.json
        if isinstance(value, dict):
            reading = wide(message.topic, value)
            if not (reading.metrics or reading.labels or reading.nulls):
                return ignored(self.name, "an object without values")
            return telemetry(self.name, reading)
        if isinstance(value, list):
            return self._rows(message, value)
        return None

    def _rows(self, message: ForeignMessage, rows: list[Any]) -> Telegram:
        if rows and len(rows) <= _MOST_ROWS and all(isinstance(row, dict) for row in rows):
            return telemetry(self.name, *in_order([wide(message.topic, row) for row in rows]))
        flat = flatten(rows)
        if not flat.metrics:
            return ignored(self.name, "an array without numbers")
        return telemetry(self.name, composed(message.topic, flat))


def in_order(readings: list[DeviceReading]) -> list[DeviceReading]:
    """Sort a batch by time; those without keep their place at its end, times without a zone among themselves."""
    timed = [one for one in readings if one.timestamp is not None]
    if len({one.timestamp.tzinfo is None for one in timed if one.timestamp}) > 1:
        return readings
    rest = [one for one in readings if one.timestamp is None]
    return sorted(timed, key=lambda one: one.timestamp.timestamp() if one.timestamp else 0.0) + rest
