"""Times of devices: zones, wrong clocks, batches, history, what comes out of order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.reading import Reading
from devices.profiles.profile import Limits, ProfileFile
from devices.semantics.ordering import Ready, Sorter
from devices.telegram import DeviceReading, telemetry
from devices.times import from_epoch, from_text, moment
from tests.unit.devices.listener import START, Listener, values


def test_equal_messages_with_a_time_have_one_identity() -> None:
    """And those that carry neither time nor count have none."""
    listener = Listener()
    timed = {"t": 1, "ts": START.timestamp()}
    first, again = listener.hear(0, "a", timed), listener.hear(1, "a", timed)
    assert first[0].identity == again[0].identity
    assert listener.hear(2, "b", {"t": 1})[0].identity is None


def test_a_clock_within_an_inner_object_is_no_measurement() -> None:
    """It would rise for ever; a temperature that is called t stays one."""
    payload = {
        "meta": {"ts": int(START.timestamp() * 1000), "boot_ts": START.timestamp()},
        "air": {"t": 21.5, "rh": 40},
    }
    (ready,) = Listener().hear(0, "hall/7", payload)
    assert ready.reading.values == {"air.t": 21.5, "air.rh": 40}


def test_what_the_broker_kept_gives_no_reading() -> None:
    """Nobody measured it now."""
    listener = Listener()
    assert listener.hear(0, "zigbee2mqtt/a", {"t": 1}, retained=True) == []
    assert listener.interpreter.counts == {"retained": 1}


def test_much_that_was_buffered_is_less_of_each() -> None:
    """Of readings of 200 values each, twenty wait."""
    listener = Listener(ProfileFile(limits=Limits(metrics_per_device=200)))
    wide = {f"m{number}": 1.0 for number in range(200)}
    for back in range(50, 0, -1):
        at = START - timedelta(seconds=back)
        old = DeviceReading(device="d", metrics=wide, timestamp=at, historical=True)
        listener.interpreter.take(telemetry("sparkplug_b", old), START, retained=False)
    assert len(listener.interpreter.memories.by_device["d"].backlog.held) == 20


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
    again.interpreter.restore("d", listener.interpreter.memories.state("d"))
    ready = again.hear(1, "v1/gateway/telemetry", {"d": [{"v": 7}]})
    assert [one.reading.values["v"] for one in ready] == [7, *range(-200, 0)]


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
    later.interpreter.restore("a", listener.interpreter.memories.state("a"))
    assert values(later.wait(60)) == [{"t": 4}]
