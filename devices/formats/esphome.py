"""ESPHome over MQTT. Source: esphome-docs, components/mqtt."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from devices.formats.port import Format, composed
from devices.telegram import ignored, metadata, telemetry
from devices.values import Flat, flatten

if TYPE_CHECKING:
    from devices.foreign_message import ForeignMessage
    from devices.telegram import Telegram

TYPES = frozenset(
    {
        "sensor", "binary_sensor", "text_sensor", "switch", "light", "climate", "cover", "fan", "number",
        "select", "lock", "valve", "button", "text", "date", "time", "datetime", "event", "update",
        "alarm_control_panel", "media_player",
    }
)  # fmt: skip


_LOG_LINE = re.compile(r"(?:\x1b\[[\d;]*m)?\[(?:[EWIDCV]{1,2})\]\[|\x1b\[", re.ASCII)


class Esphome(Format):
    """`<prefix>/<type>/<name>/state`; climate and fan have more values below the name."""

    name = "esphome"

    def read(self, message: ForeignMessage) -> Telegram | None:
        """Read a state."""
        levels = message.levels
        if levels[-1] == "state":
            return self._state(message)
        if len(levels) >= 3 and levels[-3:-1] == ["esphome", "discover"]:  # noqa: PLR2004 - the two and the name
            return metadata(self.name, levels[-1])
        if levels[-1] == "debug" and message.text and _LOG_LINE.match(message.text):
            return ignored(self.name, "a line of the device's log")
        return None

    def _state(self, message: ForeignMessage) -> Telegram | None:
        levels = message.levels
        at = next((i for i in (len(levels) - 3, len(levels) - 4) if i > 0 and levels[i] in TYPES), -1)
        if at < 0:
            return None
        device, metric = "/".join(levels[:at]), ".".join(levels[at + 1 : -1])
        flat = Flat()
        if message.json is not None:
            flatten(message.json, metric, into=flat)
        elif message.text is None:
            return None
        elif message.text:
            flat.add(metric, message.text)
        else:
            flat.add(metric, None)
        units = self.knowledge.units_of(device, flat.metrics)
        return telemetry(self.name, composed(device, flat, narrow=True, units=units))
