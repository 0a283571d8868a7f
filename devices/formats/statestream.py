"""Home Assistant's MQTT statestream. Source: home-assistant.io, mqtt_statestream, and the integration's code.

States are published raw, attributes as JSON.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from devices.bounded import Bounded
from devices.formats.esphome import TYPES
from devices.formats.port import Format, composed
from devices.telegram import metadata, telemetry
from devices.times import moment
from devices.values import Flat, flatten

if TYPE_CHECKING:
    from devices.foreign_message import ForeignMessage
    from devices.formats.port import Knowledge
    from devices.telegram import Telegram

_LEVELS = 4
_USUAL_BASES = frozenset({"homeassistant", "hass", "statestream", "ha"})
_TIMES = frozenset({"last_updated", "last_changed", "last_reported"})
_DOMAINS = TYPES | frozenset(
    {
        "automation", "calendar", "camera", "counter", "device_tracker", "group", "humidifier", "image",
        "input_boolean", "input_datetime", "input_number", "input_select", "input_text", "lawn_mower", "person",
        "plant", "proximity", "remote", "scene", "schedule", "script", "siren", "sun", "timer", "vacuum",
        "water_heater", "weather", "zone",
    }
)  # fmt: skip
_DESCRIBES = frozenset(
    {
        "friendly_name", "unit_of_measurement", "device_class", "state_class", "icon", "attribution",
        "entity_picture", "supported_features", "editable", "id", "options", "min", "max", "step", "mode",
        "restored", "assumed_state", "supported_color_modes", "color_mode", "entity_id", "source", "user_id",
        "device_trackers", "effect_list", "hvac_modes", "min_temp", "max_temp", "min_mireds", "max_mireds",
        "min_color_temp_kelvin", "max_color_temp_kelvin", "event_types", "preset_modes", "fan_modes",
        "swing_modes", "last_triggered", "next_rising", "next_setting", "next_dawn", "next_dusk", "next_noon",
        "next_midnight", "code_format", "auto_update", "title", "release_url", "release_summary",
    }
)  # fmt: skip


class Statestream(Format):
    """`<base>/<domain>/<entity>/<state or attribute>`."""

    name = "ha_statestream"

    def __init__(self, knowledge: Knowledge) -> None:
        super().__init__(knowledge)
        self._bases: Bounded[str, bool] = Bounded(64)

    def read(self, message: ForeignMessage) -> Telegram | None:
        """Read a state or an attribute."""
        levels = message.levels
        if len(levels) < _LEVELS or levels[-3] not in _DOMAINS:
            return None
        base, what = "/".join(levels[:-3]), levels[-1]
        if what in _TIMES and (at := moment(_plain(message))) is not None:
            if base not in self._bases:
                self._bases[base] = True
                self.knowledge.changes += 1
            return metadata(self.name, f"{levels[-3]}.{levels[-2]}", timestamp=at)
        if not self._is_base(base, levels[-3], what):
            return None
        return self._value(message, f"{levels[-3]}.{levels[-2]}", what)

    def _is_base(self, base: str, domain: str, what: str) -> bool:
        if base in self._bases or base.rpartition("/")[2] in _USUAL_BASES:
            return what not in {"config", "set", "command"}
        return what == "state" and domain not in TYPES

    def _value(self, message: ForeignMessage, device: str, what: str) -> Telegram | None:
        value = _plain(message)
        if value is None and not message.payload:
            return metadata(self.name, device)
        if what == "unit_of_measurement" and isinstance(value, str):
            self.knowledge.units[device, "state"] = value[:32]
        if what in _DESCRIBES:
            return metadata(self.name, device)
        flat = Flat()
        flatten(value, what, into=flat)
        if not flat.metrics and what != "state":
            return metadata(self.name, device)
        units = self.knowledge.units_of(device, flat.metrics)
        return telemetry(self.name, composed(device, flat, narrow=True, units=units))


def _plain(message: ForeignMessage) -> Any:  # noqa: ANN401 - any JSON
    """Return the value, whether it is quoted as JSON or not."""
    if message.json is not None:
        return message.json
    text = message.text
    if text and text[0] == text[-1] == '"':
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text
