"""The evidence that the answers in answers_fresh.txt speak of, and the other devices of the site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.explainer.grounding.incidents import measured

if TYPE_CHECKING:
    from tests.unit.explainer.grounding.incidents import Case

FRESH_SITE = (
    "blower-1",
    "greenhouse south",
    "extruder 4",
    "meter-hall-a",
    "rack-13",
    "wind 4",
    "ups-2",
    "scale 8",
    "valve-21",
    "kitchen",
    "boiler room",
    "dryer 2",
)

FRESH_CASES: dict[str, Case] = {
    "blower": (
        "blower-2",
        "level_shift",
        18,
        27.0,
        (
            measured("vibration_rms", 0.6, 6.3, "2.4 (1.8 3.0)", "mm/s"),
            measured("motor_temp", 0.3, 78, "64 (59 69)", "°C"),
            measured("outlet_pressure", 0.1, 412, "415 (405 425)", "mbar"),
        ),
    ),
    "greenhouse": (
        "greenhouse north",
        "drift",
        40,
        75.0,
        (
            measured("humidity", 0.55, 91, "70 (62 78)", "%"),
            measured("air_temp", 0.35, 19.4, "23.5 (21.5 25.5)", "°C"),
            measured("co2", 0.1, 640, "655 (560 750)", "ppm"),
        ),
    ),
    "extruder": (
        "extruder 5",
        "spike",
        1,
        None,
        (
            measured("melt_pressure", 0.75, 248, "182 (171 193)", "bar"),
            measured("screw_speed", 0.25, 96.2, "96 (94.5 97.5)", "1/min"),
        ),
    ),
    "meter": (
        "meter-hall-b",
        "dropout",
        4,
        200.0,
        (
            measured("flow", 0.8, None, "12.4", "m³/h"),
            measured("pressure", 0.2, 4.1, "4 (3.7 4.3)", "bar"),
        ),
    ),
    "rack": ("rack-14", "silence", 0, None, ()),
    "wind": (
        "wind 3",
        "correlation",
        25,
        33.0,
        (
            measured("rotor_speed", 0.6, 14.2, "16.1 (15 17.2)", "1/min"),
            measured("power", 0.4, 1480, "1465 (1380 1550)", "kW"),
        ),
    ),
    "ups": (
        "ups-1",
        "out_of_range",
        2,
        150.0,
        (
            measured("battery_voltage", 0.7, 44.6, "52.8 (51.5 54.1)", "V"),
            measured("load", 0.3, 63, "38 (30 46)", "%"),
        ),
    ),
    "scale": (
        "scale 9",
        "noise",
        30,
        11.0,
        (
            measured("weight", 0.85, 25.31, "24.9 (24.6 25.2)", "kg"),
            measured("belt_speed", 0.15, 0.52, "0.5 (0.46 0.54)", "m/s"),
        ),
    ),
    "valve": ("valve-22", "stuck", 50, 400.0, (measured("position", 1.0, 37, "44 (20 68)", "%"),)),
    "nursery": (
        "nursery",
        "level_shift",
        10,
        6.0,
        (
            measured("co2", 0.6, 1320, "640 (450 830)", "ppm"),
            measured("temperature", 0.3, 23.9, "21 (19.8 22.2)", "°C"),
            measured("humidity", 0.1, 46, "45 (40 50)", "%"),
        ),
    ),
    "pumphouse": (
        "pump house",
        "drift",
        90,
        60.0,
        (
            measured("discharge_flow", 0.5, 31.7, "38.5 (36.9 40.1)", "m³/h"),
            measured("motor_current", 0.4, 27.9, "24.1 (22.9 25.3)", "A"),
            measured("suction_pressure", 0.1, 0.61, "0.8 (0.7 0.9)", "bar"),
        ),
    ),
    "dryer": (
        "dryer",
        "spike",
        1,
        90.0,
        (
            measured("drum_temp", 0.8, 142, "118 (112 124)", "°C"),
            measured("exhaust_humidity", 0.2, 0.08, "0.12 (0.09 0.15)", "kg/kg"),
        ),
    ),
}
