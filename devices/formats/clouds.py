"""Clouds' dialects: ThingsBoard, AWS IoT shadows, Azure IoT Hub. Source: their MQTT API references."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from devices.formats.json_objects import in_order, wide
from devices.formats.port import Format, composed, index_of
from devices.telegram import DeviceReading, Telegram, availability, ignored, metadata, telemetry
from devices.times import moment
from devices.values import flatten

if TYPE_CHECKING:
    from devices.foreign_message import ForeignMessage

_MOST_ROWS = 2000


def _stamped(device: str, entry: object) -> DeviceReading | None:
    """Read `{"ts", "values"}` or a plain object."""
    if not isinstance(entry, dict):
        return None
    values = entry.get("values")
    if isinstance(values, dict) and "ts" in entry:
        return composed(device, flatten(values), timestamp=moment(entry["ts"], "ms"))
    return wide(device, entry)


def _batch(device: str, value: object) -> list[DeviceReading]:
    rows = value if isinstance(value, list) else [value]
    readings = (_stamped(device, row) for row in rows[:_MOST_ROWS])
    return in_order([one for one in readings if one is not None])


class ThingsBoardGateway(Format):
    """`v1/gateway/telemetry`: several devices, each with several times."""

    name = "thingsboard_gateway"

    def read(self, message: ForeignMessage) -> Telegram | None:
        """Read a gateway's message."""
        levels = message.levels
        if len(levels) < 3 or levels[-3:-1] != ["v1", "gateway"]:  # noqa: PLR2004 - v1, gateway, what
            return None
        values = message.object
        what = levels[-1]
        if values is None:
            return None
        if what in {"connect", "disconnect"} and isinstance(values.get("device"), str):
            return availability(self.name, values["device"], online=what == "connect")
        if what == "attributes":
            return metadata(self.name, next(iter(values), None))
        if what != "telemetry":
            return ignored(self.name, "no telemetry")
        readings = [one for device, rows in values.items() for one in _batch(device, rows)]
        return telemetry(self.name, *readings) if readings else ignored(self.name, "no values")


class ThingsBoardDevice(Format):
    """`v1/devices/me/telemetry`: the account names the device, so a profile must."""

    name = "thingsboard_device"

    def read(self, message: ForeignMessage) -> Telegram | None:
        """Read a device's message."""
        levels = message.levels
        at = index_of(levels, "v1")
        if at < 0 or levels[at + 1 : at + 2] != ["devices"] or len(levels) < at + 4:
            return None
        device, what = levels[at + 2], levels[at + 3]
        if what == "attributes":
            return metadata(self.name, device) if len(levels) == at + 4 else ignored(self.name, "a question")
        if what != "telemetry":
            return ignored(self.name, "no telemetry")
        readings = _batch(device, message.json)
        return telemetry(self.name, *readings) if readings else None


class AwsShadow(Format):
    """`$aws/things/<thing>/shadow/[name/<shadow>/]update`: what a thing reports; what is desired is a wish."""

    name = "aws_shadow"

    def read(self, message: ForeignMessage) -> Telegram | None:
        """Read a shadow document."""
        levels = message.levels
        at = index_of(levels, "$aws")
        if at < 0 or levels[at + 1 : at + 2] != ["things"] or len(levels) < at + 4:
            return None
        if levels[at + 3] != "shadow" or len(levels) < at + 5:
            return ignored(self.name, "no shadow: jobs, tunnels and the like")
        values = message.object or {}
        if levels[-1] in {"delta", "documents", "rejected"}:
            return ignored(self.name, "repeats or refuses an update")
        state = values.get("state")
        reported = state.get("reported") if isinstance(state, dict) else None
        if not isinstance(reported, dict):
            return ignored(self.name, "nothing reported: a wish, not a measurement")
        reading = wide(levels[at + 2], reported, timestamp=moment(values.get("timestamp")))
        return telemetry(self.name, reading)


class AzureHub(Format):
    """`devices/<id>/messages/events/<properties>`."""

    name = "azure_iothub"

    def read(self, message: ForeignMessage) -> Telegram | None:
        """Read a message to the hub."""
        levels = message.levels
        if levels[0] == "$iothub":
            return ignored(self.name, "twin and methods name no device")
        at = index_of(levels, "devices")
        if at < 0 or "messages" not in levels[at + 2 :]:
            return None
        end = levels.index("messages", at + 2)
        if levels[end + 1 : end + 2] == ["devicebound"]:
            return ignored(self.name, "to the device")
        if levels[end + 1 : end + 2] != ["events"] or message.json is None:
            return None
        device = "/".join(part for part in levels[at + 1 : end] if part != "modules")
        created = dict(parse_qsl("/".join(levels[end + 2 :]))).get("$.ctime")
        readings = self._readings(device, message.json, moment(created))
        return telemetry(self.name, *readings) if readings else None

    def _readings(self, device: str, value: Any, created: Any) -> list[DeviceReading]:  # noqa: ANN401 - any JSON
        rows = value if isinstance(value, list) else [value]
        return in_order([wide(device, row, timestamp=created) for row in rows[:_MOST_ROWS] if isinstance(row, dict)])
