"""The parts of `tocsin replay` that need no broker."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from producer.recordings.layout import Layout
from producer.recordings.rows import BadRow, Skipped
from producer.replay.terms import FileSummary, ReplaySummary
from tests.unit.tocsin.command_line import tocsin
from tocsin.recordings.replay_screen import layout_lines, summary_lines
from tocsin.recordings.replaying import Columns, Pace
from tocsin.terminal import CommandError

LAYOUT = Layout(
    time=("date", "time"),
    form=None,
    device=None,
    metrics=("temperature", "energy"),
    labels=("anomaly",),
    counters=("energy",),
    left_out={"operator": "text, such as 'Eve'"},
    notes=("day first or month first?",),
)


def summary(**changes: Any) -> ReplaySummary:
    """Make the summary of a replay of one file."""
    file = FileSummary(Path("boiler.csv"), "boiler", LAYOUT, sent=1200, truths=7, complete=True)
    file.bad_rows = Skipped(7, [BadRow(line, "2 fields where 4 are expected") for line in range(2, 9)])
    usual = {
        "run": "boiler-1",
        "resumed": False,
        "complete": True,
        "files": (file,),
        "sent": 1200,
        "acknowledged": 1200,
        "taken": 1200,
        "given_up": 0,
        "refused": {},
        "seconds": 4.0,
    }
    return ReplaySummary(**{**usual, **changes})


def test_the_summary_counts_what_was_sent_and_left_out() -> None:
    """Nothing is left out silently: bad rows are counted, the first ones with line and reason."""
    assert [str(line) for line in summary_lines(summary())] == [
        "boiler.csv: 1,200 readings, 7 with ground truth",
        "  7 bad rows, left out:",
        *(f"    line {line}: 2 fields where 4 are expected" for line in range(2, 7)),
        "    and 2 more",
        "Replayed 1,200 readings in 4.0 s (300/s) as run boiler-1.",
        "The detector has taken in 1,200 readings of this run.",
    ]


def test_a_stopped_replay_says_that_it_can_go_on() -> None:
    """After an interruption the summary says how to go on."""
    lines = [str(line) for line in summary_lines(summary(complete=False, files=(), given_up=3, refused={"no": 2}))]
    assert lines == [
        "Stopped after 1,200 readings in 4.0 s (300/s) as run boiler-1.",
        "The detector has taken in 1,200 readings of this run.",
        "3 were refused or lost: see tocsin doctor.",
        "The broker refused ground truth 2 times: no",
        "The same command goes on from here; with --restart it begins anew.",
    ]


def test_what_the_detector_did_not_take_in_is_told() -> None:
    """The summary says how many readings the detector refused and why, and how many are missing unheard."""
    told = summary(taken=1190, given_up=3, unusable={"internal_error": 5, "bad_time": 2})
    assert [str(line) for line in summary_lines(told)][-3:] == [
        "The detector has taken in 1,190 of 1,200 readings of this run.",
        "It could not use 7 (internal_error 5, bad_time 2): see tocsin doctor.",
        "3 were refused or lost: see tocsin doctor.",
    ]


def test_the_columns_that_were_found_are_told() -> None:
    """A person sees at once whether time, metrics and ground truth were understood."""
    file = FileSummary(Path("boiler.csv"), "boiler", LAYOUT)
    assert list(layout_lines(file)) == [
        "boiler.csv: device 'boiler', time from 'date and time', 2 metrics: temperature, energy",
        "  ground truth, kept from the detector: anomaly",
        "  counters, sent as their rates an hour: energy",
        "  left out: operator (text, such as 'Eve')",
        "  note: day first or month first?",
    ]


def test_without_a_word_the_detector_sets_the_pace() -> None:
    """The pace is the detector's, the recorded one, or a multiple of it."""
    assert Pace().factor() == math.inf
    assert Pace(fastest=True).factor() == math.inf
    assert Pace(recorded=True).factor() == 1.0
    assert Pace(speed="max").factor() == math.inf
    assert Pace(speed="60").factor() == 60.0


@pytest.mark.parametrize(
    "pace",
    [
        Pace(speed="2", fastest=True),
        Pace(recorded=True, fastest=True),
        Pace(speed="0"),
        Pace(speed="fast"),
        Pace(speed="nan"),
    ],
)
def test_a_pace_that_cannot_be_is_refused(pace: Pace) -> None:
    """Two paces, or none at all, are refused."""
    with pytest.raises(CommandError):
        pace.factor()


@pytest.mark.parametrize("columns", [Columns(timezone="Mars/Olympus"), Columns(interval=0), Columns(interval=-1)])
def test_columns_that_cannot_be_are_refused(columns: Columns) -> None:
    """An unknown zone and an interval that leads nowhere are refused."""
    with pytest.raises(CommandError):
        columns.layout()


@pytest.mark.usefixtures("place")
def test_a_missing_file_is_wrong_use() -> None:
    """A file that does not exist is named."""
    answer = tocsin("replay", "nowhere.csv")
    assert answer.exit_code == 2
    assert "nowhere.csv" in answer.stderr
