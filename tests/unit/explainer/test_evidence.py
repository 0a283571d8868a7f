from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.alert import Alert
from contracts.anomaly import Contribution, Kind
from contracts.codec import decode, encode
from explainer.bell import bell_text
from explainer.errors import KnowledgeError
from explainer.evidence import Describer
from explainer.incidents.incidents import merge
from explainer.words.knowledge import load_knowledge
from explainer.words.usual import side
from explainer.words.wording import clean, number, quantity, rarity, span, strip_escapes
from tests.unit.explainer.anomalies import PRESSURE, TEMPERATURE, anomaly

if TYPE_CHECKING:
    from pathlib import Path

    from explainer.incidents.handling import News

DESCRIBE = Describer(load_knowledge())


def contribution(observed: float | None, **other: float | str | None) -> Contribution:
    """Make a temperature that should be about 70 °C."""
    return msgspec.structs.replace(TEMPERATURE, observed=observed, **other)


def alert_of(**what: object) -> Alert:
    """Make the alert of one opening anomaly."""
    return merge(None, anomaly(**what), DESCRIBE).record.alert  # type: ignore[arg-type]


def test_the_reason_says_what_was_seen_expected_usual_and_how_rare() -> None:
    """A reader learns device, metric, values with units, since when, and how often such a thing happens."""
    assert DESCRIBE(anomaly()).reason == (
        "On boiler, temperature is 95.25 °C, expected 70.1 °C (usually 65 to 75 °C), since 2026-11-22 06:00:00 UTC. "
        "Also pressure is 2 bar, expected 3.1 bar (usually 2.5 to 3.5 bar). "
        "By its own history this device shows something as unusual about once in 40 days."
    )


def test_how_rare_is_bounded_by_the_time_watched() -> None:
    """What was never seen in three hours is told as that, not as something that comes once a year."""
    watched = msgspec.structs.replace(anomaly(), rarity_days=0.125, watched_days=0.125)
    assert DESCRIBE(watched).reason.endswith(
        "Nothing as unusual was seen before in the 3 hours that this device has been watched."
    )
    seen = msgspec.structs.replace(anomaly(), rarity_days=0.05, watched_days=0.125)
    assert DESCRIBE(seen).reason.endswith("shows something as unusual about every 1.2 hours.")


def test_a_stuck_value_is_told_to_be_so_since_it_last_moved() -> None:
    """The time when the incident opened is later, and says less."""
    stuck = msgspec.structs.replace(anomaly(kind="stuck"), since=datetime(2026, 11, 22, 5, 40, tzinfo=UTC))
    assert "has not moved from 95.25 °C since 2026-11-22 05:40:00 UTC." in DESCRIBE(stuck).reason


@pytest.mark.parametrize(
    ("kind", "observed", "label"),
    [
        ("spike", 95.0, "temperature jumped up"),
        ("spike", 20.0, "temperature dropped suddenly"),
        ("level_shift", 20.0, "temperature has shifted down"),
        ("drift", 80.0, "temperature is drifting up"),
        ("stuck", 70.1, "temperature is stuck at 70.1 °C"),
        ("noise", 72.0, "temperature is unusually noisy"),
        ("dropout", None, "temperature gives no value"),
        ("correlation", 72.0, "temperature and pressure no longer go together"),
        ("out_of_range", 999.0, "temperature is above its allowed range"),
        ("silence", None, "temperature has gone silent"),
        ("clock", 70.0, "The clock of boiler is wrong"),
        ("schema", 70.0, "boiler sends other metrics than before"),
    ],
)
def test_the_label_names_the_trouble(kind: Kind, observed: float | None, label: str) -> None:
    """Each kind has its own short words, with the direction where there is one."""
    assert DESCRIBE(anomaly(kind=kind, contributions=(contribution(observed), PRESSURE))).label == label


def test_noise_is_told_as_such_whichever_way_the_value_stands() -> None:
    """A value that jumps about within its range is neither too high nor too low: its causes are those of noise."""
    words = DESCRIBE(anomaly(kind="noise", contributions=(contribution(69.5),)))
    assert words.reason.startswith("On boiler, temperature jumps about more than usual; it is 69.5 °C, expected 70.1")
    assert words.causes[0].cause == "a loose contact or damaged cable"


@pytest.mark.parametrize("kind", get_args(Kind))
@pytest.mark.parametrize("contributions", [(), (contribution(None, expected=None, lower=None, upper=None),)])
def test_every_kind_has_words_without_evidence_too(kind: Kind, contributions: tuple[Contribution, ...]) -> None:
    """An anomaly that says little still gives a label, a reason, causes and checks."""
    wording = DESCRIBE(anomaly(kind=kind, contributions=contributions, rarity_days=None))
    assert wording.label
    assert wording.reason.endswith(".")
    assert wording.causes
    assert wording.actions


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(7380, "times 2 h 3 min ahead of the real time"), (-90, "1 min 30 s behind the real time"), (0, "have jumped")],
)
def test_a_wrong_clock_says_how_wrong_it_is(seconds: float, words: str) -> None:
    """Ahead or behind, and by how much, as the device's time and ours tell."""
    raised = anomaly(kind="clock", contributions=())
    wrong = msgspec.structs.replace(raised, measured_at=raised.received_at + timedelta(seconds=seconds))
    assert words in DESCRIBE(wrong).reason


def test_changed_metrics_are_named() -> None:
    """What comes no more, what is new, and what comes with other values than it did."""
    gone = contribution(None, metric="old")
    new = contribution(1.0, metric="new", expected=None, lower=None, upper=None)
    raised = anomaly(kind="schema", contributions=(gone, new, contribution(158.0, unit="°F")))
    reason = DESCRIBE(raised).reason
    assert "old comes no more; new is new; temperature comes as 158 °F, expected about 70.1" in reason


def test_what_is_far_off_says_how_far() -> None:
    """In widths of the usual range, where that says more than the figures do."""
    assert "42 times the width of that range above it" in DESCRIBE(anomaly(contributions=(contribution(500.0),))).reason
    assert "width" not in DESCRIBE(anomaly()).reason
    never_moved = contribution(3.6, expected=7.2, lower=7.1999999999, upper=7.2000000001)
    assert "width" not in DESCRIBE(anomaly(contributions=(never_moved,))).reason


def test_causes_know_what_the_metric_measures() -> None:
    """A pressure that is too low suggests a leak, before the general thoughts; the likeliest comes first."""
    causes = DESCRIBE(anomaly(contributions=(PRESSURE,))).causes
    assert causes[0].cause == "a leak"
    assert [cause.confidence for cause in causes] == sorted((cause.confidence for cause in causes), reverse=True)


@pytest.mark.parametrize(
    ("metric", "unit", "expected"),
    [
        ("x", "rpm", "speed"),
        ("coolantTemp", None, "temperature"),
        ("Volume Flow RateRMS", None, "flow"),
        ("x", None, None),
    ],
)
def test_quantities_are_recognised(metric: str, unit: str | None, expected: str | None) -> None:
    """By unit, or by a word in the name however it is written."""
    knowledge = load_knowledge()
    found = knowledge.quantity(Contribution(metric=metric, share=1.0, unit=unit))
    assert found == (knowledge.quantities[expected] if expected else None)


@pytest.mark.parametrize(
    "text",
    [
        "[kinds",
        "[kinds.spike]\ncauses=['a 3']\nchecks=[]\n[quantities]",
        "[kinds]\n[quantities]",
        "[x]\n[kinds]\n[quantities]",
    ],
)
def test_a_wrong_file_of_texts_is_refused(tmp_path: Path, text: str) -> None:
    """Broken TOML, a number in a hypothesis, a missing kind and an unknown table are each named with the file."""
    (tmp_path / "texts.toml").write_text(text)
    with pytest.raises(KnowledgeError, match=r"texts\.toml"):
        load_knowledge(tmp_path / "texts.toml")


@pytest.mark.parametrize(
    ("observed", "expected"), [(95.0, "above"), (20.0, "below"), (70.0, "within"), (None, "missing")]
)
def test_a_value_stands_on_one_side_of_its_range(observed: float | None, expected: str) -> None:
    """Above, below, within, or missing."""
    assert side(contribution(observed)) == expected


def test_numbers_read_well() -> None:
    """Four significant digits, no trailing zeros, powers of ten only for the extremes."""
    written = [number(value) for value in (0, 95.2, 1234567.0, -0.012343, 3.4e38, 1e-9, 100.0, 12.0)]
    assert written == ["0", "95.2", "1234567", "-0.01234", "3.4e+38", "1e-09", "100", "12"]
    assert [quantity(21.5, "°C"), quantity(40, "%"), quantity(None, "V")] == ["21.5 °C", "40%", "no value"]


def test_spans_and_rarity_read_well() -> None:
    """Two units at most; rarity from hours to years."""
    assert [span(timedelta(seconds=s)) for s in (0, 59, 400, 90_000)] == ["0 s", "59 s", "6 min 40 s", "1 d 1 h"]
    assert [rarity(days) for days in (0.01, 0.039, 0.0419, 0.5, 0.9985, 1.04, 3.14, 40, 1000)] == [
        "several times an hour (14.4 minutes apart)",
        "about every 56.2 minutes",
        "about every hour",
        "about every 12 hours",
        "about once a day",
        "about once a day",
        "about once in 3.1 days",
        "about once in 40 days",
        "less than once a year",
    ]


@given(st.text())
def test_clean_text_obeys_nobody(text: str) -> None:
    """No control, bidi, tag or unassigned character is left, no line break, and the length is bounded."""
    cleaned = clean(text, 20)
    assert cleaned.isprintable()
    assert len(cleaned) <= 20


def test_escape_sequences_go_as_a_whole() -> None:
    """Colours, titles and links of a terminal leave no letters behind."""
    text = "a\x1b[31mred\x1b[0m\x1b]0;title\x07b\x1b]8;;http://x\x1b\\c\x9b2Jd\x1b7e\x1b]unended"
    assert strip_escapes(text) == "aredbcde"


def test_hostile_names_are_only_names() -> None:
    """Escape codes and bidi marks in names appear nowhere in label, reason or bell."""
    evil = msgspec.structs.replace(TEMPERATURE, metric="temp\u202e\x1b[2J\nIgnore all", unit="\x07bar")
    alert = alert_of(device="dev\u2066ice", contributions=(evil,))
    bell = bell_text(alert, "opened")
    assert bell is not None
    for text in (alert.label, alert.reason, alert.evidence.text, *bell.split("\n")):
        assert text.isprintable()


@settings(deadline=None)
@given(
    st.sampled_from(get_args(Kind)),
    st.lists(
        st.builds(
            Contribution,
            metric=st.text(min_size=1, max_size=128),
            share=st.floats(0, 1),
            observed=st.none() | st.floats(-3e38, 3e38),
            expected=st.none() | st.floats(-3e38, 3e38),
            lower=st.none() | st.floats(-3e38, 3e38),
            upper=st.none() | st.floats(-3e38, 3e38),
            unit=st.none() | st.text(min_size=1, max_size=32),
        ),
        max_size=5,
    ),
)
def test_every_alert_is_valid(kind: Kind, contributions: list[Contribution]) -> None:
    """Whatever the evidence holds, the alert decodes by its own contract and its texts can be shown."""
    alert = alert_of(kind=kind, contributions=tuple(contributions))
    assert decode(encode(alert), Alert) == alert
    assert alert.label.isprintable()
    assert alert.evidence.text.isprintable()


@pytest.mark.parametrize(
    ("news", "first"),
    [
        ("opened", "🚨 boiler: temperature has shifted up [major]"),
        ("worsened", "🚨 Worse: boiler: temperature has shifted up [major]"),
        ("reopened", "🚨 Again: boiler: temperature has shifted up [major]"),
        ("closed", "✅ Over: boiler: temperature has shifted up [major]"),
    ],
)
def test_the_bell_rings_in_a_few_lines(news: News, first: str) -> None:
    """The first line says what happened to which device; at most four lines follow."""
    text = bell_text(alert_of(), news)
    assert text is not None
    assert text.split("\n")[0] == first
    assert len(text.split("\n")) <= 5


def test_the_bell_names_the_device_once() -> None:
    """Where the label is about the device itself, its name does not stand before it again."""
    text = bell_text(alert_of(kind="silence", contributions=()), "opened")
    assert text is not None
    assert text.split("\n")[0] == "🚨 boiler has gone silent [major]"


def test_nobody_hears_of_updates_or_of_a_snoozed_alert_that_worsens() -> None:
    """Updates, handling and the worsening of a snoozed alert ring no bell."""
    record = merge(None, anomaly(), DESCRIBE).record
    snoozed = replace(record, alert=msgspec.structs.replace(record.alert, status="snoozed")).alert
    assert [bell_text(snoozed, news) for news in ("updated", "handled", "none", "worsened")] == [None] * 4


def test_a_metric_that_is_odd_within_its_usual_range_is_told_as_that() -> None:
    """Nobody reads that a value is wrong which stands where it usually does."""
    words = DESCRIBE(anomaly(contributions=(contribution(73.0),)))
    assert words.label == "temperature has shifted up within its usual range"
    assert "temperature is 73 °C, within its usual range (65 to 75 °C), but 70.1 °C was expected, since" in words.reason
    usual = DESCRIBE(anomaly(contributions=(contribution(70.1),)))
    assert usual.label == "temperature has shifted to another level"
    assert "temperature is 70.1 °C, which is usual (65 to 75 °C), but its course is not, since" in usual.reason


def test_a_range_without_width_is_one_number() -> None:
    """A metric that hardly ever moves is usually at its one value."""
    still = contribution(0.6, expected=0.5, lower=0.49999, upper=0.50001, unit="W")
    assert "is 0.6 W, expected 0.5 W (usually 0.5 W), since" in DESCRIBE(anomaly(contributions=(still,))).reason


def test_an_incident_that_opened_again_is_told_as_that() -> None:
    """It was there before, so it is not new since it came back."""
    reason = DESCRIBE(anomaly("reopen", 900, began_after_s=900)).reason
    assert ", again since 2026-11-22 06:15:00 UTC." in reason


def test_the_partner_of_a_metric_is_not_called_odd_where_it_is_not() -> None:
    """Of two that no longer go together, one may be where it should be."""
    pair = (TEMPERATURE, contribution(71.0, metric="partner", share=0.2))
    assert (
        "Beside it partner is 71 °C, expected 70.1 °C"
        in DESCRIBE(anomaly(kind="correlation", contributions=pair)).reason
    )


def test_metrics_within_their_range_are_said_to_be() -> None:
    """What is not out of the ordinary is named in one sentence, without figures."""
    usual = [contribution(71.0, metric=f"t{i}", share=0.1) for i in (1, 2)]
    reason = DESCRIBE(anomaly(contributions=(TEMPERATURE, *usual))).reason
    assert "t1 and t2 are within their usual ranges." in reason
    assert "71 °C" not in reason
