"""Zigbee2MQTT. Source: its guide, usage/mqtt_topics_and_messages and configuration/device-availability."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from devices.bounded import Bounded
from devices.formats.json_objects import take_time
from devices.formats.online_words import is_online
from devices.formats.port import Format, composed
from devices.telegram import DeviceReading, availability, ignored, metadata, telemetry
from devices.values import Flat, put, scalar

if TYPE_CHECKING:
    from devices.foreign_message import ForeignMessage
    from devices.formats.port import Knowledge
    from devices.telegram import Telegram

_BASE = "zigbee2mqtt"
_BRIDGE = frozenset({"state", "info", "devices", "groups", "definitions", "extensions", "converters", "health"})
_NO_LEVELS = frozenset({"last_seen", "device", "update", "update_available"})
_ORDERS = frozenset({"set", "get"})
_MOST_DEVICES = 5000


class Zigbee2Mqtt(Format):
    """`<base>/<friendly name>`; the name may hold slashes. The base is `zigbee2mqtt`, or any with a `bridge/state`."""

    name = "zigbee2mqtt"

    def __init__(self, knowledge: Knowledge) -> None:
        super().__init__(knowledge)
        self._bases: Bounded[str, bool] = Bounded(64)

    def read(self, message: ForeignMessage) -> Telegram | None:
        """Read a message below a base."""
        levels = message.levels
        at = self._base_end(levels)
        if at < 0:
            return self._meet(message)
        rest = levels[at:]
        if not rest or not rest[0]:
            return None
        if rest[0] == "bridge":
            return self._bridge(message, rest, "/".join(levels[:at]))
        if not _ORDERS.isdisjoint(rest[1:]):
            return ignored(self.name, "an order to a device, not its values")
        if rest[-1] == "availability" and len(rest) > 1:
            online = is_online(message.object or message.text)
            return None if online is None else availability(self.name, "/".join(rest[:-1]), online=online)
        return self._values(message, rest)

    def _base_end(self, levels: list[str]) -> int:
        """Return where the name begins; -1 when the topic stands under no base."""
        for index, level in enumerate(levels[:4]):
            if level == _BASE:
                return index + 1
        if len(self._bases):
            for end in range(1, min(len(levels), 4)):
                if "/".join(levels[:end]) in self._bases:
                    return end
        return -1

    def _meet(self, message: ForeignMessage) -> Telegram | None:
        """Learn a base of another name from what only a bridge says."""
        levels = message.levels
        if len(levels) < 3 or levels[-2] != "bridge" or levels[-1] not in {"state", "info", "devices"}:  # noqa: PLR2004
            return None
        value = message.json
        telling = (
            levels[-1] == "devices" and isinstance(value, list) and value and "ieee_address" in str(value[0])[:4096]
        )
        if not telling and not (isinstance(value, dict) and ("coordinator" in value or set(value) == {"state"})):
            return None
        self._bases["/".join(levels[:-2])] = True
        self.knowledge.changes += 1
        return self._bridge(message, levels[-2:], "/".join(levels[:-2]))

    def _bridge(self, message: ForeignMessage, rest: list[str], base: str) -> Telegram:
        what = rest[1] if len(rest) > 1 else ""
        name = "bridge" if base == _BASE else f"{base}/bridge"
        if what == "state":
            online = is_online(message.object or message.text)
            if online is not None:
                return availability(self.name, name, online=online, covers="*", below="/bridge/state")
        if what == "devices" and isinstance(message.json, list):
            self._learn_units(message.json)
        if what in _BRIDGE:
            return metadata(self.name, name)
        return ignored(self.name, "what the bridge says of itself")

    def _learn_units(self, devices: list[Any]) -> None:
        for device in devices[:_MOST_DEVICES]:
            if isinstance(device, dict) and isinstance(device.get("definition"), dict):
                for name, unit in _exposed(device["definition"].get("exposes"), 0):
                    self.knowledge.units[str(device.get("friendly_name")), name] = unit

    def _values(self, message: ForeignMessage, rest: list[str]) -> Telegram | None:
        values = message.object
        if values is not None:
            device = "/".join(rest)
            return telemetry(self.name, self._reading(device, values))
        if message.text and len(rest) > 1:  # one topic an attribute
            return telemetry(self.name, _attribute(rest, message.text))
        if not message.payload:
            return ignored(self.name, "empty: a retained message was deleted")
        return None

    def _reading(self, device: str, values: dict[str, Any]) -> DeviceReading:
        at, key = take_time({name: values[name] for name in ("last_seen",) if name in values})
        flat = Flat()
        for name, value in values.items():
            if name in _NO_LEVELS or name == key:
                flat.drop(name, "no level")
            else:
                put(flat, name, value)
        return composed(device, flat, timestamp=at, units=self.knowledge.units_of(device, flat.metrics))


def _attribute(rest: list[str], text: str) -> DeviceReading:
    flat = Flat()
    found = scalar(text)
    flat.add(rest[-1], text if found is None else found)
    return composed("/".join(rest[:-1]), flat, narrow=True)


def _exposed(exposes: object, depth: int) -> list[tuple[str, str]]:
    """List (property, unit) of a definition; composites nest."""
    found: list[tuple[str, str]] = []
    if not isinstance(exposes, list) or depth > 4:  # noqa: PLR2004 - deeper than any definition
        return found
    for one in exposes[:200]:
        if not isinstance(one, dict):
            continue
        name, unit = one.get("property"), one.get("unit")
        if isinstance(name, str) and isinstance(unit, str):
            found.append((name, unit[:32]))
        found += _exposed(one.get("features"), depth + 1)
    return found
