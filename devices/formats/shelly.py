"""Shelly, both generations. Source: shelly-api-docs.shelly.cloud (gen 1 MQTT, gen 2 components and notifications)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from devices.formats.online_words import is_online
from devices.formats.port import Format, composed, index_of
from devices.telegram import availability, ignored, metadata, telemetry
from devices.times import moment
from devices.values import Flat, flatten, suffixed

if TYPE_CHECKING:
    from devices.foreign_message import ForeignMessage
    from devices.telegram import Telegram

_DESCRIBES = frozenset({"announce", "info"})
_NO_LEVELS = frozenset({"id", "source", "by_minute", "minute_ts", "last_updated_ts", "tag"})
_COMPONENT = re.compile(r"[a-z][a-z0-9_]{1,24}:\d{1,3}", re.ASCII)
_SYSTEM = frozenset(
    {
        "sys",
        "wifi",
        "mqtt",
        "cloud",
        "ble",
        "ws",
        "eth",
        "bthome",
        "ui",
        "knx",
        "matter",
        "modbus",
        "script",
        "webhook",
        "kvs",
        "plugs_ui",
    }
)
_UNITS_1 = {
    "power": "W", "energy": "Wmin", "total": "Wh", "returned_energy": "Wmin", "total_returned": "Wh", "voltage": "V",
    "current": "A", "reactive_power": "var", "temperature": "°C", "temperature_f": "°F", "humidity": "%",
    "battery": "%", "lux": "lx",
}  # fmt: skip
_UNITS_2 = {
    "apower": "W", "voltage": "V", "current": "A", "freq": "Hz", "aenergy.total": "Wh", "ret_aenergy.total": "Wh",
    "tC": "°C", "tF": "°F", "rh": "%", "lux": "lx", "percent": "%", "V": "V", "act_power": "W", "aprt_power": "VA",
    "total_current": "A", "total_act_power": "W", "total_aprt_power": "VA", "total_act_energy": "Wh",
    "total_act_ret_energy": "Wh",
}  # fmt: skip
_PHASE = re.compile(r"^(?:a|b|c|n)_", re.ASCII)


class ShellyGen1(Format):
    """`shellies/<id>/relay/0`: a value a topic."""

    name = "shelly_gen1"

    def read(self, message: ForeignMessage) -> Telegram | None:
        """Read a message below `shellies`."""
        levels = message.levels
        at = index_of(levels, "shellies") + 1
        if not at or len(levels) <= at:
            return None
        device, rest = levels[at], levels[at + 1 :]
        if device == "command" and not rest:
            return ignored(self.name, "an order to all")
        if not rest or rest[0] in _DESCRIBES:
            about = message.object or {}
            named = about.get("id") if device == "announce" else device
            return metadata(self.name, named if isinstance(named, str) and named else None)
        if rest == ["online"]:
            online = is_online(message.text)
            return None if online is None else availability(self.name, device, online=online)
        if rest[-1] == "command" or (rest[-1] == "set" and len(rest) > 1):
            return ignored(self.name, "an order")
        flat = Flat()
        if message.json is not None:
            flatten(message.json, ".".join(rest), into=flat)
        elif message.text:
            flat.add(".".join(rest), message.text)
        return telemetry(
            self.name, composed(device, flat, narrow=True, units=suffixed(_UNITS_1, flat.metrics, _named_1))
        )


class ShellyGen2(Format):
    """`<prefix>/status/switch:0` in full, `<prefix>/events/rpc` what changed. The prefix is the user's."""

    name = "shelly_gen2"

    def read(self, message: ForeignMessage) -> Telegram | None:
        """Read a status or a notification."""
        levels = message.levels
        if len(levels) < 3:  # noqa: PLR2004 - prefix, kind, component
            return None
        values = message.object
        if levels[-2] == "command" and _COMPONENT.fullmatch(levels[-1]):
            return ignored(self.name, "an order")
        if levels[-2] == "status":
            return self._status(levels, values)
        if (
            levels[-2:] == ["events", "rpc"]
            and values is not None
            and str(values.get("method", "")).startswith("Notify")
        ):
            return self._notification("/".join(levels[:-2]), values)
        return None

    def _status(self, levels: list[str], values: dict[str, Any] | None) -> Telegram | None:
        component = levels[-1]
        if values is None:
            return None
        if component in _SYSTEM:
            return ignored(self.name, "how the device is connected")
        if not _COMPONENT.fullmatch(component):
            return None
        flat = flatten(values, component, skip=_NO_LEVELS)
        return telemetry(self.name, composed("/".join(levels[:-2]), flat, narrow=True, units=_units_2(flat)))

    def _notification(self, device: str, frame: dict[str, Any]) -> Telegram:
        params = frame.get("params")
        if not isinstance(params, dict):
            return ignored(self.name, "a notification without parameters")
        flat = Flat()
        for component, values in params.items():
            if _COMPONENT.fullmatch(component):
                flatten(values, component, skip=_NO_LEVELS, into=flat)
        for event in params.get("events") or () if isinstance(params.get("events"), list) else ():
            if isinstance(event, dict) and isinstance(event.get("event"), str):
                flat.add(f"{event.get('component', 'event')}.event", event["event"])
        if not (flat.metrics or flat.labels or flat.nulls):
            return ignored(self.name, "a notification about the device's connection")
        partial = frame.get("method") != "NotifyFullStatus"
        reading = composed(device, flat, timestamp=moment(params.get("ts")), partial=partial, units=_units_2(flat))
        return telemetry(self.name, reading)


def _named_1(metric: str) -> str | None:
    """A sensor of the first generation measures in degrees of the user's choice."""
    return None if metric == "sensor.temperature" else metric.rpartition(".")[2]


def _units_2(flat: Flat) -> dict[str, str]:
    return suffixed(_UNITS_2, flat.metrics, _named_2)


def _named_2(metric: str) -> str:
    """Three phases have the letter of each before the name, `a_voltage`; a total is one of something."""
    parts = metric.split(".")
    return ".".join(parts[-2:]) if parts[-1] == "total" else _PHASE.sub("", parts[-1])
