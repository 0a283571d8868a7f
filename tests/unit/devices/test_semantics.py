"""What foreign values mean together: rows, rates, clocks, units, limits, and who is there."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.reading import Reading
from devices.formats.sparkplug_wire import decode_payload
from devices.profiles.profile import Limits, Mqtt, Override, Profile, ProfileFile, Refinement
from devices.recognizer import Recognizer
from devices.semantics.interpreter import Interpreter
from devices.semantics.ordering import Ready, Sorter
from devices.semantics.presence import Presence
from devices.semantics.units import converted, spelt
from devices.semantics.waking import Waker
from devices.telegram import DeviceReading, telemetry
from devices.times import from_epoch, from_text, moment
from devices.values import number, switch
from tests.unit.devices.samples_on_file import all_samples, payload_of

START = datetime(2026, 6, 1, tzinfo=UTC)


class Listener:
    """Recognizer and interpreter together, with a clock of the test's own."""

    def __init__(self, file: ProfileFile | None = None) -> None:
        self.file = file or ProfileFile(join="2s")
        self.reader = Recognizer.of(self.file, "tocsin")
        self.interpreter = Interpreter(self.file)
        self.presence = Presence(0.0, self.file.overrides)

    def hear(self, seconds: float, topic: str, payload: object, *, retained: bool = False) -> list[Ready]:
        """Take one message that arrives so many seconds after the start."""
        text = payload if isinstance(payload, str) else json.dumps(payload)
        at = START + timedelta(seconds=seconds)
        telegram = self.reader.read(topic, text.encode(), at, retained=retained)
        self.presence.note(telegram, at.timestamp(), topic)
        return self.interpreter.take(telegram, at, retained=retained, topic=topic)

    def wait(self, seconds: float) -> list[Ready]:
        """Look at the clock so many seconds after the start."""
        return self.interpreter.due((START + timedelta(seconds=seconds)).timestamp())

    def words(self) -> list[str]:
        """Take the notices."""
        return [f"{one.reason}: {one.words}" for one in self.interpreter.notices]


def values(ready: list[Ready]) -> list[dict[str, float | None]]:
    """Return the values of each reading."""
    return [one.reading.values for one in ready]


def test_values_within_the_window_are_one_row() -> None:
    """It opens with the first value and closes when the window is over."""
    listener = Listener()
    assert listener.hear(0, "a/pump/flow", "5") == []
    assert listener.hear(1, "a/pump/heat", "60") == []
    assert listener.wait(1.5) == []
    ready = listener.wait(2.1)
    assert values(ready) == [{"flow": 5, "heat": 60}]
    assert ready[0].reading.measured_at == START


def test_a_row_closes_early_when_every_usual_metric_has_come() -> None:
    """Nobody waits for what is there."""
    listener = Listener()
    listener.hear(0, "a/pump/flow", "5")
    listener.hear(1, "a/pump/heat", "60")
    listener.wait(3)
    listener.hear(10, "a/pump/heat", "61")
    assert values(listener.hear(10.2, "a/pump/flow", "6")) == [{"heat": 61, "flow": 6}]


def test_a_metric_that_comes_again_begins_a_new_row() -> None:
    """Two values of one metric are two moments."""
    listener = Listener()
    listener.hear(0, "a/pump/flow", "5")
    listener.hear(0.1, "a/pump/heat", "60")
    assert values(listener.hear(0.5, "a/pump/flow", "6")) == [{"flow": 5, "heat": 60}]


def test_a_metric_that_stays_away_is_no_longer_waited_for() -> None:
    """After some rows without it the others are enough."""
    listener = Listener()
    listener.hear(0, "a/pump/flow", "5")
    listener.hear(0.1, "a/pump/heat", "60")
    listener.wait(3)
    for turn in range(1, 8):
        listener.hear(turn * 10, "a/pump/flow", "5")
        listener.wait(turn * 10 + 3)
    assert values(listener.hear(100, "a/pump/flow", "5")) == [{"flow": 5}]


def test_the_join_window_is_set_for_a_device() -> None:
    """An override wins over the file's."""
    listener = Listener(ProfileFile(join="2s", overrides={"a/*": Override(join="10s")}))
    listener.hear(0, "a/pump/flow", "5")
    assert listener.wait(9) == []
    assert values(listener.wait(11)) == [{"flow": 5}]


def test_a_partial_update_is_a_partial_reading() -> None:
    """What was not said is absent, what is null is no value."""
    listener = Listener()
    listener.hear(0, "s/events/rpc", frame({"switch:0": {"apower": 5.5, "voltage": 230}}))
    ready = listener.hear(1, "s/events/rpc", frame({"switch:0": {"apower": None}}))
    assert values(ready) == [{"switch:0.apower": None}]


def frame(params: dict[str, object]) -> dict[str, object]:
    """Make a notification of a Shelly."""
    return {"src": "s", "method": "NotifyStatus", "params": params}


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


def test_equal_messages_with_a_time_have_one_identity() -> None:
    """And those that carry neither time nor count have none."""
    listener = Listener()
    timed = {"t": 1, "ts": START.timestamp()}
    first, again = listener.hear(0, "a", timed), listener.hear(1, "a", timed)
    assert first[0].identity == again[0].identity
    assert listener.hear(2, "b", {"t": 1})[0].identity is None


def test_what_the_broker_kept_gives_no_reading() -> None:
    """Nobody measured it now."""
    listener = Listener()
    assert listener.hear(0, "zigbee2mqtt/a", {"t": 1}, retained=True) == []
    assert listener.interpreter.counts == {"retained": 1}


def test_a_batch_is_in_order_of_time() -> None:
    """Its last reading is live; what is older than what is known is late, and comes all the same."""
    listener = Listener()
    rows = [{"ts": (START + timedelta(seconds=back)).timestamp(), "v": back} for back in (0, -20, -10)]
    ready = listener.hear(1, "a/b", rows)
    assert [one.reading.values["v"] for one in ready] == [-20, -10, 0]


def test_a_historical_value_is_never_live() -> None:
    """What is newer than all that is known waits for something newer still, and comes after it: late."""
    listener = Listener()
    old = START - timedelta(hours=3)
    batch = {"d": [{"ts": int(at.timestamp() * 1000), "values": {"v": 1}} for at in (old, START)]}
    for turn in (1, 2):
        ready = listener.hear(turn, "v1/gateway/telemetry", batch)
        assert sorted(one.reading.measured_at for one in ready) == [old, START]
    buffered = {
        "d": [
            {"ts": int((START + timedelta(hours=hour)).timestamp() * 1000), "values": {"v": hour}} for hour in (1, 2, 5)
        ]
    }
    assert [one.reading.values["v"] for one in listener.hear(5 * 3600, "v1/gateway/telemetry", buffered)] == [5, 1, 2]


def test_what_was_buffered_waits_over_a_restart_and_within_bounds() -> None:
    """It follows the next live reading; of more than there is room for, the oldest go and are counted."""
    listener = Listener()
    for back in range(600, 0, -1):
        old = DeviceReading(
            device="d", metrics={"v": -back}, timestamp=START - timedelta(seconds=back), historical=True
        )
        assert listener.interpreter.take(telemetry("sparkplug_b", old), START, retained=False) == []
    assert listener.interpreter.counts == {"historical": 400}
    again = Listener()
    again.interpreter.restore("d", listener.interpreter.state("d"))
    ready = again.hear(1, "v1/gateway/telemetry", {"d": [{"v": 7}]})
    assert [one.reading.values["v"] for one in ready] == [7, *range(-200, 0)]


def test_a_counter_of_history_changes_no_rate() -> None:
    """The rate of what is live goes on from what was live before."""
    kwh = {"kwh": Refinement(kind="counter")}
    listener = Listener(ProfileFile(profiles=(Profile(name="m", topic="m/{device}", metrics=kwh),)))
    for hours, total in ((0, 10.0), (-1, 5.0), (1, 11.0)):
        at = (START + timedelta(hours=hours)).timestamp()
        ready = listener.hear(3600 * max(hours, 0.01), "m/meter", [{"ts": at, "kwh": total}, {"ts": at}])
    assert values(ready)[0] == {"kwh/h": pytest.approx(1.0)}


def bursts(listener: Listener, pause: float, offsets: dict[str, float], count: int) -> list[Ready]:
    """Let a device send its values so often, each so long after the beginning of a burst."""
    ready: list[Ready] = []
    for turn in range(count):
        for metric, offset in offsets.items():
            ready += listener.wait(turn * pause + offset)
            ready += listener.hear(turn * pause + offset, f"a/pump/{metric}", "1")
    return ready


def test_the_join_window_is_learned_from_bursts() -> None:
    """A slow burst is one row all the same, and nobody waits long for what a quick one left out."""
    slow = Listener(ProfileFile())
    rows = values(bursts(slow, 60, {"flow": 0, "heat": 3, "level": 5}, 12))
    assert rows[-4:] == [{"flow": 1, "heat": 1, "level": 1}] * 4
    quick = Listener(ProfileFile())
    bursts(quick, 10, {"flow": 0, "heat": 0.1}, 6)
    assert quick.hear(100, "a/pump/flow", "2") == []
    assert quick.wait(100.1) == []
    assert values(quick.wait(100.3)) == [{"flow": 2}]


def test_values_without_bursts_leave_the_window_as_it_is() -> None:
    """Nothing is learned from values that come evenly."""
    listener = Listener(ProfileFile())
    bursts(listener, 4, {"flow": 0, "heat": 1, "level": 2, "speed": 3}, 10)
    assert listener.interpreter.devices["a/pump"].bursts.window() == 2.0


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1767225600, "2026-01-01T00:00:00+00:00"),
        (1767225600123, "2026-01-01T00:00:00.123000+00:00"),
        (1767225600123456, "2026-01-01T00:00:00.123456+00:00"),
        (1767225600123456789, "2026-01-01T00:00:00.123456+00:00"),
    ],
)
def test_the_unit_of_an_epoch_is_found_by_its_size(value: int, text: str) -> None:
    """Seconds, milli-, micro- and nanoseconds; digits beyond microseconds are cut."""
    at = from_epoch(value)
    assert at is not None
    assert at.isoformat() == text


def test_times_that_cannot_be_are_none() -> None:
    """Before 2000, after 2100, no time at all."""
    assert [moment(value) for value in (12.5, 10**25, True, "yesterday", "2026-13-01T00:00:00Z", None)] == [None] * 6
    assert from_text("1999-12-31T00:00:00Z") is None


def test_zones_are_turned_into_utc() -> None:
    """A time without a zone stays without one."""
    aware, naive = from_text("2026-05-01T12:00:00+02:00"), from_text("2026-05-01 12:00:00")
    assert aware == datetime(2026, 5, 1, 10, tzinfo=UTC)
    assert naive is not None
    assert naive.tzinfo is None


def test_a_time_without_a_zone_is_put_right_by_the_arrival() -> None:
    """A multiple of a quarter of an hour is a zone; it is said once."""
    listener = Listener()
    for turn in range(3):
        local = (START + timedelta(seconds=turn, hours=2)).replace(tzinfo=None).isoformat()
        ready = listener.hear(turn, "tele/a/SENSOR", {"Time": local, "X": {"v": 1}})
        assert ready[0].reading.measured_at == START + timedelta(seconds=turn)
    assert len(listener.words()) == 1
    assert "+2 h from UTC" in listener.words()[0]


def test_a_clock_that_is_steadily_wrong_is_corrected() -> None:
    """Until it is known to be steady, the arrival counts."""
    listener = Listener()
    for turn in range(6):
        ahead = (START + timedelta(seconds=10 * turn + 1500)).timestamp()
        ready = listener.hear(10 * turn, "a/b", {"ts": ahead, "v": 1})
        assert abs((ready[0].reading.measured_at - START).total_seconds() - 10 * turn) < 1
    assert "1500 s ahead" in listener.words()[0]


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


def stamped(listener: Listener, arrived: float, measured: float) -> list[float]:
    """Hear a value that was measured at one time and arrives at another; return the times that are given on."""
    at = (START + timedelta(seconds=measured)).isoformat()
    ready = listener.hear(arrived, "zigbee2mqtt/a", {"t": measured, "last_seen": at})
    return [one.reading.values["t"] or 0.0 for one in ready]


def test_readings_out_of_order_are_sorted() -> None:
    """From the first one that came too late on, readings wait until no older one can come within the time."""
    listener = Listener()
    assert [stamped(listener, at, at) for at in (1, 2, 4)] == [[1], [2], [4]]
    assert stamped(listener, 5, 3) == [3]  # it cannot be helped: what is newer was given on
    assert [stamped(listener, at, at) for at in (7, 8)] == [[], []]
    assert stamped(listener, 9, 6) == []
    assert stamped(listener, 12.5, 12.5) == [6, 7]
    assert [one.reading.values["t"] for one in listener.wait(13.1)] == [8]
    assert [one.reading.values["t"] for one in listener.wait(17.6)] == [12.5]


def test_readings_in_order_never_wait() -> None:
    """Neither do those of a device that sends no times; history goes on at once."""
    listener = Listener()
    assert [stamped(listener, at, at) for at in range(5)] == [[at] for at in range(5)]
    assert stamped(listener, 100, 100) == [100]
    assert stamped(listener, 101, 50) == [50]
    assert stamped(listener, 102, 102) == [102]


def test_nothing_waits_where_the_profile_file_says_so() -> None:
    """`hold: 0s` takes readings as they come."""
    listener = Listener(ProfileFile(hold="0s"))
    assert [stamped(listener, at, at) for at in (1, 3, 2, 4)] == [[1], [3], [2], [4]]


def test_a_device_that_is_in_order_again_is_no_longer_held() -> None:
    """After a thousand readings in order."""
    listener = Listener()
    for at in (1, 3, 2):
        stamped(listener, at, at)
    given = [stamped(listener, at, at) for at in range(4, 1010)]
    assert given[0] == []
    assert given[-1] == [1009]
    assert [at for some in given for at in some] == list(range(4, 1010))


@given(st.lists(st.floats(0, 100), max_size=120))
def test_no_reading_is_lost_in_sorting(times: list[float]) -> None:
    """Whatever the order: each comes out once, few wait, and none waits when the time is over."""
    sorter, out = Sorter(), []
    for turn, at in enumerate(times):
        reading = Reading(device="a", values={"n": turn}, measured_at=START + timedelta(seconds=at))
        out += sorter.add(Ready(reading), turn / 10, 5.0)
        assert len(sorter.held) <= 64
    out += sorter.due(len(times) / 10 + 5.0, 5.0)
    assert sorted(one.reading.values["n"] or 0.0 for one in out) == list(range(len(times)))
    assert sorter.held == []


def test_what_waits_for_its_order_survives_a_restart() -> None:
    """And comes when its time is over."""
    listener, later = Listener(), Listener()
    for at in (1, 3, 2, 4):
        stamped(listener, at, at)
    later.interpreter.restore("a", listener.interpreter.state("a"))
    assert values(later.wait(60)) == [{"t": 4}]


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
    later.interpreter.restore("a/pump", listener.interpreter.state("a/pump"))
    assert values(later.wait(5)) == [{"flow": 5}]
    later.interpreter.restore("a/pump", b"nonsense")


def test_a_gateway_takes_its_devices_along() -> None:
    """One absence, and its devices are explained by it."""
    listener = Listener()
    listener.hear(0, "zigbee2mqtt/a", {"x": 1})
    listener.hear(1, "zigbee2mqtt/bridge/state", {"state": "offline"})
    listener.hear(1, "zigbee2mqtt/a/availability", {"state": "offline"})
    known = list(listener.interpreter.known())
    absent = listener.presence.due(START.timestamp() + 2, known)
    assert [(one.device, one.gateway) for one in absent] == [("bridge", True)]
    assert listener.presence.muted_by("a", "zigbee2mqtt") == "bridge"
    assert listener.presence.due(START.timestamp() + 3, known) == []


@pytest.mark.parametrize(
    ("own", "other", "gone", "gateway"),
    [
        ("zigbee2mqtt/a", "attic/b", "zigbee2mqtt/bridge/state", "bridge"),
        ("attic/b", "zigbee2mqtt/a", "attic/bridge/state", "attic/bridge"),
        ("home/OMG_1/BTtoMQTT/A4C1", "home/OMG_2/BTtoMQTT/A4C2", "home/OMG_1/LWT", "home/OMG_1"),
        ("site1/zigbee2mqtt/a", "site2/zigbee2mqtt/b", "site1/zigbee2mqtt/bridge/state", "site1/zigbee2mqtt/bridge"),
    ],
)
def test_a_gateway_takes_along_only_what_stands_beside_it(own: str, other: str, gone: str, gateway: str) -> None:
    """Of two gateways of a kind, each answers for the devices below its own topic, and has a name of its own."""
    listener = Listener()
    listener.hear(0, "attic/bridge/state", {"state": "online"})
    for topic in (own, other):
        listener.hear(1, topic, {"x": 1})
    listener.hear(2, gone, {"state": "offline"})
    muted = {
        topic: listener.presence.muted_by(device, language, topic)
        for device, language, topic in listener.interpreter.known()
    }
    assert muted == {own: gateway, other: None}


def test_a_device_that_measures_is_there_and_so_is_its_gateway() -> None:
    """Whatever was said before; a goodbye that the broker had kept ends with the first value."""
    listener = Listener()
    listener.hear(0, "zigbee2mqtt/bridge/state", {"state": "offline"}, retained=True)
    listener.hear(1, "plant/pump/status", "offline")
    for topic, payload in (("zigbee2mqtt/a", {"x": 1}), ("plant/pump/data", {"flow": 2})):
        (ready,) = listener.hear(2, topic, payload)
        assert listener.presence.muted_by(*next(one for one in listener.interpreter.known() if one[2] == topic))
        listener.presence.heard(ready.reading.device, "zigbee2mqtt" if topic[0] == "z" else "flat_json", topic)
    assert listener.presence.due(START.timestamp() + 9, listener.interpreter.known()) == []
    assert listener.presence.returned == {"bridge", "plant/pump"}


def test_an_availability_speaks_for_all_below_its_topic() -> None:
    """One device below it is named itself; of several, what stands above them is the gateway."""
    listener = Listener()
    listener.hear(0, "plant/pump/data", {"flow": 2})
    for phase in ("1", "2"):
        listener.hear(0, f"meters/house/{phase}", {"power": 2})
    listener.hear(1, "plant/pump/status", "offline")
    listener.hear(1, "meters/house/status", "offline")
    absent = listener.presence.due(START.timestamp() + 2, listener.interpreter.known())
    assert [(one.device, one.gateway) for one in absent] == [("plant/pump/data", False), ("meters/house", True)]


def two_sites(*, named: bool) -> Listener:
    """Hear one name at two sites whose prefixes are taken off; the gateway of the first is gone."""
    listener = Listener(ProfileFile(mqtt=Mqtt(strip_prefix=("site1/", "site2/"), name_sites=named)))
    for site in ("site1", "site2", "site1"):
        listener.hear(0, f"{site}/zigbee2mqtt/pump", {"x": 1})
    listener.hear(1, "site1/zigbee2mqtt/bridge/state", {"state": "offline"})
    listener.hear(2, "site2/zigbee2mqtt/bridge/state", {"state": "online"})
    return listener


def test_sites_that_use_the_same_names_are_told_apart_on_request() -> None:
    """The site stands before the names; a gateway answers for its own site."""
    listener = two_sites(named=True)
    known = list(listener.interpreter.known())
    assert [device for device, _, _ in known] == ["site1/pump", "site2/pump"]
    assert [listener.presence.muted_by(*one) for one in known] == ["site1/bridge", None]
    assert listener.words() == []


def test_one_name_at_two_sites_is_noticed() -> None:
    """Once, with the cure; gateways are not taken for each other all the same."""
    listener = two_sites(named=False)
    (said,) = listener.words()
    assert said.startswith("same_name: heard at site1/ and at site2/ under one name; `mqtt: {name_sites: true}`")
    assert listener.presence.muted_by("other", "zigbee2mqtt", "site1/zigbee2mqtt/other") == "bridge"
    assert listener.presence.returned == set()


def test_what_one_site_teaches_is_not_believed_at_another() -> None:
    """Two nodes of one name number their metrics as they like."""
    reader = Recognizer(strip_prefixes=("a/", "b/"), name_sites=True)
    samples = next(one for one in all_samples() if one.name == "sparkplug_b")
    for message in samples.messages:
        reader.read("a/" + message["topic"], payload_of(message), START)
    data = next(one for one in samples.messages if "DDATA" in one["topic"])
    there, here = (reader.read(site + data["topic"], payload_of(data), START) for site in ("a/", "b/"))
    assert there.readings[0].device.startswith("a/")
    assert there.readings[0].metrics
    assert not any(one.metrics for one in here.readings)


def test_an_absence_shorter_than_the_grace_is_none() -> None:
    """A restart of a device is no alert."""
    presence, listener = Presence(60.0, {}), Listener()
    listener.hear(0, "zigbee2mqtt/a", {"x": 1})
    gone = listener.reader.read("zigbee2mqtt/a/availability", b'{"state":"offline"}', START)
    presence.note(gone, 0.0)
    assert presence.due(59.0, listener.interpreter.known()) == []
    assert len(presence.due(60.0, listener.interpreter.known())) == 1


def test_a_profile_names_a_gateway() -> None:
    """`via` shares the fate of a device whose messages do not say it."""
    presence = Presence(0.0, {"pump*": Override(via="gw")})
    listener = Listener()
    presence.note(listener.reader.read("gw/status", b"offline", START), 0.0)
    assert presence.muted_by("pump1", "plain") == "gw"
    assert presence.muted_by("saw", "plain") is None


def test_nothing_is_said_to_devices_unless_it_is_allowed() -> None:
    """A GX device is kept awake every half minute, and only when the file says so."""
    telegram = Recognizer().read("N/c06/battery/512/Soc", b'{"value": 80}', START)
    silent, waker = Waker(()), Waker(("victron",))
    for one in (silent, waker):
        one.note("N/c06/battery/512/Soc", telegram)
    assert silent.due(1000.0) == []
    assert waker.due(1000.0) == [("R/c06/keepalive", b"")]
    assert waker.due(1020.0) == []
    assert waker.due(1031.0) == [("R/c06/keepalive", b"")]


def test_a_node_with_unknown_aliases_is_asked_for_its_birth() -> None:
    """Once in five minutes; the command is as Sparkplug writes it."""
    by_alias = bytes.fromhex("08e8d7eab6b733120b100a690000000000003640")
    waker = Waker(("sparkplug",))
    topic = "spBv1.0/Line/DDATA/Edge/Mixer"
    waker.note(topic, Recognizer().read(topic, by_alias, START))
    [(asked, payload)] = waker.due(1000.0)
    assert asked == "spBv1.0/Line/NCMD/Edge"
    [metric] = decode_payload(payload).metrics
    assert (metric.name, metric.value) == ("Node Control/Rebirth", True)
    waker.note(topic, Recognizer().read(topic, by_alias, START))
    assert waker.due(1100.0) == []
