from __future__ import annotations

import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from producer.errors import RecordingError
from tests.unit.producer.files import read, rows, times, written


def lines(*objects: object) -> str:
    return "".join(json.dumps(one) + "\n" for one in objects)


def test_flat_objects(tmp_path: Path) -> None:
    """Flat objects are readings; words are left out, numbers in text are numbers."""
    path = written(
        tmp_path,
        lines(
            {"ts": 1771333509, "a": 1, "b": "2.5", "mode": "run"}, {"ts": 1771333510, "a": 2, "b": None, "mode": "run"}
        ),
    )
    assert rows(path) == [{"a": 1.0, "b": 2.5}, {"a": 2.0, "b": None}]
    assert times(path)[0] == "2026-02-17T13:05:09+00:00"


def test_nested_objects_are_joined_by_dots(tmp_path: Path) -> None:
    """Nested names are joined; lists are no metrics."""
    path = written(
        tmp_path, lines(*[{"time": "2026-01-01", "motor": {"rpm": 1, "temp": {"a": 2}}, "list": [1, 2]}] * 2)
    )
    assert rows(path)[0] == {"motor.rpm": 1.0, "motor.temp.a": 2.0}


def test_readings_as_devices_send_them(tmp_path: Path) -> None:
    """Recorded readings keep device, time and units, and get a run of their own."""
    reading = {
        "device": "boiler",
        "measured_at": "2026-01-01T00:00:00Z",
        "values": {"t": 1.5, "p": None},
        "units": {"t": "°C"},
        "seq": 9,
    }
    items, _ = read(
        written(tmp_path, lines(reading, {**reading, "device": "pump", "values": {"t": 2, "p": 3}}), "log.jsonl")
    )
    first, second = [item.reading for item in items]
    assert (first.device, first.values, first.units) == ("boiler", {"t": 1.5, "p": None}, {"t": "°C"})
    assert (second.device, second.run, second.clock, second.seq) == ("pump", "run", "replay", 2)


def test_metrics_that_come_later(tmp_path: Path) -> None:
    """A number under a name that the first rows did not have is a metric too; an absent one stays absent."""
    path = written(
        tmp_path, lines(*[{"time": 1771333509 + n, "a": n} for n in range(600)], {"time": 1771334200, "new": 5})
    )
    assert rows(path)[-1] == {"new": 5.0}


def test_bad_lines_are_counted(tmp_path: Path) -> None:
    """Lines that are no objects are left out and told."""
    text = lines({"time": 1771333509, "a": 1}) + '{"a": \n[1]\n"x"\n' + lines({"time": 1771333510, "a": float("nan")})
    items, recording = read(written(tmp_path, text + '{"time": 1771333511, "a": ' + "9" * 5000 + "}\n"))
    assert [item.reading.values["a"] for item in items] == [1.0, None]
    told = [(bad.line, bad.reason.split(":")[0]) for bad in recording.bad_rows.examples]
    assert told == [(2, "not JSON"), (3, "not a JSON object"), (4, "not a JSON object"), (6, "not JSON")]


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.dictionaries(st.sampled_from(["values", "device", "time", "a", "b", "units"]), TREES), min_size=1, max_size=5
    )
)
def test_any_objects_are_read_or_refused(objects: list[dict[str, object]]) -> None:
    """Whatever the objects hold, every line is a reading, a bad row, or the file is refused."""
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder), lines(*objects))
        try:
            items, recording = read(path, interval_s=1)
        except RecordingError:
            return
    assert len(items) + recording.bad_rows.count == len(objects)
