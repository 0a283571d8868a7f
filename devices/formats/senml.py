"""SenML in JSON. Source: RFC 8428 (resolution of records: section 4.6), RFC 9039 (urn:dev names)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from devices.formats.json_objects import in_order
from devices.formats.port import Format, composed
from devices.telegram import DeviceReading, Telegram, ignored, telemetry, unreadable
from devices.times import from_epoch
from devices.values import Flat, label, scalar

if TYPE_CHECKING:
    from datetime import datetime

    from devices.foreign_message import ForeignMessage

_RELATIVE_BELOW = 2.0**28
_VALUES = ("v", "vs", "vb", "vd", "s")
_FIELDS = frozenset({"bn", "bt", "bu", "bv", "bs", "bver", "n", "u", "v", "vs", "vb", "vd", "s", "t", "ut"})
_URN = re.compile(r"(urn:dev:[a-z]+:[^:/_]+)(?:[:/_](.+))?", re.ASCII)
_MOST_RECORDS = 5000
_VERSION = 10
_UNNAMED = "value"


class SenML(Format):
    """A list of records with `n` or `bn`; one message may hold several devices and times."""

    name = "senml"

    def read(self, message: ForeignMessage) -> Telegram | None:
        """Resolve the records into readings."""
        pack = message.json
        if not isinstance(pack, list) or not 0 < len(pack) <= _MOST_RECORDS or not _is_pack(pack):
            return None
        groups: dict[tuple[str, float | None], _Group] = {}
        base: dict[str, Any] = {}
        for record in pack:
            base.update({key: value for key, value in record.items() if key in {"bn", "bt", "bu", "bv", "bs", "bver"}})
            if isinstance(base.get("bver"), (int, float)) and base["bver"] > _VERSION:
                return unreadable(self.name, f"version {base['bver']}: at most {_VERSION} is known")
            if any(key in record for key in _VALUES):
                _resolve(record, base, groups, message.topic)
        readings = [group.reading(device, time, message.received_at) for (device, time), group in groups.items()]
        if not readings:
            return ignored(self.name, "no values")
        return telemetry(self.name, *_by_device(readings))


class _Group:
    def __init__(self) -> None:
        self.flat = Flat()
        self.units: dict[str, str] = {}

    def reading(self, device: str, time: float | None, received_at: datetime) -> DeviceReading:
        return composed(device, self.flat, timestamp=_moment(time, received_at), units=self.units)


def _is_pack(pack: list[Any]) -> bool:
    if not all(isinstance(record, dict) and _FIELDS & record.keys() for record in pack):
        return False
    named = any(isinstance(record.get(key), str) for record in pack for key in ("n", "bn"))
    return named and any(key in record for record in pack for key in _VALUES)


def _resolve(
    record: dict[str, Any], base: dict[str, Any], groups: dict[tuple[str, float | None], _Group], topic: str
) -> None:
    device, metric = _names(_text(base.get("bn")), _text(record.get("n")), topic)
    time = None
    if "t" in record or "bt" in base:
        time = (scalar(base.get("bt")) or 0.0) + (scalar(record.get("t")) or 0.0)
    group = groups.setdefault((device, time), _Group())
    unit = record.get("u", base.get("bu"))
    if metric == _UNNAMED and isinstance(unit, str) and unit and group.units.get(metric, unit) != unit:
        metric = label(unit)[:32]  # several values of one name: position and the like
    if isinstance(unit, str) and unit:
        group.units[metric] = unit[:32]
    if "vd" in record:
        group.flat.drop(metric, "binary data")
    elif "v" in record:
        found = scalar(record["v"])
        group.flat.add(metric, None if found is None else found + (scalar(base.get("bv")) or 0.0))
    elif "vs" in record or "vb" in record:
        group.flat.add(metric, record.get("vs", record.get("vb")))
    else:
        found = scalar(record.get("s"))
        group.flat.add(metric, None if found is None else found + (scalar(base.get("bs")) or 0.0))


def _names(base: str, name: str, topic: str) -> tuple[str, str]:
    """Split base name and name into device and metric."""
    if base and name:
        return base.rstrip("/:_") or topic, name.lstrip("/:_") or name
    full = base or name
    urn = _URN.fullmatch(full)
    if urn is not None:
        return urn[1], urn[2] or _UNNAMED
    device, _, metric = full.rpartition("/")
    return (device, metric) if device and metric else (topic, full)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _moment(time: float | None, received_at: datetime) -> datetime | None:
    """A time below 2**28 is relative to now (section 4.5.3)."""
    if time is None:
        return None
    if abs(time) < _RELATIVE_BELOW:
        return received_at + timedelta(seconds=time)
    return from_epoch(time, "s")


def _by_device(readings: list[DeviceReading]) -> list[DeviceReading]:
    """Sort by time within each device; a pack may begin with the newest."""
    by_device: dict[str, list[DeviceReading]] = {}
    for one in readings:
        by_device.setdefault(one.device, []).append(one)
    return [one for group in by_device.values() for one in in_order(group)]
