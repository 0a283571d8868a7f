"""The evidence that the answers in answers_stations.txt speak of, and the other devices of the site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.explainer.grounding.incidents import measured

if TYPE_CHECKING:
    from tests.unit.explainer.grounding.incidents import Case

STATION_SITE = (
    "milking robot 1",
    "paint booth 2",
    "cabinet N8",
    "substation Oak",
    "laser-2",
    "greenhouse A",
    "booster pump",
    "escalator 3",
    "barn",
    "workshop",
)

STATION_CASES: dict[str, Case] = {
    "robot": (
        "milking robot 2",
        "drift",
        18,
        30.0,
        (
            measured("milk_conductivity", 0.5, 6.9, "5.1 (4.6 5.6)", "mS/cm"),
            measured("milk_temp", 0.22, 39.8, "38.3 (37.7 38.9)", "°C"),
            measured("milk_yield", 0.18, 8.4, "12 (10 14)", "kg"),
            measured("flow_rate", 0.07, 2.6, "2.8 (2.2 3.4)", "kg/min"),
            measured("vacuum", 0.03, 42.6, "42 (40.5 43.5)", "kPa"),
        ),
    ),
    "booth": (
        "paint booth 1",
        "level_shift",
        16,
        25.0,
        (
            measured("filter_dp", 0.55, 410, "220 (170 270)", "Pa"),
            measured("air_velocity", 0.35, 0.27, "0.45 (0.4 0.5)", "m/s"),
            measured("booth_temp", 0.1, 23.4, "23 (22 24)", "°C"),
        ),
    ),
    "cabinet": (
        "cabinet N7",
        "spike",
        2,
        None,
        (
            measured("load_current", 0.6, 41.5, "18 (15 21)", "A"),
            measured("battery_voltage", 0.3, 48.6, "54.2 (53.6 54.8)", "V"),
            measured("inside_temp", 0.1, 31, "30 (26 34)", "°C"),
        ),
    ),
    "substation": (
        "substation Elm",
        "correlation",
        11,
        45.0,
        (
            measured("return_temp", 0.5, 58, "42 (38 46)", "°C"),
            measured("flow", 0.3, 3.4, "2.6 (2.1 3.1)", "m³/h"),
            measured("valve_position", 0.15, 52, "48 (36 60)", "%"),
            measured("supply_temp", 0.05, 84.5, "85 (80 90)", "°C"),
        ),
    ),
    "laser": (
        "laser-1",
        "noise",
        20,
        12.0,
        (
            measured("beam_power", 0.85, 3.62, "4 (3.9 4.1)", "kW"),
            measured("gas_pressure", 0.15, 14.6, "15 (14.2 15.8)", "bar"),
        ),
    ),
    "glasshouse": (
        "greenhouse B",
        "stuck",
        36,
        60.0,
        (measured("soil_moisture", 1.0, 33.4, "27.5 (20 35)", "%"),),
    ),
    "tower": ("water tower", "silence", 0, None, ()),
    "escalator": (
        "escalator 4",
        "out_of_range",
        5,
        90.0,
        (
            measured("handrail_speed", 0.5, 0.41, "0.5 (0.48 0.52)", "m/s"),
            measured("motor_current", 0.4, 22.8, "16 (13 19)", "A"),
            measured("gearbox_temp", 0.1, 66, "61 (50 72)", "°C"),
        ),
    ),
}
