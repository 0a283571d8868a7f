"""Counters of recordings: their rates, as the languages of devices make them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.profiles.profile import Profile, ProfileFile, Refinement
from producer.errors import RecordingError
from producer.recordings.rates import Rates
from tests.unit.devices.listener import Listener, values
from tests.unit.producer.files import read, rows, written

if TYPE_CHECKING:
    from pathlib import Path


def test_a_counter_is_shown_as_its_rate_an_hour(tmp_path: Path) -> None:
    """Its first value has none, and a fall is a reset; the other columns stay, and so does what is missing."""
    lines = ["00:00:00Z,7,10", "00:30:00Z,8,11", "01:00:00Z,7,0.5", "01:30:00Z,6,0.75", "02:00:00Z,5,"]
    path = written(tmp_path, "\n".join(["time,power,energy", *(f"2026-01-01T{line}" for line in lines), ""]))
    assert rows(path, counters=("energy",)) == [
        {"power": 7.0},
        {"power": 8.0, "energy/h": 2.0},
        {"power": 7.0},
        {"power": 6.0, "energy/h": 0.5},
        {"power": 5.0, "energy/h": None},
    ]


def test_a_row_without_a_rate_and_without_anything_else_is_no_bad_row(tmp_path: Path) -> None:
    """It is not sent: a recording with one counter begins with its second value."""
    path = written(tmp_path, "time,energy\n2026-01-01T00:00:00Z,10\n2026-01-01T01:00:00Z,11\n")
    items, recording = read(path, counters=("energy",))
    assert [(item.row, item.reading.values) for item in items] == [(2, {"energy/h": 1.0})]
    assert recording.bad_rows.count == 0


def test_each_device_of_a_file_has_its_own_counter(tmp_path: Path) -> None:
    """And its own unit, where the rows say one."""
    told = [("a", 0, 5.0), ("b", 0, 70.0), ("a", 1, 6.0), ("b", 1, 72.0)]
    lines = [
        {"device": name, "measured_at": f"2026-01-01T0{hour}:00:00Z", "values": {"e": value}, "units": {"e": "kWh"}}
        for name, hour, value in told
    ]
    path = written(tmp_path, "".join(json.dumps(line) + "\n" for line in lines), "two.jsonl")
    readings = [item.reading for item in read(path, counters=("e",))[0]]
    assert [(one.device, one.values, one.units) for one in readings] == [
        ("a", {"e/h": 1.0}, {"e/h": "kWh/h"}),
        ("b", {"e/h": 2.0}, {"e/h": "kWh/h"}),
    ]


@given(st.lists(st.tuples(st.integers(0, 20_000), st.floats(0, 1e6)), min_size=1, max_size=20))
def test_a_recording_shows_what_a_running_detector_sees(told: list[tuple[int, float]]) -> None:
    """The same values at the same times give the same rates as a profile that calls the metric a counter."""
    profile = Profile(name="m", topic="m/{device}", metrics={"e": Refinement(kind="counter")})
    listener, rates, at = Listener(ProfileFile(profiles=(profile,))), Rates(("e",)), 0
    for seconds, value in told:
        at += seconds
        live = values(listener.hear(at, "m/meter", {"e": value}))
        recorded = rates.values("meter", {"e": value}, float(at))
        assert live == ([recorded] if recorded else [])


def test_a_column_that_only_rises_is_pointed_out(tmp_path: Path) -> None:
    """Whoever forgot to call it a counter reads how; what falls once, or hardly moves, is none."""
    lines = [f"2026-01-01T00:{row:02}:00Z,{row // 2},{row % 19},{int(row > 9)}" for row in range(20)]
    path = written(tmp_path, "\n".join(["time,energy,angle,door", *lines, ""]))
    (note,) = read(path)[1].layout.notes
    assert "'energy'" in note
    assert "--counter energy" in note
    assert read(path, counters=("energy",))[1].layout.notes == ()


@pytest.mark.parametrize(("name", "says"), [("enrgy", "no column 'enrgy'"), ("state", "counter 'state': text")])
def test_a_counter_that_is_none_is_refused(tmp_path: Path, name: str, says: str) -> None:
    """A slip is no silent level."""
    path = written(tmp_path, "time,energy,state\n2026-01-01T00:00:00Z,10,on\n2026-01-01T01:00:00Z,11,off\n")
    with pytest.raises(RecordingError, match=says):
        read(path, counters=(name,))
