"""What carries no sign of its language: JSON, forms, single numbers, single words, lists of numbers."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from devices.formats.port import Format, composed, sequence
from devices.telegram import DeviceReading, ignored, telemetry, unreadable
from devices.times import moment
from devices.values import Flat, flatten, is_known_name, is_nothing, number, put, scalar

if TYPE_CHECKING:
    from datetime import datetime

    from devices.foreign_message import ForeignMessage
    from devices.telegram import Telegram

# In this order: an epoch is surer than text, which may be of any zone.
TIME_KEYS = (
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
_CSV = re.compile(r"-?[0-9.]+(?:\s*[,;]\s*-?[0-9.]+){1,63}", re.ASCII)
_FORM = re.compile(r"[\w.\-\[\]]{1,64}=[^&=\s]*(?:&[\w.\-\[\]%]{1,64}=[^&=\s]*)*", re.ASCII)
_VERBS = frozenset({"publish", "update", "post", "data", "telemetry", "send"})
_MOST_ROWS = 1000
_LONGEST_TEXT = 1024
_LONGEST_NUMBER = 40
_QUOTES = '""'
_BRACKETS = frozenset("{[")


_TIME, _SEQ, _IDENTIFIER, _VALUE, _MOMENT = range(5)
_RANKS = {name: rank for rank, name in enumerate(TIME_KEYS)}


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
    return composed(device, flat, timestamp=at or timestamp, seq=seq)


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


class Form(Format):
    """`a=1&b=2`, as web forms write it."""

    name = "form_urlencoded"

    def read(self, message: ForeignMessage) -> Telegram | None:
        """Read a form."""
        text = message.text
        if not text or "=" not in text or len(text) > 8192 or not _FORM.fullmatch(text):  # noqa: PLR2004 - of a form
            return None
        levels = message.levels
        device = "/".join(levels[:-1] if levels[-1] in _VERBS and len(levels) > 1 else levels)
        return telemetry(self.name, wide(device, dict(parse_qsl(text, keep_blank_values=True, max_num_fields=512))))


class Plain(Format):
    """A single number or word: the last level is the metric, the levels before it the device."""

    name = "plain"

    def read(self, message: ForeignMessage) -> Telegram | None:
        """Read a value."""
        text = message.text
        if text is None:
            return ignored(self.name, "not UTF-8 text: binary needs a profile")
        if text[:1] in _BRACKETS and message.json is not None:
            return None
        if len(text) <= _LONGEST_NUMBER and (found := number(text)) is not None:
            return telemetry(self.name, _narrow(message.levels, found) or narrow_value(message.levels, text))
        if len(text) > len(_QUOTES) and text[0] == text[-1] == '"':  # a JSON text
            text = text[1:-1]
        return self._other(text) or telemetry(self.name, narrow_value(message.levels, text))

    def _other(self, text: str) -> Telegram | None:
        """Name what is neither number nor word."""
        if len(text) > _LONGEST_TEXT:
            return ignored(self.name, "a long text")
        if _CSV.fullmatch(text):
            why = "numbers separated by commas: a profile with `payload: csv` and `columns` names them"
            return unreadable("csv", why)
        if text[:1] in _BRACKETS:
            return unreadable(self.name, "neither JSON nor a number: it begins like JSON and is broken")
        return None if text else ignored(self.name, "empty: a retained message was deleted")


def narrow_value(levels: list[str], text: str) -> DeviceReading:
    """Read one value whose metric is the last topic level."""
    found = scalar(text)
    reading = None if found is None else _narrow(levels, found)
    if reading is not None:
        return reading
    flat = Flat()
    device, metric = ("/".join(levels[:-1]), levels[-1]) if len(levels) > 1 else (levels[0], "value")
    flat.add(metric, None if is_nothing(text) else text)
    return composed(device, flat, narrow=True)


def _narrow(levels: list[str], value: float) -> DeviceReading | None:
    device, metric = ("/".join(levels[:-1]), levels[-1]) if len(levels) > 1 else (levels[0], "value")
    return DeviceReading(device=device, metrics={metric: value}, narrow=True) if is_known_name(metric) else None


class Silent(Format):
    """Topics that are never a device's values: the broker's own, and orders to devices."""

    name = "order"
    _ORDERS = frozenset({"set", "get", "cmnd", "command", "commands", "$set", "rpc"})

    def read(self, message: ForeignMessage) -> Telegram | None:
        """Recognise them by their topic."""
        levels = message.levels
        if levels[0] == "$SYS":
            return ignored("broker", "the broker's own counters")
        if levels[-2:] == ["events", "rpc"]:
            return None
        if levels[-1] in self._ORDERS or "cmnd" in levels[:-1]:
            return ignored(self.name, "an order to a device, not its values")
        return None
