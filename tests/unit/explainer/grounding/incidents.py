"""The evidence that the answers in answers.txt speak of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from contracts.anomaly import Contribution
from explainer.evidence import Describer
from explainer.incidents.incidents import merge
from explainer.words.knowledge import load_knowledge
from tests.unit.explainer.anomalies import anomaly

if TYPE_CHECKING:
    from contracts.alert import Alert
    from contracts.anomaly import Kind


def measured(name: str, share: float, observed: float | None, normal: str, unit: str) -> Contribution:
    """Make a contribution; `normal` holds what was expected, and the usual range behind it: "70 (65 75)"."""
    expected, _, usual = normal.partition(" (")
    lower, upper = (float(one) for one in usual.rstrip(")").split()) if usual else (None, None)
    return Contribution(
        metric=name, share=share, observed=observed, expected=float(expected), lower=lower, upper=upper, unit=unit
    )


Case = tuple[str, "Kind", int, float | None, tuple[Contribution, ...]]
CASES: dict[str, Case] = {
    "press": (
        "press-1",
        "spike",
        1,
        None,
        (
            measured("current", 0.55, 11.9, "23.04 (20.21 25.87)", "A"),
            measured("motor_rpm", 0.25, 1473.2, "1465.5 (1444.5 1486.5)", "1/min"),
            measured("temperature", 0.2, 66.09, "66.52 (65.39 67.65)", "°C"),
        ),
    ),
    "pump": (
        "pump-3",
        "level_shift",
        14,
        35.0,
        (
            measured("vibration", 0.62, 7.42, "2.1 (1.4 2.8)", "mm/s"),
            measured("bearing_temp", 0.26, 81.5, "62.0 (58.0 66.0)", "°C"),
            measured("flow", 0.12, 41.2, "48.0 (45.0 51.0)", "l/min"),
        ),
    ),
    "freezer": (
        "cold store 2",
        "drift",
        60,
        120.0,
        (
            measured("temperature", 0.7, -14.2, "-18.5 (-19.5 -17.5)", "°C"),
            measured("power", 0.3, 1.9, "1.2 (0.9 1.5)", "kW"),
        ),
    ),
    "living room": (
        "living room",
        "level_shift",
        25,
        9.0,
        (
            measured("humidity", 0.5, 78.0, "48.0 (40.0 56.0)", "%"),
            measured("co2", 0.42, 1450.0, "620.0 (420.0 820.0)", "ppm"),
            measured("temperature", 0.08, 21.4, "21.1 (20.0 22.3)", "°C"),
        ),
    ),
    "silo": ("silo/4", "stuck", 240, 400.0, (measured("level", 1.0, 3.27, "3.05 (2.6 3.5)", "m"),)),
    "boiler": ("boiler", "dropout", 1, None, (measured("pressure", 1.0, None, "3.1", "bar"),)),
    "fan": ("fan 2", "silence", 0, None, ()),
    "turbine": (
        "turbine A",
        "correlation",
        8,
        20.0,
        (
            measured("Volume Flow RateRMS", 0.6, 118.0, "127.0 (112.0 140.0)", "l/min"),
            measured("Accelerometer1RMS", 0.4, 0.0262, "0.0221 (0.02 0.027)", "g"),
        ),
    ),
    "van": (
        "van-7",
        "out_of_range",
        3,
        60.0,
        (
            measured("voltage", 0.6, 10.8, "12.6 (12.1 13.1)", "V"),
            measured("current", 0.4, 4.2, "0.6 (0.1 1.1)", "A"),
        ),
    ),
    "lathe": (
        "lathe",
        "noise",
        12,
        15.0,
        (
            measured("vibration", 0.9, 4.8, "1.1 (0.6 1.6)", "mm/s"),
            measured("spindle_power", 0.1, 5.6, "5.5 (4.9 6.1)", "kW"),
        ),
    ),
}


def alert_of(case: Case) -> Alert:
    """Return the alert of an incident."""
    device, kind, readings, rarity_days, contributions = case
    raised = anomaly(device=device, kind=kind, readings=readings, rarity_days=rarity_days, contributions=contributions)
    alert = merge(None, raised, Describer(load_knowledge())).record.alert
    return msgspec.structs.replace(alert, evidence=msgspec.structs.replace(alert.evidence, readings=readings))
