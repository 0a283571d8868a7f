from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explainer.errors import AnswerError
from explainer.evidence import Describer
from explainer.grounding.check import check_grounding
from explainer.grounding.facts import facts_of
from explainer.grounding.units import scale
from explainer.incidents.incidents import merge
from explainer.words.knowledge import load_knowledge
from tests.unit.explainer import grounding_cases
from tests.unit.explainer.anomalies import PRESSURE, TEMPERATURE, anomaly

KNOWLEDGE = load_knowledge()
# temperature 95.25 °C, expected 70.1, usually 65 to 75 (80 %); pressure 2 bar, expected 3.1, usually 2.5 to 3.5.
ALERT = merge(None, anomaly(), Describer(KNOWLEDGE)).record.alert
FACTS = facts_of(ALERT, KNOWLEDGE)

TRUE = [
    "pressure is 2 bar against 3.1 bar expected, and temperature rose to 95.25 °C.",
    "temperature rose from about 70 °C to 95.25 °C.",
    "Temperature above its usual range",
    "High temperature and low pressure",
    "Boiler temperature jumped while pressure dropped",
    "temperature reads 95.25 °C where 70.1 °C was expected.",
    "The temperature of boiler is 95.3 °C, well above the expected 70 °C.",
    "temperature is 95 degrees Celsius instead of the usual 65 to 75 °C. pressure is 2 bar, below expected 3.1 bar.",
    "The boiler's temperature rose to 95.25 °C (expected 70.1 °C).",
    "temperature has risen from 70.1 °C to 95.25 °C.",
    "pressure fell to 2 bar, under its usual range of 2.5 to 3.5 bar.",
    "pressure of 2.0 bar is below 2.5 bar.",
    "temperature is 25 °C above what was expected; pressure is lower than usual.",
    "temperature is 36 % above the expected value.",
    "Both temperature and pressure differ from what is usual, with temperature contributing 80 %.",
    "Such an event comes about once in 40 days; temperature leads.",
    "temperature is above its usual range at 95.25 °C.",
    "Elevated temperature; reduced pressure.",
    "The current temperature is beyond its upper limit of 75 °C.",
    "It is unusual for this device. It shows high temperature over the last minutes.",
    "The anomaly of temperature has major severity with high confidence.",
    "Temperature exceeded 75 °C.",
]
FALSE = [
    "pressure at 2 bar and temperature at 95.25 °C are both above what was expected.",
    "temperature, pressure are above their ranges",
    "Temperature below its usual range",  # direction
    "Low temperature and high pressure",
    "temperature and pressure are high",
    "pressure jumped while temperature dropped",
    "temperature reads 70.1 °C where 95.25 °C was expected.",  # roles swapped
    "pressure is 95.25 bar, expected 70.1 bar.",  # another metric's numbers
    "temperature is 2 °C.",
    "pressure is -2 bar, below 3.1 bar.",
    "pressure is 2e9999 bar.",
    "temperature is 95.25 bar.",  # unit
    "temperature is 95.25 K.",
    "temperature is 96.4 °C.",  # invented number
    "temperature is 952.5 °C.",
    "pressure fell to 1.5 bar.",
    "temperature rose by 40 %.",
    "The humidity is high.",  # metric that is not there
    "The motor's vibration exceeded its limit.",
    "Once in 7 days this happens.",
    "temperature doubled.",
    "pressure is over 3.5 bar.",
    "temperature rose to ninety degrees.",
    "temperature has fallen from 95.25 °C to 70.1 °C.",
    "temperature is within 65 to 85 °C.",
    "temperature is usually 60 to 75 °C.",
    "Call 0800 1234567 now.",
    "major",  # says nothing
    "pressure is above the expected 3.1 bar at 2 bar.",
    "temperature contributes 20 %.",
    "temperature is 95.25 below what was expected.",
    "temperature is 95.25, below what was expected.",
]


@pytest.mark.parametrize("text", TRUE)
def test_what_the_evidence_holds_may_be_said(text: str) -> None:
    """True sentences pass, rounded numbers, unit words and implied subjects included."""
    check_grounding([text], FACTS)


@pytest.mark.parametrize("text", FALSE)
def test_what_the_evidence_does_not_hold_is_refused(text: str) -> None:
    """Wrong directions, swapped metrics or roles, invented numbers, units and metrics are found."""
    with pytest.raises(AnswerError):
        check_grounding([text], FACTS)


def test_the_evidence_text_itself_is_grounded() -> None:
    """Our own label passes the check that a model's must pass."""
    check_grounding([ALERT.label], FACTS)


def test_names_are_recognised_however_they_are_separated() -> None:
    """A metric with digits and separators in its name may be written with others, and its digits are no numbers."""
    odd = msgspec.structs.replace(TEMPERATURE, metric="Accelerometer1_RMS", unit=None)
    alert = merge(None, anomaly(contributions=(odd, PRESSURE)), Describer(KNOWLEDGE)).record.alert
    facts = facts_of(alert, KNOWLEDGE)
    check_grounding(
        ["Accelerometer1_RMS and accelerometer1 rms are high: 95.25", "Accelerometer1-RMS is above 75"], facts
    )
    with pytest.raises(AnswerError):
        check_grounding(["Accelerometer2_RMS is 95.25"], facts)


@given(
    st.floats(-1e6, 1e6).filter(
        lambda x: abs(x - 95.25) > 1 and abs(x - 25.15) > 1 and abs(x - 30.25) > 1 and abs(x - 20.25) > 1
    ),
    st.integers(0, 3),
)
def test_no_other_number_passes_as_seen(value: float, places: int) -> None:
    """Only what was observed, or how far it is off, may be stated as seen."""
    stated = f"{value:.{places}f}"
    if (
        abs(abs(float(stated)) - 95.25) <= 5
        or abs(abs(float(stated)) - 25.15) <= 5
        or abs(float(stated)) in {20.0, 30.0}
    ):
        return  # rounds to a fact
    with pytest.raises(AnswerError):
        check_grounding([f"temperature is {stated} °C"], FACTS)


def test_a_unit_that_begins_with_a_figure_is_a_unit() -> None:
    """`1/min` and rpm are the same, and its one is no number."""
    speed = msgspec.structs.replace(TEMPERATURE, metric="motor_rpm", unit="1/min", observed=1473.2, expected=1200.0)
    facts = facts_of(merge(None, anomaly(contributions=(speed,)), Describer(KNOWLEDGE)).record.alert, KNOWLEDGE)
    check_grounding(["motor_rpm is 1473 1/min, above 1200 rpm", "Motor RPM (1,473 1/min) is high"], facts)


def test_where_no_metric_is_shown_only_the_device_may_be_spoken_of() -> None:
    """A silent device may be down; no figure may be given of it."""
    silent = merge(None, anomaly(kind="silence", contributions=()), Describer(KNOWLEDGE)).record.alert
    facts = facts_of(silent, KNOWLEDGE)
    check_grounding(["boiler is silent; it may be powered down"], facts)
    for text in ("boiler reports 40 °C", "The device is no technician"):
        with pytest.raises(AnswerError):
            check_grounding([text], facts)


@pytest.mark.parametrize(
    ("name", "text"), [(name, text) for name, texts in grounding_cases.TRUE.items() for text in texts]
)
def test_true_sentences_about_other_incidents_pass(name: str, text: str) -> None:
    """A press, a valve stand, a dropout and a silent fan, as a model might speak of them."""
    check_grounding([text], grounding_cases.INCIDENTS[name])


@pytest.mark.parametrize(
    ("name", "text"), [(name, text) for name, texts in grounding_cases.FALSE.items() for text in texts]
)
def test_subtly_false_sentences_about_other_incidents_are_refused(name: str, text: str) -> None:
    """Each differs from the truth in one direction, number, unit, role or metric."""
    with pytest.raises(AnswerError):
        check_grounding([text], grounding_cases.INCIDENTS[name])


def test_how_rare_and_how_long_watched_may_be_said_in_the_units_of_the_evidence() -> None:
    """The evidence speaks of days, hours or minutes; other spans are refused."""
    raised = msgspec.structs.replace(anomaly(rarity_days=0.25), watched_days=0.25)
    alert = merge(None, raised, Describer(KNOWLEDGE)).record.alert
    facts = facts_of(alert, KNOWLEDGE)
    check_grounding((alert.label, alert.reason), facts)
    with pytest.raises(AnswerError):
        check_grounding(["temperature is high; in the 9 hours that it was watched this was never seen"], facts)


def test_a_clock_may_be_told_wrong_as_far_and_on_the_side_that_it_is() -> None:
    """How far it is off may be repeated; the other side, or another span, is refused."""
    raised = anomaly(kind="clock", contributions=())
    raised = msgspec.structs.replace(raised, measured_at=raised.received_at + timedelta(seconds=7380))
    alert = merge(None, raised, Describer(KNOWLEDGE)).record.alert
    facts = facts_of(alert, KNOWLEDGE)
    check_grounding((alert.label, alert.reason), facts)
    check_grounding(["The clock of boiler runs 2 h 3 min ahead"], facts)
    for text in ("The clock of boiler is 2 h 3 min behind the real time", "The clock of boiler is 5 h ahead"):
        with pytest.raises(AnswerError):
            check_grounding([text], facts)


@pytest.mark.parametrize(
    ("unit", "other", "expected"),
    [("W", "kW", 0.001), ("cm/s", "m/s", 0.01), ("mbar", "kPa", 0.1), ("t", "kg", 1000.0), ("mW", "MW", 1e-9)],
)
def test_units_of_one_kind_are_converted(unit: str, other: str, expected: float) -> None:
    """Prefixes count, capital and small ones apart."""
    assert scale(unit, other) == pytest.approx(expected)


@pytest.mark.parametrize(("unit", "other"), [("W", "A"), ("m/s", "m/min"), ("psi", "bar"), ("", "V")])
def test_units_of_different_kinds_are_not_converted(unit: str, other: str) -> None:
    """What is not known to measure the same has no factor."""
    assert scale(unit, other) is None


def test_a_metric_that_the_prompt_leaves_out_may_be_spoken_of() -> None:
    """The evidence holds more than the leading metrics; each may be told, with its own figures only."""
    quiet = msgspec.structs.replace(PRESSURE, metric="voltage", unit="V", share=0.01)
    facts = facts_of(
        merge(None, anomaly(contributions=(TEMPERATURE, PRESSURE, quiet)), Describer(KNOWLEDGE)).record.alert, KNOWLEDGE
    )
    check_grounding(["temperature rose to 95.25 °C; voltage is 2 V"], facts)
    with pytest.raises(AnswerError):
        check_grounding(["temperature rose to 95.25 °C; voltage is 95 V"], facts)
