"""The evidence that the answers in answers_blind.txt speak of, and the other devices of the site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.explainer.grounding.incidents import measured

if TYPE_CHECKING:
    from tests.unit.explainer.grounding.incidents import Case

SITE = (
    "chiller-3",
    "oven 1",
    "tank-12",
    "compressor A",
    "kitchen",
    "laundry",
    "inverter-east",
    "conveyor-6",
    "garage",
    "office",
)

BLIND_CASES: dict[str, Case] = {
    "chiller": (
        "chiller-4",
        "drift",
        8,
        45.0,
        (
            measured("supply_temp", 0.7, 9.8, "6.5 (5.8 7.2)", "°C"),
            measured("compressor_current", 0.2, 31.4, "26 (23 29)", "A"),
            measured("flow", 0.1, 118, "120 (112 128)", "l/min"),
        ),
    ),
    "oven": (
        "oven 2",
        "level_shift",
        22,
        18.0,
        (
            measured("zone_temp", 0.8, 187, "220 (214 226)", "°C"),
            measured("heater_power", 0.2, 3.1, "7.4 (6.6 8.2)", "kW"),
        ),
    ),
    "tank": ("tank-11", "stuck", 30, None, (measured("level", 1.0, 61.5, "58.2 (41 74)", "%"),)),
    "compressor": (
        "compressor B",
        "noise",
        12,
        21.0,
        (
            measured("discharge_pressure", 0.65, 9.4, "7 (6.7 7.3)", "bar"),
            measured("oil_temp", 0.35, 71, "70 (66 74)", "°C"),
        ),
    ),
    "bathroom": (
        "bathroom",
        "spike",
        2,
        None,
        (
            measured("humidity", 0.9, 91, "55 (45 65)", "%"),
            measured("temperature", 0.1, 22.4, "21.8 (20.5 23.1)", "°C"),
        ),
    ),
    "inverter": (
        "inverter-west",
        "out_of_range",
        6,
        80.0,
        (
            measured("grid_voltage", 0.7, 256, "232 (226 238)", "V"),
            measured("output_power", 0.3, 0, "4.2 (3.4 5)", "kW"),
        ),
    ),
    "mast": ("weather mast", "dropout", 5, None, (measured("wind_speed", 1.0, None, "6.2", "m/s"),)),
    "conveyor": (
        "conveyor-5",
        "correlation",
        9,
        33.0,
        (
            measured("motor_torque", 0.6, 48, "35 (30 40)", "Nm"),
            measured("belt_speed", 0.4, 0.82, "0.9 (0.84 0.96)", "m/s"),
        ),
    ),
    "gate": ("gate sensor", "silence", 0, None, ()),
    "server": (
        "server room",
        "drift",
        40,
        14.0,
        (
            measured("temperature", 0.75, 29.3, "23 (21.5 24.5)", "°C"),
            measured("fan_speed", 0.25, 2950, "1800 (1600 2000)", "1/min"),
        ),
    ),
}
