"""What a person knows of a recording beforehand: faults by their times, and a beginning that is normal."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from tests.unit.tocsin.command_line import tocsin
from tests.unit.tocsin.labelled_pump import FAULT, recording
from tocsin.evaluation.training_part import TrainingPart, training_part

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("place")


def test_a_fault_by_its_times_needs_no_reading_of_its_own(tmp_path: Path) -> None:
    """The device sends nothing for two minutes: its incident belongs to the fault that a file of times names."""
    file, times = recording(tmp_path / "pump.csv"), tmp_path / "times.csv"
    lines = file.read_text().splitlines()
    file.write_text("\n".join(lines[:241] + lines[361:]) + "\n")  # the labelled rows are gone, too
    times.write_text("start,end,fault\n2026-11-22 06:04:00,2026-11-22 06:05:58,cable pulled\n")
    figures, _ = json.loads(tocsin("evaluate", file, "--faults", times, "--json").stdout)
    assert (figures["faults"], figures["found"], figures["false_incidents"]) == (1, 1, 0)
    (fault,), (told,) = figures["fault_list"], figures["incident_list"]
    assert (fault["name"], fault["rows"], fault["delay_s"]) == ("cable pulled", 0, None)
    assert (told["kind"], told["fault"], told["label"]) == ("silence", 1, "pump has gone silent")
    assert "1 cable pulled" in tocsin("evaluate", file, "--faults", times).stdout


def test_faults_by_their_times_label_rows(tmp_path: Path) -> None:
    """A recording without labels is judged by them; what has no reading is left out and said."""
    file, times = recording(tmp_path / "pump.csv", labelled=False), tmp_path / "times.jsonl"
    faults = [
        {"start": "2026-11-22T07:05:30+01:00", "end": "2026-11-22T07:05:44+01:00", "device": "pump"},
        {"start": "2026-11-22T06:05:30Z", "end": "2026-11-22T06:05:44Z", "device": "fan"},
        {"start": "2025-11-22T06:05:30Z", "end": "2025-11-22T06:05:44Z"},
    ]
    times.write_text("".join(json.dumps(one) + "\n" for one in faults))
    answer = tocsin("evaluate", file, "--faults", times, "--json")
    figures, _ = json.loads(answer.stdout)
    assert (figures["faults"], figures["found"]) == (1, 1)
    assert figures["hits"] + figures["misses"] == len(FAULT)
    assert "2 faults left out" in answer.stderr


def test_a_file_without_faults_says_that_all_is_well(tmp_path: Path) -> None:
    """Then every incident is false."""
    file, times = recording(tmp_path / "pump.csv", labelled=False), tmp_path / "none.csv"
    times.write_text("start,end\n")
    figures, _ = json.loads(tocsin("evaluate", file, "--faults", times, "--json").stdout)
    assert (figures["faults"], figures["incidents"], figures["false_incidents"]) == (0, 1, 1)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "no rows"),
        ("from,to\n2026-11-22T06:05:30Z,2026-11-22T06:05:44Z\n", "line 2: a fault needs start and end"),
        ("start,end\n2026-11-22T06:05:30Z,2026-11-22T06:05:14Z\n", "line 2: the fault ends before it begins"),
        ("start,end\nsoon,later\n", "'soon' is no time"),
        ("start,end\n10,20\n30,40\n", "'10' is no time"),
        ("start,end\n2026-11-22T06:05:30Z\n", "line 2: 1 fields where 2 are expected"),
    ],
)
def test_faults_that_cannot_be_read_are_named(tmp_path: Path, content: str, says: str) -> None:
    """By file and line."""
    times = tmp_path / "times.csv"
    times.write_text(content)
    answer = tocsin("evaluate", recording(tmp_path / "pump.csv"), "--faults", times)
    assert answer.exit_code == 1
    assert says in answer.stderr.replace("\n", " ")


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("7d", TrainingPart(seconds=7 * 86_400)),
        ("90 min", TrainingPart(seconds=5_400)),
        ("5000", TrainingPart(readings=5_000)),
        ("2026-11-22T06:30", TrainingPart(until=datetime(2026, 11, 22, 5, 30, tzinfo=UTC).timestamp())),
        ("2026-11-22T06:30Z", TrainingPart(until=datetime(2026, 11, 22, 6, 30, tzinfo=UTC).timestamp())),
    ],
)
def test_a_training_part_is_a_span_a_number_or_a_time(words: str, part: TrainingPart) -> None:
    """A time without a zone is one of the recording's."""
    assert training_part(words, timezone(timedelta(hours=1))) == part


@pytest.mark.parametrize("until", ["5min", "300", "2026-11-22T06:05"])
def test_the_training_part_is_learned_and_not_judged(tmp_path: Path, until: str) -> None:
    """The first five minutes are all there is to know; a verdict on each reading after them counts."""
    figures, _ = json.loads(
        tocsin("evaluate", recording(tmp_path / "pump.csv"), "--train-until", until, "--json").stdout
    )
    assert (figures["rows"], figures["faults"], figures["found"]) == (100, 1, 1)
    assert (figures["early_incidents"], figures["false_incidents"]) == (0, 0)


@pytest.mark.parametrize("labelled", [True, False])
def test_what_is_left_out_of_the_training_part_is_no_silence(tmp_path: Path, *, labelled: bool) -> None:
    """Its end cuts through a fault, whose first half is not learned: that the device sent nothing is not true."""
    file, times = tmp_path / "pump.csv", tmp_path / "times.csv"
    lines = recording(file).read_text().splitlines()
    healthy = [line[:-2] + ",0" for line in lines[1:]]
    marked = [line[:-1] + "1" if labelled and 250 <= row < 320 else line for row, line in enumerate(healthy)]
    file.write_text("\n".join([lines[0], *marked]) + "\n")
    times.write_text("start,end\n" + "2026-11-22T06:04:10Z,2026-11-22T06:05:19Z\n" * (not labelled))
    figures, _ = json.loads(tocsin("evaluate", file, "--train-until", "300", "--faults", times, "--json").stdout)
    assert (figures["rows"], figures["faults"], figures["found"]) == (100, 1, 0)
    assert "silence" not in {one["kind"] for one in figures["incident_list"]}


def test_a_silence_after_the_training_part_is_found(tmp_path: Path) -> None:
    """What the recording itself does not hold is no cut of ours."""
    file = tmp_path / "pump.csv"
    lines = recording(file).read_text().splitlines()
    file.write_text("\n".join(lines[:251] + lines[311:]) + "\n")
    figures, _ = json.loads(tocsin("evaluate", file, "--train-until", "5min", "--json").stdout)
    assert "silence" in {one["kind"] for one in figures["incident_list"]}


@pytest.mark.parametrize("labelled", [True, False])
def test_what_is_known_to_be_abnormal_is_not_learned(tmp_path: Path, *, labelled: bool) -> None:
    """By labels and by times: what is left of the training part is counted."""
    file, times = tmp_path / "pump.csv", tmp_path / "times.csv"
    lines = recording(file, labelled=labelled).read_text().splitlines()
    file.write_text("\n".join([lines[0], *lines[211:]]) + "\n")
    spans = ["2026-11-22T06:03:40Z,2026-11-22T06:03:49Z", "2026-11-22T06:05:30Z,2026-11-22T06:05:44Z"]
    times.write_text("\n".join(["start,end", *spans[: 1 if labelled else 2]]) + "\n")
    answer = tocsin("evaluate", file, "--train-until", "140", "--faults", times)
    few = f"pump: {140 - 10 - len(FAULT)} normal readings to learn from"
    assert few in answer.stderr.replace("\n", " ")


def test_a_training_part_that_is_too_short_is_said(tmp_path: Path) -> None:
    """Nothing is kept of it: the device learns from what follows."""
    answer = tocsin("evaluate", recording(tmp_path / "pump.csv"), "--train-until", "1min", "--json")
    figures, _ = json.loads(answer.stdout)
    assert "pump: 60 normal readings to learn from, 200 are needed" in answer.stderr.replace("\n", " ")
    assert figures["rows"] == 400 - 60 - 200


@pytest.mark.parametrize(
    ("until", "says"),
    [
        ("soon", "expected a span such as 7d"),
        ("99999999999d", "expected a span such as 7d"),
        ("2d", "all readings are in the training part"),
    ],
)
def test_a_training_part_that_cannot_be_is_refused(tmp_path: Path, until: str, says: str) -> None:
    """With what was expected."""
    answer = tocsin("evaluate", recording(tmp_path / "pump.csv"), "--train-until", until)
    assert answer.exit_code in {1, 2}
    assert says in answer.stderr.replace("\n", " ")


def test_a_counter_is_judged_by_its_rate(tmp_path: Path) -> None:
    """As it is it only leaves what was seen; its rate shows that it rises three times as fast."""
    file, total, draw = tmp_path / "meter.csv", 100.0, random.Random(4)  # noqa: S311 - no secret
    lines = ["time,energy,fault"]
    for row in range(600):
        leaks = 500 <= row < 540
        total += (3 if leaks else 1) * draw.gauss(0.02, 0.001)
        lines.append(f"2026-11-22T{6 + row // 60:02}:{row % 60:02}:00Z,{total:.4f},{int(leaks)}")
    file.write_text("\n".join(lines) + "\n")
    figures, _ = json.loads(tocsin("evaluate", file, "--counter", "energy", "--train-until", "400", "--json").stdout)
    (told,) = figures["incident_list"]
    assert (figures["found"], figures["false_incidents"]) == (1, 0)
    assert told["metric"] == "energy/h"
    assert told["observed"] == pytest.approx(3 * told["expected"], rel=0.3)
    assert "if it is a counter" in tocsin("evaluate", file).stderr.replace("\n", " ")
    answer = tocsin("evaluate", file, "--counter", "enrgy")
    assert "no column 'enrgy'" in answer.stderr.replace("\n", " ")


def test_plot_draws_what_is_judged(tmp_path: Path) -> None:
    """The same options serve both commands."""
    pytest.importorskip("matplotlib")
    out = tmp_path / "pump.html"
    answer = tocsin("plot", recording(tmp_path / "pump.csv"), "--train-until", "300", "--out", out)
    assert answer.exit_code == 0, answer.output
    assert "in 100 readings" in out.read_text()
