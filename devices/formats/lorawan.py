"""LoRaWAN servers: The Things Stack v3 and ChirpStack v4. Source: their documentation of MQTT and of event types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from devices.formats.online_words import is_online
from devices.formats.port import Format, composed, sequence
from devices.telegram import Telegram, availability, ignored, telemetry
from devices.times import moment
from devices.values import Flat, flatten

if TYPE_CHECKING:
    from devices.foreign_message import ForeignMessage

_NOT_DECODED = "the server has no codec for this device: set a payload formatter there"

_OF_GATEWAY = frozenset({"gatewayId", "gatewayIdLegacy", "time", "location", "configVersion", "ip", "metadata"})


class TheThingsStack(Format):
    """`v3/<app>@<tenant>/devices/<id>/up`, known by its `end_device_ids`."""

    name = "ttn_v3"

    def read(self, message: ForeignMessage) -> Telegram | None:
        """Read an uplink."""
        values = message.object
        ids = values.get("end_device_ids") if values else None
        if values is None or not isinstance(ids, dict):
            return None
        uplink = values.get("uplink_message") or values.get("uplink_normalized")
        if not isinstance(uplink, dict):
            return ignored(self.name, "no uplink")
        device = str(ids.get("device_id") or ids.get("dev_eui") or message.topic)
        flat, warning = _decoded(uplink)
        at = moment(uplink.get("received_at")) or moment(values.get("received_at"))
        return telemetry(
            self.name, composed(device, flat, timestamp=at, seq=sequence(uplink.get("f_cnt")), warning=warning)
        )


def _decoded(uplink: dict[str, Any]) -> tuple[Flat, str | None]:
    decoded = uplink.get("decoded_payload")
    if not isinstance(decoded, (dict, list)):
        decoded = uplink.get("normalized_payload")
        if isinstance(decoded, list) and len(decoded) == 1:
            decoded = decoded[0]
    if not isinstance(decoded, (dict, list)):
        return Flat(), f"no decoded payload: {_NOT_DECODED}"
    return flatten(decoded), None


class ChirpStack(Format):
    """`application/<id>/device/<EUI>/event/up`, known by its `deviceInfo`; and the gateways that heard it."""

    name = "chirpstack_v4"

    def read(self, message: ForeignMessage) -> Telegram | None:
        """Read an event."""
        values, levels = message.object, message.levels
        if values is not None and "gatewayId" in values and levels[-4:-3] == ["gateway"]:
            return self._gateway(str(values["gatewayId"]), levels[-2:], values)
        if values is not None and "devEui" in values and levels[-2:] == ["command", "down"]:
            return ignored(self.name, "an order to the device")
        info = values.get("deviceInfo") if values else None
        if values is None or not isinstance(info, dict) or "devEui" not in info:
            return None
        event = message.levels[-1]
        at = moment(values.get("time"))
        device = str(info["devEui"])
        if event == "status":
            flat = flatten(
                {key: values[key] for key in ("margin", "batteryLevel", "externalPowerSource") if key in values}
            )
            return telemetry(self.name, composed(device, flat, timestamp=at, diagnostic=True))
        if event != "up":
            return ignored(self.name, "no uplink")
        decoded = values.get("object")
        warning = None if isinstance(decoded, dict) else f"no object: {_NOT_DECODED}"
        flat = flatten(decoded) if isinstance(decoded, dict) else Flat()
        return telemetry(
            self.name, composed(device, flat, timestamp=at, seq=sequence(values.get("fCnt")), warning=warning)
        )

    def _gateway(self, gateway: str, what: list[str], values: dict[str, Any]) -> Telegram:
        """Source: ChirpStack Gateway Bridge, events and states."""
        online = is_online(values.get("state")) if what == ["state", "conn"] else None
        if online is not None:
            return availability(self.name, gateway, online=online)
        if what != ["event", "stats"]:
            return ignored(self.name, "radio frames and orders of a gateway")
        flat = flatten({key: value for key, value in values.items() if key not in _OF_GATEWAY})
        return telemetry(self.name, composed(gateway, flat, timestamp=moment(values.get("time")), diagnostic=True))
