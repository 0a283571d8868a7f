from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from producer.errors import RecordingError
from producer.recordings.times import TimeForm, find_form, reads
from tests.unit.producer.files import read, times, written

if TYPE_CHECKING:
    from pathlib import Path

MOMENT = "2026-02-17T13:05:09+00:00"


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-17 13:05:09",
        "2026-02-17T13:05:09Z",
        "2026-02-17T14:05:09+01:00",
        "2026-02-17T13:05:09.000000000Z",
        "2026/02/17 13:05:09",
        "17.02.2026 13:05:09",
        "17/02/2026 13:05:09",
        "02/17/2026 13:05:09",
        "02/17/2026 01:05:09 PM",
        "17-Feb-2026 13:05:09",
        "17-Feb-26 13:05:09",
        "Feb 17, 2026 13:05:09",
        "20260217130509",
        "1771333509",
        "1771333509.0",
        "1771333509000",
        "1771333509000000",
        "1771333509000000000",
    ],
)
def test_forms_of_time(tmp_path: Path, text: str) -> None:
    """The forms that machines and spreadsheets write are found by themselves."""
    assert times(written(tmp_path, f"Timestamp;a\n{text};1\n{text};2\n")) == [MOMENT, MOMENT]


@pytest.mark.parametrize(
    "name", ["time", "Date Time", "datetime", "ts", "Zeitstempel", "measured_at", "local_timestamp"]
)
def test_time_columns_by_name(tmp_path: Path, name: str) -> None:
    """The time column is known by many names, wherever it stands."""
    assert times(written(tmp_path, f"a;{name};b\n7;1771333509;9\n8;1771333509;9\n"))[0] == MOMENT


def test_time_column_without_a_name_for_it(tmp_path: Path) -> None:
    """A column of whole dates is the time whatever it is called."""
    assert times(written(tmp_path, "a;x\n7;2026-02-17 13:05:09\n8;2026-02-17 13:05:09\n"))[0] == MOMENT


def test_rising_numbers_are_no_time_unless_named(tmp_path: Path) -> None:
    """A counter is a metric, even where its numbers could be epoch seconds."""
    path = written(tmp_path, "energy;a\n1771333509;1\n1771333510;2\n")
    with pytest.raises(RecordingError, match="no time column"):
        read(path)
    assert times(path, time=("energy",))[0] == MOMENT


def test_day_and_clock_in_two_columns(tmp_path: Path) -> None:
    """Columns Date and Time make the time together."""
    path = written(tmp_path, "Date;Time;CO\n10/03/2004;18.00.00;2,6\n11/03/2004;19.00.00;2\n31/03/2004;20.00.00;2,2\n")
    assert times(path)[0] == "2004-03-10T18:00:00+00:00"


@pytest.mark.parametrize(("day", "clock"), [("date", "clock"), ("Tag", "Uhrzeit"), ("d", "hour")])
def test_day_and_clock_are_found_by_what_they_hold(tmp_path: Path, day: str, clock: str) -> None:
    """A column of days and one of clocks, whatever they are called, make the time together."""
    path = written(tmp_path, f"{day};a;{clock}\n17.02.2026;1;13:05:09\n17.02.2026;2;13:05:10\n")
    assert times(path) == ["2026-02-17T13:05:09+00:00", "2026-02-17T13:05:10+00:00"]


def test_day_and_month_are_told_apart_by_order(tmp_path: Path) -> None:
    """Where day and month could be swapped, the order that rises steadily wins."""
    days = "".join(f"{day:02}/01/2026 00:00:00;1\n" for day in range(1, 10))
    assert times(written(tmp_path, f"time;a\n{days}"))[-1].startswith("2026-01-09")
    months = "".join(f"01/{day:02}/2026 00:00:00;1\n" for day in range(1, 10))
    assert times(written(tmp_path, f"time;a\n{months}"))[-1].startswith("2026-01-09")


def test_doubt_between_day_and_month_is_told(tmp_path: Path) -> None:
    """Where nothing tells day from month, the note says what was taken and what to do."""
    path = written(tmp_path, "time;a\n03/04/2026 10:00:00;1\n03/04/2026 10:00:01;2\n")
    _, recording = read(path)
    assert "is as likely" in recording.layout.notes[0]
    assert times(path, time_format="%m/%d/%Y %H:%M:%S")[0].startswith("2026-03-04")


def test_naive_times_are_of_the_zone_that_is_said(tmp_path: Path) -> None:
    """Times without a zone are UTC unless another one is said; those with one keep it."""
    path = written(tmp_path, "time;a\n2026-07-01 12:00:00;1\n2026-07-01T12:00:00Z;1\n")
    assert times(path, zone=ZoneInfo("Europe/Berlin")) == ["2026-07-01T10:00:00+00:00", "2026-07-01T12:00:00+00:00"]


@pytest.mark.parametrize(("name", "second"), [("Time (s)", "00:00:00.500000"), ("time_ms", "00:00:00.000500")])
def test_elapsed_time_counts_from_the_start(tmp_path: Path, name: str, second: str) -> None:
    """Small rising numbers under a name of time are elapsed time, in the unit that the name says."""
    path = written(tmp_path, f"{name};a\n0;1\n0.5;2\n1.0;3\n")
    assert times(path)[1] == f"2026-01-01T{second}+00:00"


def test_a_named_column_without_times(tmp_path: Path) -> None:
    """A named time column that holds no times is refused."""
    with pytest.raises(RecordingError, match="'a' holds no known form of time"):
        read(written(tmp_path, "time;a\n2026-01-01;red\n2026-01-02;blue\n"), time=("a",))


@given(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)), st.sampled_from(["ms", "us", "ns"]))  # noqa: DTZ001 - drawn
def test_whole_epoch_numbers_keep_their_last_digit(moment: datetime, unit: str) -> None:
    """Milliseconds, microseconds and nanoseconds are read without rounding."""
    exact = moment.replace(tzinfo=UTC, microsecond=moment.microsecond // 1000 * 1000)
    micros = int(exact.timestamp()) * 1_000_000 + exact.microsecond
    text = str(micros // 1000 if unit == "ms" else micros if unit == "us" else micros * 1000)
    assert TimeForm(unit).read(text) == exact


@given(st.lists(st.text(max_size=30), min_size=1, max_size=5))
@example(["1E100"])
def test_any_text_has_a_form_or_none(texts: list[str]) -> None:
    """Whatever a column holds, finding its form never fails; a form that is found reads nearly all texts."""
    form = find_form(texts, UTC, name="time")
    assert form is None or reads(form, texts)
