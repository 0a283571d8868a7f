"""The evidence that the answers in answers_plants.txt speak of, and the other devices of the site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.explainer.grounding.incidents import measured

if TYPE_CHECKING:
    from tests.unit.explainer.grounding.incidents import Case

PLANT_SITE = (
    "WT-08",
    "rack-B11",
    "hive 4",
    "pharmacy fridge",
    "EV charger 15",
    "quarantine tank",
    "lift 2",
    "printer 20",
    "printer 22",
    "heat pump",
)

PLANT_CASES: dict[str, Case] = {
    "wind turbine": (
        "WT-07",
        "spike",
        1,
        90.0,
        (
            measured("nacelle_vibration", 0.8, 0.41, "0.12 (0.06 0.18)", "g"),
            measured("rotor_speed", 0.12, 14.8, "14.5 (13.2 15.8)", "rpm"),
            measured("power_output", 0.08, 1720, "1810 (1650 1970)", "kW"),
        ),
    ),
    "server rack": (
        "rack-B12",
        "level_shift",
        18,
        27.0,
        (
            measured("inlet_temp", 0.46, 31.6, "24 (22.5 25.5)", "°C"),
            measured("exhaust_temp", 0.3, 43.9, "36.5 (34 39)", "°C"),
            measured("fan_rpm", 0.18, 9800, "6200 (5600 6800)", "rpm"),
            measured("cpu_load", 0.04, 52, "55 (40 70)", "%"),
            measured("supply_voltage", 0.02, 229.8, "230.4 (226 235)", "V"),
        ),
    ),
    "hive": (
        "hive 9",
        "drift",
        72,
        60.0,
        (
            measured("brood_temp", 0.65, 29.4, "34.8 (34 35.6)", "°C"),
            measured("weight", 0.35, 38.2, "44.5 (42.5 46.5)", "kg"),
        ),
    ),
    "pharmacy freezer": (
        "ULT freezer",
        "out_of_range",
        5,
        150.0,
        (
            measured("chamber_temp", 0.75, -61.5, "-79 (-82 -76)", "°C"),
            measured("compressor_current", 0.25, 9.6, "5.2 (4.4 6)", "A"),
        ),
    ),
    "charger": (
        "EV charger 14",
        "correlation",
        11,
        40.0,
        (
            measured("charge_current", 0.55, 12.4, "31.5 (29.5 33.5)", "A"),
            measured("connector_temp", 0.35, 57.2, "41 (36 46)", "°C"),
            measured("line_voltage", 0.1, 231, "230 (225 235)", "V"),
        ),
    ),
    "aquarium": ("reef tank", "stuck", 96, 200.0, (measured("ph", 1.0, 8.12, "8.21 (8.05 8.37)", "pH"),)),
    "lift": (
        "lift 3",
        "noise",
        16,
        12.0,
        (
            measured("door_motor_current", 0.7, 6.9, "2.4 (1.8 3)", "A"),
            measured("cabin_vibration", 0.2, 38, "21 (15 27)", "mg"),
            measured("travel_time", 0.1, 17.9, "17.5 (16.5 18.5)", "s"),
        ),
    ),
    "printer": ("printer 21", "silence", 0, None, ()),
}
