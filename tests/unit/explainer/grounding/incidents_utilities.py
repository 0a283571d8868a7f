"""The evidence that the answers in answers_utilities.txt speak of, and the other devices of the site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.explainer.grounding.incidents import measured

if TYPE_CHECKING:
    from tests.unit.explainer.grounding.incidents import Case

UTILITY_SITE = (
    "aeration basin 1",
    "lift 1",
    "rack B08",
    "fermenter 4",
    "quarantine tank",
    "WT13 gearbox",
    "autoclave 1",
    "wallbox 6",
    "paint dryer",
    "greenhouse",
)

UTILITY_CASES: dict[str, Case] = {
    "utility aerator": (
        "aeration basin 2",
        "drift",
        26,
        28.0,
        (
            measured("dissolved_oxygen", 0.5, 0.6, "2 (1.6 2.4)", "mg/l"),
            measured("blower_current", 0.25, 41.5, "33 (30 36)", "A"),
            measured("air_flow", 0.15, 610, "840 (780 900)", "m³/h"),
            measured("ammonium", 0.07, 6.8, "3.1 (1.9 4.3)", "mg/l"),
            measured("water_temp", 0.03, 14.2, "14 (13.1 14.9)", "°C"),
        ),
    ),
    "utility lift": (
        "lift 2",
        "noise",
        18,
        16.0,
        (
            measured("motor_current", 0.7, 27.5, "18 (15.5 20.5)", "A"),
            measured("car_vibration", 0.3, 0.31, "0.12 (0.06 0.18)", "m/s²"),
        ),
    ),
    "utility rack": (
        "rack B07",
        "level_shift",
        34,
        65.0,
        (
            measured("inlet_temp", 0.55, 31.8, "23.5 (22 25)", "°C"),
            measured("power_draw", 0.3, 6.9, "6.7 (5.9 7.5)", "kW"),
            measured("fan_duty", 0.15, 88, "45 (38 52)", "%"),
        ),
    ),
    "utility fermenter": (
        "fermenter 3",
        "correlation",
        11,
        24.0,
        (
            measured("pressure", 0.45, 1.42, "0.95 (0.8 1.1)", "bar"),
            measured("temperature", 0.35, 17.1, "18.6 (18 19.2)", "°C"),
            measured("co2_flow", 0.2, 2.9, "5.2 (4.4 6)", "l/min"),
        ),
    ),
    "utility reef": ("reef tank", "stuck", 96, None, (measured("salinity", 1.0, 34.9, "35.1 (34.4 35.8)", "ppt"),)),
    "utility gearbox": (
        "WT14 gearbox",
        "spike",
        1,
        None,
        (
            measured("oil_pressure", 0.6, 1.3, "3.4 (3 3.8)", "bar"),
            measured("oil_temp", 0.25, 68.4, "61 (56 66)", "°C"),
            measured("rotor_speed", 0.15, 12.6, "12.4 (11.2 13.6)", "1/min"),
        ),
    ),
    "utility autoclave": (
        "autoclave 2",
        "out_of_range",
        4,
        90.0,
        (
            measured("chamber_temp", 0.65, 127.3, "134.5 (134 137)", "°C"),
            measured("chamber_pressure", 0.35, 2.05, "3.1 (3 3.2)", "bar"),
        ),
    ),
    "utility charger": ("wallbox 5", "silence", 0, None, ()),
}
