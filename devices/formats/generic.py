"""What carries no sign of its language: JSON, forms, single numbers, single words, lists of numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from contracts.topics import is_name
from devices.formats.port import Format, composed, sequence
from devices.telegram import DeviceReading, ignored, telemetry, unreadable
from devices.times import moment
from devices.values import Flat, flatten, is_nothing, scalar

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
    "t",
)
_SEQ_KEYS = ("seq", "sequence", "f_cnt", "fcnt")
_IDENTIFIERS = frozenset({"id", "_id", "uuid", "uid", "mac", "ip", "imei", "imsi", "iccid", "serial", "devaddr"})
_CSV = re.compile(r"-?[0-9.]+(?:\s*[,;]\s*-?[0-9.]+){1,63}", re.ASCII)
_FORM = re.compile(r"[\w.\-\[\]]{1,64}=[^&=\s]*(?:&[\w.\-\[\]%]{1,64}=[^&=\s]*)*", re.ASCII)
_VERBS = frozenset({"publish", "update", "post", "data", "telemetry", "send"})
_MOST_ROWS = 1000
_LONGEST_TEXT = 1024


def take_time(values: dict[str, Any]) -> tuple[datetime | None, str | None]:
    """Find the time of a JSON object; return it with the key that holds it.

    An epoch wins over text, text with a zone over text without.
    """
    naive: tuple[datetime | None, str | None] = (None, None)
    by_key = {key.lower(): key for key in values if len(key) <= 16}  # noqa: PLR2004 - of the names above
    for name in TIME_KEYS:
        key = by_key.get(name)
        if key is None:
            continue
        at = moment(values[key])
        if at is None:
            continue
        if at.tzinfo is not None:
            return at, key
        if naive[0] is None:
            naive = at, key
    return naive


def wide(device: str, values: dict[str, Any], *, timestamp: datetime | None = None) -> DeviceReading:
    """Read a JSON object as one reading: everything numeric is a metric."""
    at, key = take_time(values)
    flat = Flat()
    seq = None
    for name, value in values.items():
        low = name.lower()
        if name == key or (low in TIME_KEYS and moment(value) is not None):
            flat.drop(name, "a time")
        elif low in _SEQ_KEYS and seq is None and sequence(value) is not None:
            seq = sequence(value)
            flatten(value, name, into=flat)
        elif low in _IDENTIFIERS and isinstance(value, (int, str)):
            flat.drop(name, "an identifier")
        else:
            flatten(value, name, into=flat)
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
        if len(text) > _LONGEST_TEXT:
            return ignored(self.name, "a long text")
        if _CSV.fullmatch(text):
            return unreadable(
                "csv", "numbers separated by commas: a profile with `payload: csv` and `columns` names them"
            )
        if text[:1] in {"{", "["}:
            return unreadable(self.name, "neither JSON nor a number: it begins like JSON and is broken")
        if not text:
            return ignored(self.name, "empty: a retained message was deleted")
        return telemetry(self.name, narrow_value(message.levels, text))


def narrow_value(levels: list[str], text: str) -> DeviceReading:
    """Read one value whose metric is the last topic level."""
    device, metric = ("/".join(levels[:-1]), levels[-1]) if len(levels) > 1 else (levels[0], "value")
    found = scalar(text)
    if found is not None and is_name(metric):
        return DeviceReading(device=device, metrics={metric: found}, narrow=True)
    flat = Flat()
    flat.add(metric, None if is_nothing(text) else text)
    return composed(device, flat, narrow=True)


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
