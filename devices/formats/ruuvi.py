"""Ruuvi gateway: advertisements of RuuviTags in hex. Source: docs.ruuvi.com, data formats 3, 5 and 6."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from devices.formats.online_words import is_online
from devices.formats.port import Format, composed
from devices.telegram import Telegram, availability, metadata, telemetry
from devices.times import moment
from devices.values import Flat, flatten

if TYPE_CHECKING:
    from devices.foreign_message import ForeignMessage

_COMPANY = b"\xff\x99\x04"
_LONGEST = 1024
_NO_LEVELS = frozenset(
    {"gw_mac", "gwts", "ts", "data", "coords", "aoa", "id", "mac", "dataFormat", "ble_phy", "ble_chan", "ble_tx_power"}
)
_NO_DEGREES, _NO_WORD, _NO_VOLTS, _NO_POWER, _NO_COUNT = -0x8000, 0xFFFF, 0x7FF, 0x1F, 0xFF  # not available
_V5 = struct.Struct(">hHHhhhHBH")
_V3 = struct.Struct(">BBBHhhhH")
_UNITS = {
    "temperature": "°C",
    "humidity": "%",
    "pressure": "Pa",
    "acceleration_x": "g",
    "acceleration_y": "g",
    "acceleration_z": "g",
    "battery_voltage": "V",
    "tx_power": "dBm",
    "rssi": "dBm",
}


class RuuviGateway(Format):
    """`ruuvi/<gateway MAC>/<tag MAC>`, known by `gw_mac` and `data`."""

    name = "ruuvi_gateway"

    def read(self, message: ForeignMessage) -> Telegram | None:
        """Decode an advertisement."""
        levels, values = message.levels, message.object
        if levels[-1] == "gw_status" and len(levels) > 1:
            online = is_online(values or message.text)
            if online is None:
                return None
            return availability(self.name, levels[-2], online=online, covers="*", below="/gw_status")
        if values is None or "gw_mac" not in values or not ("data" in values or "dataFormat" in values):
            return None
        if isinstance(values.get("tags"), dict):
            return metadata(self.name, str(values["gw_mac"]))
        decoded = decode_advertisement(values.get("data"))
        flat = Flat()
        warning = None
        if decoded is not None:
            for name, value in decoded.items():
                flat.add(name, value)
            flat.add("rssi", values.get("rssi"))
        else:
            flatten({key: value for key, value in values.items() if key not in _NO_LEVELS}, into=flat)
            warning = None if "dataFormat" in values else "no RuuviTag: the advertisement is of another maker or format"
        at = moment(values.get("ts")) or moment(values.get("gwts"))
        units = {metric: unit for metric, unit in _UNITS.items() if metric in flat.metrics}
        sequence = decoded.get("sequence") if decoded else None
        return telemetry(
            self.name,
            composed(
                levels[-1],
                flat,
                timestamp=at,
                units=units,
                warning=warning,
                seq=int(sequence) if sequence is not None else None,
            ),
        )


def decode_advertisement(text: object) -> dict[str, float | None] | None:
    """Decode the manufacturer's data of a RuuviTag; None when there is none.

    Returns:
        °C, % relative humidity, Pa, g, V, dBm; None for what the tag marks as not available.
    """
    if not isinstance(text, str) or len(text) > _LONGEST:
        return None
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        return None
    at = raw.find(_COMPANY)
    body = raw[at + len(_COMPANY) :] if at >= 0 else b""
    if len(body) >= 1 + _V5.size + 6 and body[0] == 5:  # noqa: PLR2004 - the format's number
        return _decode_5(body)
    if len(body) >= 1 + _V3.size and body[0] == 3:  # noqa: PLR2004 - the same
        return _decode_3(body)
    if len(body) >= 20 and body[0] == 6:  # noqa: PLR2004 - the same
        return _decode_6(body)
    return None


def _decode_5(body: bytes) -> dict[str, float | None]:
    temperature, humidity, pressure, x, y, z, power, movement, sequence = _V5.unpack_from(body, 1)
    volts, dbm = power >> 5, power & 0x1F
    invalid = _NO_DEGREES
    return {
        "temperature": None if temperature == invalid else round(temperature * 0.005, 3),
        "humidity": None if humidity == _NO_WORD else round(humidity * 0.0025, 4),
        "pressure": None if pressure == _NO_WORD else pressure + 50_000,
        "acceleration_x": None if x == invalid else x / 1000,
        "acceleration_y": None if y == invalid else y / 1000,
        "acceleration_z": None if z == invalid else z / 1000,
        "battery_voltage": None if volts == _NO_VOLTS else (volts + 1600) / 1000,
        "tx_power": None if dbm == _NO_POWER else dbm * 2 - 40,
        "movement_counter": None if movement == _NO_COUNT else movement,
        "sequence": None if sequence == _NO_WORD else sequence,
    }


def _decode_3(body: bytes) -> dict[str, float | None]:
    humidity, whole, hundredths, pressure, x, y, z, battery = _V3.unpack_from(body, 1)
    degrees = (whole & 0x7F) + hundredths / 100
    return {
        "temperature": -degrees if whole & 0x80 else degrees,
        "humidity": humidity * 0.5,
        "pressure": pressure + 50_000,
        "acceleration_x": x / 1000,
        "acceleration_y": y / 1000,
        "acceleration_z": z / 1000,
        "battery_voltage": battery / 1000,
    }


def _decode_6(body: bytes) -> dict[str, float | None]:
    """Ruuvi Air: particles, CO2 and two indices whose ninth bit stands in the flags."""
    temperature, humidity, pressure, pm25, co2, voc, nox = struct.unpack_from(">hHHHHBB", body, 1)
    flags = body[16]
    voc, nox = voc << 1 | flags >> 6 & 1, nox << 1 | flags >> 7 & 1
    nine_bits = 0x1FF
    return {
        "temperature": None if temperature == _NO_DEGREES else round(temperature * 0.005, 3),
        "humidity": None if humidity == _NO_WORD else round(humidity * 0.0025, 4),
        "pressure": None if pressure == _NO_WORD else pressure + 50_000,
        "pm_2_5": None if pm25 == _NO_WORD else round(pm25 * 0.1, 1),
        "co2": None if co2 == _NO_WORD else co2,
        "voc_index": None if voc == nine_bits else voc,
        "nox_index": None if nox == nine_bits else nox,
        "sequence": body[15],
    }
