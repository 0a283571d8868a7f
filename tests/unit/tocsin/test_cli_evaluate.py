"""`tocsin evaluate` and `tocsin plot`: the detector's own path over a recording, its figures and its pictures."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.tocsin.command_line import tocsin
from tests.unit.tocsin.labelled_pump import FAULT, recording
from tocsin.evaluation.evaluation import evaluated, together
from tocsin.evaluation.faults import spans
from tocsin.evaluation.plane import in_a_plane, thinned
from tocsin.evaluation.spans import Span
from tocsin.evaluation.track import Incident, Life, Track

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("place")


def track(marks: str, alarms: str, *incidents: Incident, learned_at: int = 0) -> Track:
    """Make a track of a reading a minute: `#` is labelled, or an alarm."""
    made = Track("pump", labelled=True, learned_at=learned_at, incidents=list(incidents))
    made.times = [60.0 * row for row in range(len(marks))]
    made.truth, made.alarms = [mark == "#" for mark in marks], [alarm == "#" for alarm in alarms]
    return made


def incident(*rows: tuple[int, int], over: bool = True) -> Incident:
    """Make an incident that opened, and opened again, and closed at these rows."""
    lives = [Life(first, last, over=True) for first, last in rows]
    lives[-1].over = over
    return Incident(lives, "spike", ("t",), 0.9)


def test_figures_of_a_recording() -> None:
    """Rows by verdict, faults by incident, delay from a fault's first row, false incidents by time."""
    figures = evaluated(track("....###...##", "..#..##.....", incident((2, 2)), incident((5, 7)))).figures
    assert (figures.hits, figures.false_alarms, figures.misses) == (2, 1, 3)
    assert figures.precision == pytest.approx(2 / 3)
    assert figures.recall == pytest.approx(0.4)
    assert (figures.faults, figures.found, figures.delay_rows, figures.delay_s) == (2, 1, 1, 60)
    assert (figures.incidents, figures.false_incidents) == (2, 1)
    assert figures.false_per_day == pytest.approx(1 / (11 / 1440))
    both = together([figures, figures])
    assert (both.found, both.false_incidents, both.days) == (2, 2, figures.days)


def test_rows_before_the_first_model_are_not_counted() -> None:
    """What the detector could not know yet is neither right nor wrong."""
    one = evaluated(track("##....##", "........", learned_at=4))
    assert (one.figures.rows, one.figures.faults, one.figures.misses) == (4, 1, 2)
    assert [fault.outcome for fault in one.faults] == ["not_counted", "missed"]
    nothing = evaluated(track("##", "..", learned_at=2)).figures
    assert (nothing.rows, nothing.precision, nothing.delay_s, nothing.false_per_day) == (0, None, None, None)
    assert nothing.ringing_share is None


def test_incidents_before_the_first_model_count_apart() -> None:
    """Who watches a new device hears of them, so they are not hidden."""
    one = evaluated(track("##..........", "." * 12, incident((1, 1)), incident((3, 5)), incident((7, 8)), learned_at=4))
    assert (one.figures.early_incidents, one.figures.early_false_incidents) == (2, 1)
    assert (one.figures.incidents, one.figures.false_incidents) == (1, 1)


def test_a_fault_under_an_open_incident_is_not_found() -> None:
    """One incident that never ends would find every fault at once."""
    one = evaluated(track("....##....##..", "." * 14, incident((1, 13), over=False)))
    assert (one.figures.faults, one.figures.found, one.figures.already_ringing, one.figures.missed) == (2, 0, 2, 0)
    assert one.figures.delay_s is None
    assert one.figures.false_incidents == 1
    assert one.figures.ringing_share == pytest.approx(12 / 13)
    assert one.figures.faulty_share == pytest.approx(2 / 13)


def test_an_incident_that_opens_again_in_a_fault_finds_it() -> None:
    """People are told anew; the time in between was quiet."""
    one = evaluated(track("....###...", "." * 10, incident((1, 2), (5, 7))))
    assert [fault.outcome for fault in one.faults] == ["found"]
    assert [fault for _, fault in one.incidents] == [one.faults[0].fault]
    assert one.figures.ringing_share == pytest.approx(3 / 9)


def test_an_incident_that_closes_as_a_fault_begins_does_not_ring() -> None:
    """Nobody is told of the fault, and nothing was open any more."""
    one = evaluated(track("....##....", "." * 10, incident((1, 4))))
    assert [fault.outcome for fault in one.faults] == ["missed"]


def test_a_fault_without_readings_is_told_with_the_first_one_after_it() -> None:
    """Silence has no row of its own; its incident is not false, and a recording cannot tell how soon it was noticed."""
    made = track("..........", "." * 10, incident((6, 8)))
    made.times[6:] = [at + 6000 for at in made.times[6:]]
    made.spans = {400.0: Span(400.0, 6000.0, "silence"), 9e9: Span(9e9, 9e9, "after the end")}
    one = evaluated(made)
    assert [(fault.fault.name, fault.outcome, fault.delay) for fault in one.faults] == [("silence", "found", None)]
    assert (one.figures.faults, one.figures.false_incidents) == (1, 0)


def test_a_span_of_known_time_takes_the_place_of_labelled_rows_in_it() -> None:
    """One fault told twice is one."""
    made = track("..##..##..", "." * 10)
    made.spans = {110.0: Span(110.0, 200.0, "leak")}
    assert [(one.fault.first, one.fault.last, one.fault.name) for one in evaluated(made).faults] == [
        (2, 3, "leak"),
        (6, 7, ""),
    ]


def test_labels_of_other_names_are_other_faults() -> None:
    """One follows the other without a pause; rows that no label names belong to the fault that they touch."""
    made = track("..########..", "." * 12, incident((6, 9)))
    made.names = {3: "leak", 4: "leak", 6: "stuck", 7: "stuck", 8: "leak"}
    one = evaluated(made)
    assert [(fault.fault.first, fault.fault.last, fault.fault.name, fault.outcome) for fault in one.faults] == [
        (2, 5, "leak", "missed"),
        (6, 7, "stuck", "found"),
        (8, 9, "leak", "already_ringing"),
    ]
    assert [fault for _, fault in one.incidents] == [one.faults[1].fault]


def test_what_opens_as_one_fault_follows_another_is_about_the_newer_one() -> None:
    """Only where nothing follows at once, the row after a fault is still its own."""
    made = track("..####......", "." * 12, incident((4, 5)))
    made.names = {2: "leak", 3: "leak", 4: "stuck", 5: "stuck"}
    assert [fault.outcome for fault in evaluated(made).faults] == ["missed", "found"]
    made.incidents = [incident((6, 7))]
    assert [fault.outcome for fault in evaluated(made).faults] == ["missed", "found"]


def test_a_silence_before_a_fault_of_another_kind_is_found_with_the_row_that_ends_it() -> None:
    """The row is the other fault's first; what opens with it may tell of both."""
    made = track("......####", "." * 10, incident((6, 8)))
    made.times[6:] = [at + 6000 for at in made.times[6:]]
    made.spans = {400.0: Span(400.0, 6000.0, "silence")}
    assert [fault.outcome for fault in evaluated(made).faults] == ["found", "found"]


@given(st.lists(st.booleans()))
def test_spans_hold_the_marked_rows_and_no_others(marks: list[bool]) -> None:
    """Each run of marked rows is one span."""
    held = [row for first, last in spans(marks) for row in range(first, last + 1)]
    assert held == [row for row, mark in enumerate(marks) if mark]


@given(st.lists(st.floats(-1e6, 1e6) | st.just(math.nan), min_size=1, max_size=300), st.integers(10, 60))
def test_thinning_keeps_the_peaks(values: list[float], most: int) -> None:
    """The lowest and the highest value are drawn, and not many more points than asked for."""
    array = np.array(values)
    kept = thinned(array, most)
    assert len(kept) <= max(most + 2, 12)
    assert list(kept) == sorted(set(kept))
    if not np.isnan(array).all():
        assert np.nanmax(array[kept]) == np.nanmax(array)
        assert np.nanmin(array[kept]) == np.nanmin(array)


def test_the_plane_sets_odd_rows_apart() -> None:
    """Rows that are far off lie far off, whatever the metrics' units; a missing value is carried forward."""
    random_ = np.random.default_rng(1)
    made = track("." * 300, "." * 290 + "#" * 10)
    made.values = [{"a": 1e6 * random_.normal(), "b": 1e-3 * random_.normal(), "c": None} for _ in range(300)]
    for row in made.values[290:]:
        row["b"] = 1.0
    made.values[5] = {"a": None}
    points, explained = in_a_plane(made)
    assert points.shape == (300, 2)
    assert np.abs(points[290:]).max(axis=1).min() > 10 * np.abs(points[:290]).max(axis=1).mean()
    assert 0 < explained[1] <= explained[0] <= 1


def test_evaluate_prints_how_right_it_was(tmp_path: Path) -> None:
    """The labelled fault is found at once and nothing else; JSON holds the same, and all devices together."""
    file = recording(tmp_path / "pump.csv")
    answer = tocsin("evaluate", file)
    assert answer.exit_code == 0, answer.output
    assert "1 of 1" in answer.stdout
    figures, whole = json.loads(tocsin("evaluate", file, "--json").stdout)
    assert (figures["device"], whole["device"]) == ("pump", "all")
    assert figures["recall"] > 0.9
    assert figures["delay_rows"] <= 2
    assert figures["false_incidents"] == 0
    (fault,), (told,) = figures["fault_list"], figures["incident_list"]
    assert (fault["number"], fault["start"], fault["rows"]) == (1, "2026-11-22T06:05:30Z", len(FAULT))
    assert (fault["outcome"], fault["incident"]) == ("found", told["incident"])
    assert (told["device"], told["fault"], told["false"], told["early"]) == ("pump", 1, False, False)
    assert (told["metric"], told["label"]) == ("temperature", f"temperature {told['label'].partition(' ')[2]}")
    assert told["observed"] > told["upper"] > told["expected"]
    assert told["reason"].startswith("On pump, temperature is ")
    assert whole["already_ringing"] == 0


def test_evaluate_lists_faults_and_incidents(tmp_path: Path) -> None:
    """A person reads when it rang, of what, and for which fault."""
    answer = tocsin("evaluate", recording(tmp_path / "pump.csv"))
    fault, told = [line for line in answer.stdout.splitlines() if " 2026-11-22 06:05:" in f" {line}"]
    assert "found after " in fault
    assert told.startswith("2026-11-22 06:05:3")
    assert ": 8" in told
    assert ", expected 60 (usually 58." in told  # what the flow lets expect


def test_what_is_missing_is_said_without_a_value(tmp_path: Path) -> None:
    """There is none to say, and one that comes later is not what was wrong."""
    file = recording(tmp_path / "pump.csv")
    rows = [line.split(",") for line in file.read_text().splitlines()[: FAULT.start]]
    for row in rows[270:310]:
        row[2:] = ["", "1"]
    file.write_text("\n".join(map(",".join, rows)) + "\n")
    (told,) = [line for line in tocsin("evaluate", file).stdout.splitlines() if "gives no value" in line]
    assert "flow gives no value, expected 1" in told


def test_a_long_list_is_cut_unless_all_is_asked_for(tmp_path: Path) -> None:
    """Twenty lines, and how many more there are."""
    file = tmp_path / "pump.csv"
    lines = recording(file).read_text().splitlines()
    marks = [line[:-1] + str(int(row > 200 and row % 4 == 0)) for row, line in enumerate(lines[1:])]
    file.write_text("\n".join([lines[0], *marks]) + "\n")
    assert "and 29 more: --all lists them" in tocsin("evaluate", file).stdout
    assert "more: --all" not in tocsin("evaluate", file, "--all").stdout


def test_evaluate_needs_labels(tmp_path: Path) -> None:
    """A recording without labels says so, and what to do."""
    answer = tocsin("evaluate", recording(tmp_path / "pump.csv", labelled=False))
    assert answer.exit_code == 1
    assert "no labels" in answer.stderr
    assert "tocsin plot" in answer.stderr


@pytest.mark.parametrize(
    ("name", "begins"), [("a.png", b"\x89PNG"), ("a.svg", b"<?xml"), ("a.html", b"<!doctype html>")]
)
def test_plot_draws_what_the_name_ends_with(tmp_path: Path, name: str, begins: bytes) -> None:
    """A picture or a page of its own, with nothing fetched from elsewhere."""
    pytest.importorskip("matplotlib")
    answer = tocsin("plot", recording(tmp_path / "pump.csv"), "--out", tmp_path / name)
    assert answer.exit_code == 0, answer.output
    content = (tmp_path / name).read_bytes()
    assert content.startswith(begins)
    if name.endswith("html"):
        assert b"<script" not in content
        assert content.count(b"<tr>") == 2


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--out", "a.gif"), "ends with .png"),
        (("--metric", "speed"), "no metric 'speed'; there are: temperature, flow"),
        (("--out", "no/such/place.png"), "cannot write"),
    ],
)
def test_what_cannot_be_drawn_is_said(tmp_path: Path, options: tuple[str, ...], says: str) -> None:
    """In words, with what there is."""
    pytest.importorskip("matplotlib")
    answer = tocsin("plot", recording(tmp_path / "pump.csv"), *options)
    assert answer.exit_code in {1, 2}
    assert says in answer.stderr.replace("\n", " ")


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without matplotlib the extra to install is said."""
    monkeypatch.setattr("tocsin.evaluation.figures.find_spec", lambda _: None)
    answer = tocsin("plot", recording(tmp_path / "pump.csv"))
    assert answer.exit_code == 1
    assert "pip install 'tocsin[plot]'" in answer.stderr
