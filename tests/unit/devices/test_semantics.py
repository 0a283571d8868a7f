"""What foreign values mean together: rates, words, units, limits."""

from __future__ import annotations

from datetime import timedelta

import pytest

from devices.profiles.profile import Limits, Profile, ProfileFile, Refinement
from devices.recognizer import Recognizer
from devices.semantics.units import converted, spelt
from devices.values import number, switch
from tests.unit.devices.listener import START, Listener, values


def test_a_counter_becomes_its_rate_and_survives_a_reset() -> None:
    """A fall is a reset: that step has no rate."""
    kwh = {"kwh": Refinement(kind="counter", unit="kWh")}
    listener = Listener(ProfileFile(profiles=(Profile(name="m", topic="m/{device}", metrics=kwh),)))
    assert listener.hear(0, "m/meter", {"kwh": 10.0}) == []
    ready = listener.hear(1800, "m/meter", {"kwh": 11.0})
    assert values(ready) == [{"kwh/h": pytest.approx(2.0)}]
    assert ready[0].reading.units == {"kwh/h": "kWh/h"}
    assert listener.hear(3600, "m/meter", {"kwh": 0.5}) == []
    assert values(listener.hear(5400, "m/meter", {"kwh": 0.75})) == [{"kwh/h": pytest.approx(0.5)}]


def test_what_is_named_like_a_counter_is_tried_before_it_is_believed() -> None:
    """Nothing is given meanwhile, so that the meaning of a metric never changes under a model."""
    listener = Listener()
    seen = [values(listener.hear(60 * turn, "m/heater", {"energy": turn * 0.5, "t": 20})) for turn in range(12)]
    assert all(row == [{"t": 20}] for row in seen[:9])
    assert seen[11] == [{"t": 20, "energy/h": pytest.approx(30.0)}]


def test_what_is_named_like_a_counter_and_falls_is_a_level() -> None:
    """It is given as it is from then on."""
    listener = Listener()
    for turn, total in enumerate([5, 4, 6, 3, 7]):
        ready = listener.hear(60 * turn, "m/tank", {"total": total, "t": 20})
    assert values(ready) == [{"t": 20, "total": 7}]


def test_booleans_and_words_are_numbers_or_labels() -> None:
    """On and true are 1; other words are labels, and an unseen one is a notice."""
    listener = Listener()
    for turn in range(101):
        ready = listener.hear(turn, "zigbee2mqtt/valve", {"open": True, "state": "OFF", "mode": "auto"})
    assert values(ready) == [{"open": 1, "state": 0}]
    listener.hear(200, "zigbee2mqtt/valve", {"open": True, "mode": "fault"})
    assert listener.words() == ["label: 'mode' says 'fault' for the first time"]


@pytest.mark.parametrize(
    ("text", "value"),
    [("21.5", 21.5), ("-.5", -0.5), ("+3", 3), ("1e3", 1000), ("0", 0), ("0.10", 0.1)]
    + [(text, None) for text in ("0316E5", "1_000", "nan", "inf", "٣", "007", "1,5", "0x10", "1e999", "", "-", "5 V")],
)
def test_numbers_as_text_follow_a_strict_rule(text: str, value: float | None) -> None:
    """Python's own rule takes identifiers, other scripts and infinities."""
    assert number(text) == value


def test_switch_words() -> None:
    """In any case; nothing else is a switch."""
    assert [switch(word) for word in ("ON", "off", "True", "open", "1")] == [1, 0, 1, None, None]


def test_a_counter_of_history_changes_no_rate() -> None:
    """The rate of what is live goes on from what was live before."""
    kwh = {"kwh": Refinement(kind="counter")}
    listener = Listener(ProfileFile(profiles=(Profile(name="m", topic="m/{device}", metrics=kwh),)))
    for hours, total in ((0, 10.0), (-1, 5.0), (1, 11.0)):
        at = (START + timedelta(hours=hours)).timestamp()
        ready = listener.hear(3600 * max(hours, 0.01), "m/meter", [{"ts": at, "kwh": total}, {"ts": at}])
    assert values(ready)[0] == {"kwh/h": pytest.approx(1.0)}


def test_what_a_topic_said_first_does_not_decide_what_it_says_next() -> None:
    """A deleted message, a number, any JSON: what comes afterwards is read as if nothing had come before."""
    messages = [
        "",
        "21.5",
        "[1, 2]",
        "{}",
        '{"a": 1}',
        '{"name": "m", "fields": {"v": 1}}',
        '[{"n": "t", "v": 2}]',
        "on",
    ]
    payloads = [*messages, *reversed(messages), *messages]
    reader = Recognizer()
    for payload in payloads:
        alone = Recognizer().read("s/d/t", payload.encode(), START)
        assert reader.read("s/d/t", payload.encode(), START) == alone


def test_a_unit_has_one_spelling() -> None:
    """And what nobody knows stays as it is."""
    assert [spelt(one) for one in ("C", "Cel", "degC", "%RH", "mbar", "widgets")] == [
        "°C",
        "°C",
        "°C",
        "%",
        "hPa",
        "widgets",
    ]


def test_a_metric_keeps_the_unit_it_was_first_given_in() -> None:
    """A device that is set to Fahrenheit later does not look like a fire."""
    listener = Listener()
    listener.hear(0, "tele/a/SENSOR", {"X": {"Temperature": 20.0}, "TempUnit": "C"})
    ready = listener.hear(10, "tele/a/SENSOR", {"X": {"Temperature": 68.0}, "TempUnit": "F"})
    assert ready[0].reading.values == {"X.Temperature": pytest.approx(20.0)}
    assert ready[0].reading.units == {"X.Temperature": "°C"}
    assert converted(1.0, "V", "A") is None


def test_our_own_topics_are_left_out() -> None:
    """Whatever profile would fit them."""
    listener = Listener(ProfileFile(profiles=(Profile(name="all", topic="#"),)))
    assert listener.hear(0, "tocsin/readings/a", {"t": 1}) == []


def test_a_device_too_many_is_left_out_and_said_once() -> None:
    """Random addresses of radios do not fill the memory; who was silent for a day gives way."""
    listener = Listener(ProfileFile(limits=Limits(devices=2)))
    for name in ("a", "b", "c", "c"):
        ready = listener.hear(0, f"zigbee2mqtt/{name}", {"t": 1})
    assert ready == []
    assert listener.words() == ["too_many_devices: left out: limits.devices allows 2"]
    assert len(listener.hear(90_000, "zigbee2mqtt/c", {"t": 1})) == 1
    said = listener.interpreter.notices[-1]
    assert (said.device, said.words) == ("a", "not heard for a day, gives way to 'c': limits.devices allows 2")


def test_a_metric_too_many_is_left_out_and_said_once() -> None:
    """Those that were there first stay, as long as they come."""
    listener = Listener(ProfileFile(limits=Limits(metrics_per_device=2)))
    for turn in range(30):
        ready = listener.hear(turn * 10_000, "zigbee2mqtt/a", {"x": 1, "y": 2, "z": 3})
    assert values(ready) == [{"x": 1, "y": 2}]
    assert listener.words() == ["too_many_metrics: 'z' left out: at most 2"]


def test_a_metric_that_keeps_coming_takes_the_place_of_one_that_has_stopped() -> None:
    """After a day, and not before; names that come once never do, however many there are."""
    listener = Listener(ProfileFile(limits=Limits(metrics_per_device=2)))
    listener.hear(0, "zigbee2mqtt/a", {"x": 1, "once-0": 2})
    for turn in range(1, 40):
        ready = listener.hear(turn * 3600, "zigbee2mqtt/a", {"x": 1, "z": 3, f"once-{turn}": 4})
        assert values(ready) == [{"x": 1, "z": 3} if turn >= 30 else {"x": 1}]
    assert listener.words()[-1] == "too_many_metrics: 'once-0', not heard for a day, gives way to 'z': at most 2"
    assert len(listener.words()) == 6


def test_places_of_metrics_change_only_so_often() -> None:
    """Whatever a device makes up over the years, the detector sees twice the limit at most."""
    listener = Listener(ProfileFile(limits=Limits(metrics_per_device=2)))
    seen: set[str] = set()
    for day in range(100):
        for turn in range(24):
            for one in listener.hear(day * 86_400 + turn * 3600, "zigbee2mqtt/a", {"x": 1, f"day-{day // 2}": 2}):
                seen |= one.reading.values.keys()
    assert len(seen) == 4


def test_a_new_metric_of_a_known_device_is_noticed() -> None:
    """A change of firmware changes what a device says."""
    listener = Listener()
    for turn in range(101):
        listener.hear(turn, "zigbee2mqtt/a", {"x": 1})
    listener.hear(200, "zigbee2mqtt/a", {"x": 1, "y": 2})
    assert listener.words() == ["schema: a new metric: 'y'"]


def test_diagnostics_are_not_judged() -> None:
    """How a device feels is not what it measures."""
    assert Listener().hear(0, "tele/a/STATE", {"Uptime": "0T01:00:00", "Heap": 27}) == []


def test_memory_survives_a_restart() -> None:
    """Open rows, counters and units come back from their bytes."""
    listener, later = Listener(), Listener()
    listener.hear(0, "a/pump/flow", "5")
    later.interpreter.restore("a/pump", listener.interpreter.memories.state("a/pump"))
    assert values(later.wait(5)) == [{"flow": 5}]
    later.interpreter.restore("a/pump", b"nonsense")
