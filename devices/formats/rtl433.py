"""rtl_433, which hears radio sensors. Source: its DATA_FORMAT.md and the MQTT output as version 22.11 writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from devices.bounded import Bounded
from devices.formats.port import Format, composed, index_of
from devices.telegram import ignored, metadata, telemetry
from devices.times import moment
from devices.values import Flat, flatten, suffixed

if TYPE_CHECKING:
    from devices.foreign_message import ForeignMessage
    from devices.formats.port import Knowledge
    from devices.telegram import Telegram

_NAMED_BY = ("model", "subtype", "channel", "id")
_NO_LEVELS = frozenset({*_NAMED_BY, "type", "time", "mic", "mod", "freq", "freq1", "freq2", "protocol", "description"})
_CHECKS = frozenset({"CRC", "CHECKSUM", "PARITY", "DIGEST"})
_UNITS = {
    "C": "°C", "F": "°F", "hPa": "hPa", "kPa": "kPa", "PSI": "psi", "mm": "mm", "in": "in", "cm": "cm", "km": "km",
    "km_h": "km/h", "mi_h": "mph", "m_s": "m/s", "deg": "°", "V": "V", "mV": "mV", "A": "A", "W": "W", "kW": "kW",
    "kWh": "kWh", "Hz": "Hz", "lux": "lx", "lx": "lx", "ppm": "ppm", "dB": "dB", "ug_m3": "µg/m³", "mm_h": "mm/h",
    "humidity": "%", "moisture": "%", "rssi": "dB", "snr": "dB", "noise": "dB",
}  # fmt: skip


class Rtl433(Format):
    """`rtl_433/<host>/events` in JSON, and the same value by value below `rtl_433/<host>/devices`."""

    name = "rtl_433"

    def __init__(self, knowledge: Knowledge) -> None:
        super().__init__(knowledge)
        self._whole: Bounded[str, bool] = Bounded(1000)

    def read(self, message: ForeignMessage) -> Telegram | None:
        """Read an event or a value."""
        levels = message.levels
        at = index_of(levels, "rtl_433")
        values = message.object
        if values is not None and isinstance(values.get("model"), str) and (at >= 0 or _is_checked(values)):
            if at >= 0:
                self._whole["/".join(levels[: at + 2])] = True
            return self._event(values)
        if at < 0 or len(levels) < at + 3:
            return None
        if levels[at + 2] == "devices" and values is None and len(levels) > at + 4:
            return self._value(message, at)
        return metadata(self.name, None) if levels[at + 2] in {"states", "events"} else None

    def _event(self, values: dict[str, Any]) -> Telegram:
        device = "/".join(str(values[key]) for key in _NAMED_BY if isinstance(values.get(key), (str, int)))
        flat = flatten({key: value for key, value in values.items() if key not in _NO_LEVELS})
        at = moment(values.get("time"))
        return telemetry(self.name, composed(device, flat, timestamp=at, units=_units(flat)))

    def _value(self, message: ForeignMessage, at: int) -> Telegram:
        levels = message.levels
        if "/".join(levels[: at + 2]) in self._whole:
            return ignored(self.name, "said in one message on `events`, too")
        if levels[-1] in _NO_LEVELS:
            return metadata(self.name, "/".join(levels[at + 3 : -1]))
        flat = Flat()
        flat.add(levels[-1], message.text or None)
        return telemetry(self.name, composed("/".join(levels[at + 3 : -1]), flat, narrow=True, units=_units(flat)))


def _is_checked(values: dict[str, Any]) -> bool:
    """Tell an event on a topic of the user's own by the check of the radio message that it names."""
    return values.get("mic") in _CHECKS and "time" in values


def _units(flat: Flat) -> dict[str, str]:
    """The end of a name is its unit: `temperature_C`, `wind_avg_km_h`."""
    return suffixed(_UNITS, flat.metrics, _ending)


def _ending(metric: str) -> str | None:
    while metric not in _UNITS:
        _, found, metric = metric.partition("_")
        if not found:
            return None
    return metric
