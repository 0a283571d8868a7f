"""Tasmota. Source: its docs, MQTT, Commands, DeepSleep and the pages of sensors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from devices.formats.online_words import is_online
from devices.formats.port import Format, composed
from devices.telegram import availability, ignored, metadata, telemetry
from devices.times import moment
from devices.values import Flat, flatten, suffixed

if TYPE_CHECKING:
    from datetime import datetime

    from devices.foreign_message import ForeignMessage
    from devices.telegram import Telegram

_PREFIXES = frozenset({"tele", "stat"})
_UNITS = {
    "Temperature": "TempUnit",
    "DewPoint": "TempUnit",
    "ReferenceTemperature": "TempUnit",
    "Pressure": "PressureUnit",
    "SeaPressure": "PressureUnit",
    "Speed": "SpeedUnit",
}
_OF_ENERGY = {
    "Power": "W", "ApparentPower": "VA", "ReactivePower": "var", "Voltage": "V", "Current": "A", "Frequency": "Hz",
    "Total": "kWh", "Today": "kWh", "Yesterday": "kWh", "Period": "Wh", "ExportActive": "kWh",
}  # fmt: skip
_UNIT_KEYS = frozenset({"TempUnit", "PressureUnit", "SpeedUnit"})
_TIMES = frozenset({"Time", "Epoch", "TotalStartTime", "Uptime", "StartupUTC"})
_NO_LEVELS = _UNIT_KEYS | _TIMES | {"Id"}
_POWER = re.compile(r"POWER\d{0,2}|SWITCH\d{0,2}|DIMMER\d{0,2}|SHUTTER\d{0,2}", re.ASCII | re.IGNORECASE)
_STATUS = re.compile(r"STATUS\d{0,2}", re.ASCII)
_SETTINGS = re.compile(
    r"SetOption|Command|TelePeriod|Restart|Reset|Backlog|Rule|Module|Template|GPIO|FriendlyName|Mqtt|Topic|FullTopic|Ssid"
    r"|Hostname|IPAddress|Timezone|LogLevel|SerialLog|WebLog|MqttLog|SysLog|OtaUrl|Upgrade|Password|PowerOnState|Status",
    re.ASCII | re.IGNORECASE,
)
_READABLE = frozenset({"SENSOR", "STATE", "RESULT", "ENERGY", "HASS_STATE", "MARGINS", "WAKEUP", "EVENT", "UPTIME"})


class Tasmota(Format):
    """`tele/<topic>/SENSOR` and its like; the order of prefix and topic is the user's (FullTopic)."""

    name = "tasmota"

    def read(self, message: ForeignMessage) -> Telegram | None:
        """Read a message with a Tasmota prefix."""
        levels = message.levels
        if "tasmota" in levels[:-2] and levels[-3:-2] == ["discovery"]:
            return metadata(self.name, levels[-2])
        prefix = next((index for index, level in enumerate(levels[:-1]) if level in _PREFIXES), -1)
        last = levels[-1]
        if prefix < 0 or len(levels) < 3:  # noqa: PLR2004 - prefix, topic, what
            ordered = "cmnd" in levels[:-1]
            return ignored(self.name, "an order to a device, not its values") if ordered else None
        device = "/".join(levels[prefix + 1 : -1] if prefix < len(levels) - 2 else levels[:prefix])
        if last == "LWT":
            online = is_online(message.text)
            return None if online is None else availability(self.name, device, online=online)
        if _POWER.fullmatch(last) and message.json is None and message.text:
            flat = Flat()
            flat.add(last, message.text)
            return telemetry(self.name, composed(device, flat, partial=True))
        values = message.object
        if values is None:
            return self._other(message, levels[prefix], last)
        return self._values(device, values, last)

    def _other(self, message: ForeignMessage, prefix: str, last: str) -> Telegram | None:
        if prefix == "stat" and last == "LOGGING":
            return ignored(self.name, "a line of the device's log")
        return ignored(self.name, "empty") if not message.payload else None

    def _values(self, device: str, values: dict[str, Any], last: str) -> Telegram | None:
        if last.startswith("INFO"):
            return metadata(self.name, device)
        if _STATUS.fullmatch(last):
            values = values.get("StatusSNS") or values.get("StatusSTS") or {}
            if not isinstance(values, dict) or not values:
                return metadata(self.name, device)
        elif last not in _READABLE and not last.isupper():
            return None
        if last == "RESULT":
            kept = {key: value for key, value in values.items() if not _SETTINGS.match(key)}
            if not kept:
                return metadata(self.name, device)
            values = kept
        flat = flatten(values, skip=_NO_LEVELS)
        units = suffixed(values, flat.metrics, lambda metric: _UNITS.get(metric.rpartition(".")[2]))
        units |= suffixed(_OF_ENERGY, flat.metrics, _of_energy)
        return telemetry(
            self.name,
            composed(
                device,
                flat,
                timestamp=_time(values),
                units=units,
                diagnostic=last == "STATE",
                partial=last == "RESULT",
            ),
        )


def _of_energy(metric: str) -> str | None:
    """Return which value of a power monitor a metric is; its phases are numbered."""
    parts = metric.split(".")
    return parts[1] if parts[0] == "ENERGY" and len(parts) > 1 else None


def _time(values: dict[str, Any]) -> datetime | None:
    """Epoch is UTC; Time is local and rarely names its zone, so Epoch wins."""
    return moment(values.get("Epoch")) or moment(values.get("Time"))
