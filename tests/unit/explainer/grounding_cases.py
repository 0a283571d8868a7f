"""Sentences about incidents: true ones that a model might write, and subtly false ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.anomaly import Contribution
from explainer.evidence import Describer
from explainer.grounding.facts import facts_of
from explainer.incidents.incidents import merge
from explainer.words.knowledge import load_knowledge
from tests.unit.explainer.anomalies import anomaly

if TYPE_CHECKING:
    from contracts.anomaly import Kind
    from explainer.grounding.facts import Facts

KNOWLEDGE = load_knowledge()


def _facts(device: str, kind: Kind, contributions: tuple[Contribution, ...], rarity_days: float | None = None) -> Facts:
    incident = anomaly(device=device, kind=kind, contributions=contributions, rarity_days=rarity_days)
    return facts_of(merge(None, incident, Describer(KNOWLEDGE)).record.alert, KNOWLEDGE)


CURRENT = Contribution(metric="current", share=0.55, observed=11.9, expected=23.04, lower=20.21, upper=25.87, unit="A")
SPEED = Contribution(
    metric="motor_rpm", share=0.25, observed=1473.2, expected=1465.5, lower=1444.5, upper=1486.5, unit="1/min"
)
HEAT = Contribution(
    metric="temperature", share=0.2, observed=66.09, expected=66.52, lower=65.39, upper=67.65, unit="°C"
)
FLOW = Contribution(
    metric="Volume Flow RateRMS", share=0.6, observed=76.0, expected=125.1, lower=120.3, upper=130.2, unit="l/min"
)
SHAKING = Contribution(
    metric="Accelerometer1RMS", share=0.4, observed=0.0274, expected=0.0231, lower=0.0221, upper=0.0242, unit="g"
)
GONE = Contribution(metric="pressure", share=1.0, observed=None, expected=3.1, unit="bar")
INCIDENTS = {
    "press": _facts("press-1", "spike", (CURRENT, SPEED, HEAT)),
    "skab": _facts("valve1", "level_shift", (FLOW, SHAKING), 12.3),
    "gone": _facts("boiler", "dropout", (GONE,)),
    "silent": _facts("fan 2", "silence", ()),
}
TRUE: dict[str, list[str]] = {
    "press": [
        "The motor current dropped to 11.9 A, well below the expected 23.04 A.",
        "Sudden drop in current on press-1",
        "Current fell from about 23 A to 11.9 A while motor_rpm and temperature stayed within their usual ranges.",
        "current of press-1 is 11.9 A. Motor RPM (1473 1/min) and temperature (66.09 °C) remain normal.",
        "Current is about 48% lower than expected.",
        "A current of 11.9 A was observed against an expected value of 23.04 A. Motor speed is 1473 rpm.",
        "current is far too low (11.9 A instead of 23 A), although motor_rpm is normal at 1473.2 1/min.",
        "The measured current (11.9 A) lies outside the usual range (20.21-25.87 A).",
        "Low current draw with normal speed",
        "Press-1 current unexpectedly low",
    ],
    "skab": [
        "Volume Flow RateRMS decreased to 76 l/min, below the expected 125.1 l/min.",
        "Flow rate is reduced and vibration is elevated",
        "Volume Flow RateRMS is 76 l/min against 125.1 l/min expected, and Accelerometer1RMS rose to 0.0274 g.",
        "The volume flow rate is below its lower limit of 120.3 l/min.",
        "Flow dropped by about 39%, while Accelerometer1RMS is above the usual 0.0221 to 0.0242 g.",
        "Reduced Volume Flow RateRMS with increased Accelerometer1RMS",
        "This happens about once every 12 days; Volume Flow RateRMS is the main contributor (60%).",
        "Volume Flow RateRMS is 49.1 l/min below the expected value.",
    ],
    "gone": [
        "pressure gives no value; about 3.1 bar was expected.",
        "No pressure readings since the incident opened",
        "The pressure sensor stopped reporting values. The expected value is 3.1 bar.",
    ],
    "silent": [
        "The device fan 2 has stopped sending readings.",
        "fan 2 went silent",
        "No readings have arrived; the device may be powered down.",
    ],
}
FALSE: dict[str, list[str]] = {
    "press": [
        "Current rose to 23.04 A.",
        "motor_rpm dropped to 1473 1/min.",
        "Temperature is 11.9 °C.",
        "current is 11.9 V.",
        "current is 19 A instead of 23 A.",
        "High current on press-1",
        "motor_rpm is 11.9 1/min",
        "current (11.9 A) exceeds the expected 23 A",
        "current dropped to 11.9 A, expected 25.87 to 28 A",
        "The temperature is 66.52 °C, expected 66.09 °C.",
        "Vibration rose on press-1; current is low",
        "current is 12.9 A, below 23.04 A",
        "press-2 current is low: 11.9 A and 40 A",
        "Current is about 70% lower than expected.",
        "motor_rpm increased to 1486.5 1/min",
    ],
    "skab": [
        "Accelerometer1RMS fell to 0.0231 g",
        "flow is 125.1 l/min, expected 76",
        "Volume Flow RateRMS is 0.0274 l/min",
        "Accelerometer1RMS is 76 g",
        "Flow is elevated",
        "Volume Flow RateRMS is 76 m³/h, below expected",
        "vibration is reduced",
        "Happens every 30 days: Volume Flow RateRMS",
    ],
    "gone": [
        "pressure is 3.1 bar.",
        "pressure rose",
        "pressure is 0 bar",
    ],
    "silent": [
        "fan 2 reports 40 °C",
        "The temperature is high",
    ],
}
