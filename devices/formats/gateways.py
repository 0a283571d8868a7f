"""Gateways of radios: Theengs and OpenMQTTGateway, Victron's GX, Z-Wave JS UI. Source: their documentation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from devices.formats.json_objects import take_time
from devices.formats.online_words import is_online
from devices.formats.port import Format, composed, index_of
from devices.telegram import Telegram, availability, ignored, metadata, telemetry
from devices.times import moment
from devices.values import Flat, flatten, suffixed

if TYPE_CHECKING:
    from devices.foreign_message import ForeignMessage

_TO_MQTT = re.compile(r"[A-Za-z0-9_]{1,24}toMQTT", re.ASCII)
_TO_RADIO = re.compile(r"MQTTto[A-Za-z0-9_]{1,24}", re.ASCII)

_OF_RADIO = {
    "tempc": "°C", "tempc2": "°C", "tempf": "°F", "tempf2": "°F", "hum": "%", "moi": "%", "batt": "%", "volt": "V",
    "pres": "hPa", "lux": "lx", "fer": "µS/cm", "pm25": "µg/m³", "pm10": "µg/m³", "co2": "ppm", "rssi": "dBm",
}  # fmt: skip


class Theengs(Format):
    """`home/<gateway>/BTtoMQTT/<MAC>` and other radios of OpenMQTTGateway; numbers may come as text."""

    name = "theengs_omg"

    def read(self, message: ForeignMessage) -> Telegram | None:
        """Read what a radio heard."""
        levels = message.levels
        at = next(
            (i for i in range(1, len(levels)) if levels[i][-6:] == "toMQTT" and _TO_MQTT.fullmatch(levels[i])), -1
        )
        if at < 0:
            if any(_TO_RADIO.fullmatch(level) for level in levels[-2:]):
                return ignored(self.name, "an order to the gateway")
            return None
        values = message.object
        if values is None:
            return None
        of_gateway = levels[at] == "SYStoMQTT"
        rest = levels[at + 1 :]
        device = "/".join(rest) or (levels[at - 1] if of_gateway else "/".join(levels[at - 1 : at + 1]))
        time, key = take_time(
            {name: value for name, value in values.items() if name in {"time", "timestamp", "UTCtime"}}
        )
        left = {key} if isinstance(values.get("id"), str) else {key, "id"}
        flat = flatten({name: value for name, value in values.items() if name not in left})
        units = suffixed(_OF_RADIO, flat.metrics, str)
        return telemetry(self.name, composed(device, flat, timestamp=time, units=units, diagnostic=of_gateway))


class Victron(Format):
    """`N/<portal>/<service>/<instance>/<path>` with `{"value": …}`; an empty payload means that the device is gone."""

    name = "victron"

    def read(self, message: ForeignMessage) -> Telegram | None:
        """Read a value of a GX device."""
        levels = message.levels
        at = index_of(levels, "N")
        if at < 0 or at > 2 or len(levels) < at + 3:  # noqa: PLR2004 - prefixes that a bridge adds
            return self._order(levels)
        if len(levels) < at + 5 or not levels[at + 3].isdigit():
            known = levels[at + 2] in {"keepalive", "heartbeat", "full_publish_completed"}
            return ignored(self.name, "the portal's heartbeat") if known else None
        device = "/".join(levels[at + 1 : at + 4])
        if not message.payload:
            return availability(self.name, device, online=False)
        values = message.object
        if values is None or "value" not in values:
            return None
        flat = flatten(values["value"], ".".join(levels[at + 4 :]))
        return telemetry(self.name, composed(device, flat, narrow=True, diagnostic=levels[at + 2] == "settings"))

    def _order(self, levels: list[str]) -> Telegram | None:
        keeps_alive = levels[2:3] == ["keepalive"] and len(levels) == 3  # noqa: PLR2004 - as above
        if levels[0] in {"R", "W"} and (keeps_alive or (len(levels) > 3 and levels[3].isdigit())):  # noqa: PLR2004
            return ignored(self.name, "a question or an order")
        return None


_CLASSES = frozenset(
    {
        "alarm_sensor", "association", "barrier_operator", "basic", "battery", "binary_sensor", "binary_switch",
        "central_scene", "clock", "color_switch", "configuration", "door_lock", "energy_production",
        "entry_control", "humidity_control_setpoint", "indicator", "lock", "manufacturer_specific", "meter",
        "multilevel_sensor", "multilevel_switch", "notification", "protection", "scene_activation",
        "scene_actuator_configuration", "sensor_binary", "sensor_multilevel", "sound_switch", "switch_binary",
        "switch_multilevel", "thermostat_fan_mode", "thermostat_fan_state", "thermostat_mode",
        "thermostat_operating_state", "thermostat_setback", "thermostat_setpoint", "time_parameters",
        "user_code", "version", "wake_up", "window_covering", "zwaveplus_info",
    }
)  # fmt: skip
_CLASS_NUMBERS = range(32, 160)
_EVENTS = frozenset({"_CLIENTS", "_EVENTS"})
_NODE_STATES = frozenset({"Alive", "Awake", "Asleep", "Dead", "Unknown"})


class ZwaveJs(Format):
    """`<prefix>/[<location>/]<node>/<command class>/<endpoint>/<property>`, with the time in ms or without."""

    name = "zwave_js"

    def read(self, message: ForeignMessage) -> Telegram | None:
        """Read a value, a node's status, or the gateway's own."""
        levels = message.levels
        values = message.object
        if levels[0] == "zwave" and len(levels) > 2 and levels[1] in _EVENTS:  # noqa: PLR2004 - prefix, kind, who
            return self._gateway(levels, values)
        if values is None and levels[0] == "zwave" and message.text:
            return self._value(levels, {"value": message.text})
        if values is None or "value" not in values:
            return None
        last = levels[-1]
        if last == "status" and ("nodeId" in values or values.get("status") in _NODE_STATES):
            online = is_online(values["value"]) if values.get("status") is None else is_online(values["status"])
            online = values["value"] is not False if online is None else online
            return availability(self.name, "/".join(levels[1:-1]), online=online)
        if last in {"lastActive", "nodeinfo"}:
            return metadata(self.name, "/".join(levels[1:-1]))
        return self._value(levels, values) if levels[0] == "zwave" or "time" in values else None

    def _gateway(self, levels: list[str], values: dict[str, object] | None) -> Telegram:
        online = is_online(values) if levels[-1] == "status" and values else None
        if online is None:
            return ignored(self.name, "what the gateway says of itself")
        below = "/" + "/".join(levels[1:])
        return availability(self.name, levels[2], online=online, covers="*", below=below)

    def _value(self, levels: list[str], values: dict[str, Any]) -> Telegram | None:
        at = next((i for i in range(2, len(levels) - 1) if _is_class(levels[i], levels[i + 1])), -1)
        if at < 0 or levels[-1] == "set":
            return None
        flat = Flat()
        flatten(values["value"], ".".join(levels[at:]), into=flat)
        unit = values.get("unit")
        units = dict.fromkeys(flat.metrics, unit[:32]) if isinstance(unit, str) and unit else {}
        time = values.get("time", values.get("lastUpdate"))
        device = "/".join(levels[1:at])
        return telemetry(self.name, composed(device, flat, timestamp=moment(time), units=units, narrow=True))


def _is_class(level: str, after: str) -> bool:
    if not (after.startswith("endpoint_") or after.isdigit()):
        return False
    return level in _CLASSES or (level.isdigit() and len(level) < 4 and int(level) in _CLASS_NUMBERS)  # noqa: PLR2004 - three digits
