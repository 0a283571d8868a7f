"""The evidence that the answers in answers_mixed.txt speak of, and the other devices of the site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.explainer.grounding.incidents import measured

if TYPE_CHECKING:
    from tests.unit.explainer.grounding.incidents import Case

MIXED_SITE = (
    "pool filter 2",
    "heat pump annex",
    "digester 1",
    "genset-1",
    "spindle 1",
    "PV roof north",
    "rain gauge",
    "proofer 2",
    "cold room 3",
    "changing rooms",
)

MIXED_CASES: dict[str, Case] = {
    "pool": (
        "pool filter 1",
        "level_shift",
        18,
        30.0,
        (
            measured("filter_pressure", 0.58, 1.46, "0.82 (0.7 0.94)", "bar"),
            measured("flow", 0.34, 9.1, "14.5 (13.2 15.8)", "m³/h"),
            measured("ph", 0.08, 7.3, "7.25 (7.1 7.4)", "pH"),
        ),
    ),
    "heat pump": (
        "heat pump",
        "drift",
        45,
        60.0,
        (
            measured("flow_temp", 0.5, 31.5, "38 (36 40)", "°C"),
            measured("compressor_power", 0.3, 2.9, "1.8 (1.4 2.2)", "kW"),
            measured("compressor_speed", 0.16, 86, "54 (45 63)", "Hz"),
            measured("outdoor_temp", 0.04, 4.2, "4.5 (-1 10)", "°C"),
        ),
    ),
    "digester": ("digester 2", "stuck", 96, 75.0, (measured("methane", 1.0, 52.6, "54.8 (50 59.5)", "%"),)),
    "genset": (
        "genset-2",
        "spike",
        3,
        None,
        (
            measured("coolant_temp", 0.44, 104.5, "86 (82 90)", "°C"),
            measured("oil_pressure", 0.32, 2.6, "4.1 (3.7 4.5)", "bar"),
            measured("exhaust_temp", 0.14, 488, "455 (420 490)", "°C"),
            measured("load", 0.06, 61, "58 (40 76)", "kW"),
            measured("frequency", 0.04, 49.9, "50 (49.7 50.3)", "Hz"),
        ),
    ),
    "spindle": (
        "spindle 2",
        "noise",
        20,
        25.0,
        (
            measured("vibration", 0.85, 6.3, "1.8 (1.2 2.4)", "mm/s"),
            measured("spindle_load", 0.15, 47, "45 (35 55)", "%"),
        ),
    ),
    "roof": (
        "PV roof south",
        "correlation",
        7,
        40.0,
        (
            measured("dc_power", 0.7, 3.4, "6.8 (6.1 7.5)", "kW"),
            measured("irradiance", 0.2, 812, "805 (760 850)", "W/m²"),
            measured("module_temp", 0.1, 51, "49 (45 53)", "°C"),
        ),
    ),
    "station": ("weather station", "silence", 0, None, ()),
    "proofer": (
        "proofer 1",
        "out_of_range",
        5,
        90.0,
        (
            measured("humidity", 0.72, 58, "80 (76 84)", "%"),
            measured("air_temp", 0.28, 36.8, "34 (33 35)", "°C"),
        ),
    ),
}
