"""Influx line protocol and Telegraf's JSON. Source: docs.influxdata.com line protocol; Telegraf serializers/json."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from devices.formats.json_objects import in_order
from devices.formats.port import Format, composed
from devices.telegram import DeviceReading, Telegram, telemetry, unreadable
from devices.times import moment
from devices.values import Flat, flatten, label, number

if TYPE_CHECKING:
    from devices.foreign_message import ForeignMessage

_PART = r"(?:[^,= \\\n]|\\.)+"
_FIELD = rf'{_PART}=(?:"(?:[^"\\]|\\.)*"|[^", \n]+)'
_LINE = re.compile(
    rf"((?:[^, \\\n]|\\.)+)((?:,{_PART}={_PART})*) +({_FIELD}(?:,{_FIELD})*)(?: +(-?\d{{1,19}}))?", re.ASCII
)
_PAIR = re.compile(rf'({_PART})=("(?:[^"\\]|\\.)*"|(?:[^", \\\n]|\\.)+)')
_ESCAPED = re.compile(r"\\([,= \\\"])")
_WORDS = {
    "t": 1.0,
    "T": 1.0,
    "true": 1.0,
    "True": 1.0,
    "TRUE": 1.0,
    "f": 0.0,
    "F": 0.0,
    "false": 0.0,
    "False": 0.0,
    "FALSE": 0.0,
}
_DEVICE_TAGS = ("host", "device", "device_id", "deviceId", "device_name", "sensor_id", "node")
_MOST_LINES = 2000
_LONGEST_LINE = 65_536


class InfluxLine(Format):
    """`measurement,tag=a field=1 time`, one or more lines. The device is the tag `host`, or the topic."""

    name = "influx_line"
    device_tag: str | None = None
    keep_tags = True

    def read(self, message: ForeignMessage) -> Telegram | None:
        """Read lines."""
        text = message.text
        if not text or "=" not in text or " " not in text or text[0] in "{[":
            return None
        lines = [line for line in text.split("\n") if line.strip() and not line.startswith("#")]
        if len(lines) > _MOST_LINES:
            return unreadable(self.name, f"{len(lines)} lines: at most {_MOST_LINES}")
        readings: list[DeviceReading] = []
        for line in lines:
            match = _LINE.fullmatch(line.strip()) if len(line) <= _LONGEST_LINE else None
            if match is None or not _is_protocol(match[3], match[4]):
                return None if not readings else unreadable(self.name, f"line {len(readings) + 1} is no line protocol")
            readings.append(self._reading(match, message.topic))
        return telemetry(self.name, *in_order(merged(readings))) if readings else None

    def _reading(self, match: re.Match[str], topic: str) -> DeviceReading:
        measurement = _unescaped(match[1])
        tags = {_unescaped(key): _unescaped(value) for key, value in _PAIR.findall(match[2])}
        device, rest = device_of(tags, topic, self.device_tag)
        name = ".".join((measurement, *(rest.values() if self.keep_tags else ())))
        flat = Flat()
        for key, value in _PAIR.findall(match[3]):
            _add(flat, name, _unescaped(key), value)
        return composed(device, flat, timestamp=moment(int(match[4])) if match[4] else None)


def _is_protocol(fields: str, time: str | None) -> bool:
    """A sentence with an equals sign is none: its values must be of the protocol's kinds."""
    return time is not None or all(_is_value(value) for _, value in _PAIR.findall(fields))


def _is_value(value: str) -> bool:
    return value[0] == '"' or value in _WORDS or number(value.rstrip("iu")) is not None


def _add(flat: Flat, name: str, key: str, value: str) -> None:
    if value[0] == '"':
        text = re.sub(r'\\(["\\])', r"\1", value[1:-1])
        flat.labels[key] = label(text)
    elif value in _WORDS:
        flat.add(f"{name}.{key}", _WORDS[value])
    else:
        digits = value[:-1] if value[-1] in "iu" else value
        flat.add(f"{name}.{key}", number(digits) if number(digits) is not None else value)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)


def device_of(tags: dict[str, str], topic: str, tag: str | None = None) -> tuple[str, dict[str, str]]:
    """Choose the device among the tags; return it with the tags that are left."""
    rest = dict(tags)
    for name in (tag,) if tag else _DEVICE_TAGS:
        if rest.get(name):
            return rest.pop(name), rest
    return topic, rest


def merged(readings: list[DeviceReading]) -> list[DeviceReading]:
    """Join readings of one device and time: Telegraf sends a line for each measurement."""
    joined: dict[tuple[str, object], DeviceReading] = {}
    for one in readings:
        known = joined.get((one.device, one.timestamp))
        if known is None:
            joined[one.device, one.timestamp] = one
        else:
            known.metrics.update(one.metrics)
            known.labels.update(one.labels)
    return list(joined.values())


class TelegrafJson(Format):
    """`{"name", "fields", "tags", "timestamp"}`, or a batch of them below `metrics`."""

    name = "telegraf_json"
    device_tag: str | None = None

    def read(self, message: ForeignMessage) -> Telegram | None:
        """Read one metric or a batch."""
        values = message.object
        if values is None:
            return None
        batch = values.get("metrics")
        if not (isinstance(batch, list) and batch and len(values) == 1):
            batch = [values]
        if len(batch) > _MOST_LINES or not all(_is_metric(one) for one in batch):
            return None
        readings = [self._reading(one, message.topic) for one in batch]
        return telemetry(self.name, *in_order(merged(readings)))

    def _reading(self, metric: dict[str, Any], topic: str) -> DeviceReading:
        tags = metric.get("tags")
        texts = {str(key): str(value) for key, value in tags.items()} if isinstance(tags, dict) else {}
        device, rest = device_of(texts, topic, self.device_tag)
        flat = flatten(metric["fields"], ".".join((metric["name"], *rest.values())))
        return composed(device, flat, timestamp=moment(metric.get("timestamp")))


def _is_metric(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("name"), str) and isinstance(value.get("fields"), dict)
