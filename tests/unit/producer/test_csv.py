from __future__ import annotations

import csv
import io
import math
import tempfile
from pathlib import Path

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from producer.errors import RecordingError
from tests.unit.producer.files import read, rows, times, written

FOUR = "time,a,b\n2026-01-01T00:00:00Z,1,2\n2026-01-01T00:00:01Z,3,4.5\n"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separator_is_found(tmp_path: Path, separator: str) -> None:
    """Comma, semicolon, tabulator and bar are found without being told."""
    path = written(tmp_path, FOUR.replace(",", separator))
    assert rows(path) == [{"a": 1.0, "b": 2.0}, {"a": 3.0, "b": 4.5}]


def test_packed_files_are_known_by_content(tmp_path: Path) -> None:
    """Gzip is unpacked whatever the file is called."""
    packed = written(tmp_path, FOUR, "pump.csv.gz")
    assert rows(packed) == rows(written(tmp_path, FOUR))
    assert rows(packed.rename(tmp_path / "renamed.csv")) == rows(written(tmp_path, FOUR))


def test_decimal_comma(tmp_path: Path) -> None:
    """Numbers written 21,5 are read as such where fields are separated by semicolons."""
    path = written(tmp_path, "Zeit;Temp °C;n\n01.02.2026 10:00:00;21,5;1.234,5\n01.02.2026 10:00:01;-0,25;7\n")
    assert rows(path) == [{"Temp °C": 21.5, "n": 1234.5}, {"Temp °C": -0.25, "n": 7.0}]


def test_as_many_decimal_commas_as_semicolons(tmp_path: Path) -> None:
    """A line whose every number has a decimal comma could be cut at commas as well; the header, or none, tells."""
    lines = [f"01.02.2026 10:{at // 60:02}:{at % 60:02};4,{at:03};121,5" for at in range(120)]
    expected = [{"Druck": float(f"4.{at:03}"), "Menge": 121.5} for at in range(120)]
    with_header = written(tmp_path, "\n".join(["Zeit;Druck;Menge", *lines, ""]))
    assert rows(with_header) == expected
    fractions = [line.replace(";", f",{at % 10};", 1) for at, line in enumerate(lines)]
    assert rows(written(tmp_path, "\n".join(["Zeit;Druck;Menge", *fractions, ""]), "fractions.csv")) == expected
    without = written(tmp_path, "\n".join([*lines, ""]), "without.csv")
    assert [list(row.values()) for row in rows(without)] == [list(row.values()) for row in expected]


def test_columns_separated_by_spaces(tmp_path: Path) -> None:
    """Columns aligned by any number of spaces, without a header, are numbered."""
    path = written(tmp_path, "  1.0   2.0  3\n  4.0   5.0  6\n")
    assert rows(path, interval_s=1) == [
        {"column_1": 1.0, "column_2": 2.0, "column_3": 3.0},
        {"column_1": 4.0, "column_2": 5.0, "column_3": 6.0},
    ]


def test_lines_before_the_header_are_skipped(tmp_path: Path) -> None:
    """A title and remarks above the header are no rows."""
    path = written(tmp_path, "# station 7\nexported by hand\n\n" + FOUR)
    items, recording = read(path)
    assert len(items) == 2
    assert recording.bad_rows.count == 0


def test_missing_values_are_null(tmp_path: Path) -> None:
    """Empty cells and the usual words for nothing are null; they are no errors."""
    words = ["", "NA", "NaN", "null", "None", "n/a", "-", "?"]
    text = "time,a,b\n" + "".join(f"2026-01-01T00:00:{n:02}Z,{word},1\n" for n, word in enumerate(words))
    items, recording = read(written(tmp_path, text + "2026-01-01T00:01:00Z,5,1\n"))
    assert [item.reading.values["a"] for item in items] == [None] * len(words) + [5.0]
    assert (recording.bad_cells.count, recording.bad_rows.count) == (0, 0)


def test_cells_that_are_no_numbers_are_null_and_counted(tmp_path: Path) -> None:
    """A word among numbers becomes null, and is told with its line, column and content; the rest of the row is sent."""
    text = FOUR + "2026-01-01T00:00:02Z,Bad Input,6\n2026-01-01T00:00:03Z,7,inf\n2026-01-01T00:00:04Z,8,1_0\n"
    items, recording = read(written(tmp_path, text))
    assert [item.reading.values for item in items][2:] == [
        {"a": None, "b": 6.0},
        {"a": 7.0, "b": None},
        {"a": 8.0, "b": None},
    ]
    told = [(bad.line, bad.reason) for bad in recording.bad_cells.examples]
    assert told == [
        (4, "column 'a': 'Bad Input' is no number"),
        (5, "column 'b': 'inf' is out of bounds"),
        (6, "column 'b': '1_0' is no number"),
    ]


def test_bad_rows_are_counted_with_line_and_reason(tmp_path: Path) -> None:
    """Rows of another width, with an unreadable time or with bytes that are no text are left out and told."""
    text = (
        FOUR.encode()
        + b"2026-01-01T00:00:02Z,1\n\nyesterday,1,2\n,1,2\n2026-01-01T00:00:05Z,\xff\xfe,2\n2026-01-01T00:00:06Z,9,9\n"
    )
    items, recording = read(written(tmp_path, text + "2026-01-01T00:00:07Z,°,9\n".encode()))
    assert len(items) == 4
    assert [(bad.line, bad.reason) for bad in recording.bad_rows.examples] == [
        (4, "2 fields where 3 are expected"),
        (6, "time 'yesterday': Invalid isoformat string: 'yesterday'"),
        (7, "time '': missing"),
        (8, "bytes that are not text"),
    ]
    assert recording.bad_rows.count == 4


def test_only_the_first_examples_are_kept(tmp_path: Path) -> None:
    """Bad rows are all counted, and the first twenty are told."""
    _, recording = read(written(tmp_path, FOUR + "2026-01-01T00:00:02Z,3,4\n" * 50 + "x\n" * 1000))
    assert (recording.bad_rows.count, len(recording.bad_rows.examples)) == (1000, 20)


def test_columns_of_text_are_left_out_and_told(tmp_path: Path) -> None:
    """Columns without numbers are no metrics, and the layout says why."""
    path = written(tmp_path, "time,a,state\n2026-01-01,1,running\n2026-01-02,2,idle\n")
    items, recording = read(path)
    assert [item.reading.values for item in items] == [{"a": 1.0}, {"a": 2.0}]
    assert recording.layout.left_out == {"state": "text, such as 'running'"}


def test_a_column_that_is_empty_at_first(tmp_path: Path) -> None:
    """A column that is empty in the first rows counts from its first number on."""
    text = "time,a,late\n" + "".join(f"{1_700_000_000 + n},1,{n if n >= 600 else ''}\n" for n in range(610))
    values = rows(written(tmp_path, text))
    assert values[599] == {"a": 1.0}
    assert values[600] == {"a": 1.0, "late": 600.0}


def test_names_are_made_fit(tmp_path: Path) -> None:
    """Empty, equal and overlong names, and names with control characters, become names of metrics."""
    header = f'time,,a,a,{"x" * 200},"b\tc"\n'
    path = written(tmp_path, header + "2026-01-01,1,2,3,4,5\n2026-01-02,1,2,3,4,5\n")
    (values, _) = rows(path)
    assert list(values) == ["column_2", "a", "a.2", "x" * 128, "b c"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    """Files of the usual encodings are read, with their names."""
    path = written(tmp_path, "time;Öldruck\n2026-01-01;1,5\n2026-01-02;2,5\n".encode(encoding))
    assert rows(path) == [{"Öldruck": 1.5}, {"Öldruck": 2.5}]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no rows"),
        (b"\n\n", "no rows"),
        (b"time,a\n", "no rows"),
        (b"\x00\x01\x02binary", "not a text file"),
        (b"time,word\n2026-01-01,x\n2026-01-02,y\n", "no table of readings: no column holds numbers"),
        (b"# Pumps\n\nTwo words\n\nand a few more, 3 of them\n- here\n", "no table of readings"),
        (b"[build]\nname = 'x'\nother = 'y'\n", "no table of readings"),
        (b"a,b\n1,2\n3,4\n", "no time column among a, b: name it, or give the interval"),
        (b'[{"a": 1}]', "a JSON array; one object a line is expected"),
    ],
)
def test_files_that_are_no_recordings(tmp_path: Path, content: bytes, reason: str) -> None:
    """What cannot be replayed is refused with the file's name and the reason."""
    path = written(tmp_path, content)
    with pytest.raises(RecordingError, match=reason) as caught:
        read(path)
    assert str(path) in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A missing file is an error of ours, with its name."""
    with pytest.raises(RecordingError, match=r"nowhere\.csv"):
        read(tmp_path / "nowhere.csv")


def test_a_damaged_gzip_file_gives_what_is_sound(tmp_path: Path) -> None:
    """Of a file that was cut short, the sound part is read, and the damage is told."""
    text = "time,a\n" + "".join(f"{1_700_000_000 + n},{n * n % 977}\n" for n in range(20_000))
    path = written(tmp_path, text, "pump.csv.gz")
    path.write_bytes(path.read_bytes()[:-20_000])
    items, recording = read(path)
    assert 1_000 < len(items) < 20_000
    assert "damaged" in recording.bad_rows.examples[-1].reason


def test_rows_without_time_are_spaced_by_the_interval(tmp_path: Path) -> None:
    """With an interval rows count from the start; a bad row keeps its place in time."""
    path = written(tmp_path, "a,b\n1,2\n3\n5,6\n")
    assert times(path, interval_s=60) == ["2026-01-01T00:00:00+00:00", "2026-01-01T00:02:00+00:00"]


def test_rows_that_go_back_in_time_are_sent_and_counted(tmp_path: Path) -> None:
    """Readings stay in the order of the file, whatever their times."""
    path = written(tmp_path, "time,a\n2026-01-02,1\n2026-01-01,2\n2026-01-03,3\n")
    items, recording = read(path)
    assert [item.reading.values["a"] for item in items] == [1.0, 2.0, 3.0]
    assert [item.reading.seq for item in items] == [1, 2, 3]
    assert recording.backwards == 1


def test_device_column(tmp_path: Path) -> None:
    """A column may name the device of each row; a row without a name is a bad one."""
    text = "time,machine_id,a\n2026-01-01,m1,1\n2026-01-01,m2,2\n2026-01-02,,3\n"
    items, recording = read(written(tmp_path, text), device_column="machine_id")
    assert [(item.reading.device, item.reading.values) for item in items] == [("m1", {"a": 1.0}), ("m2", {"a": 2.0})]
    assert recording.bad_rows.examples[0].reason == "no name of a device"
    _, unsplit = read(written(tmp_path, text))
    assert "machine_id" in unsplit.layout.notes[0]


def test_a_column_that_is_not_there(tmp_path: Path) -> None:
    """Naming a column that the file does not have is an error that lists those it has."""
    with pytest.raises(RecordingError, match="no column 'when' among time, a, b"):
        read(written(tmp_path, FOUR), time=("when",))


CELLS = st.one_of(st.none(), st.floats(-1e30, 1e30), st.integers(-(10**12), 10**12))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=2, max_size=30),
    st.sampled_from([",", ";", "\t", "|"]),
    st.booleans(),
)
@example(table=[[0.0, None, None], [1.0, None, None]], separator=",", quoted=True)
def test_any_table_comes_back(table: list[list[float | None]], separator: str, quoted: bool) -> None:  # noqa: FBT001 - drawn
    """Whatever numbers a table holds, its readings hold the same in the same order."""
    assume(any(cell is not None for cells in table for cell in cells))
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL)
    writer.writerow(["epoch", "value", "x", "y z"])
    for number, cells in enumerate(table):
        writer.writerow([1_700_000_000 + number, *["" if cell is None else repr(cell) for cell in cells]])
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder), text.getvalue())
        items, _ = read(path)
    assert len(items) == len(table)
    for item, cells in zip(items, table, strict=True):
        for name, cell in zip(("value", "x", "y z"), cells, strict=True):
            found = item.reading.values.get(name)
            assert found == cell if cell is None else found is not None and math.isclose(found, cell, rel_tol=1e-15)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    """Whatever a file holds, it is read or refused with an error of ours; every line is a reading or a bad row."""
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder), content)
        try:
            items, recording = read(path, interval_s=1)
        except RecordingError:
            return
        assert len(items) + recording.bad_rows.count <= content.count(b"\n") + content.count(b"\r") + 2
