"""Reading of the labelled sets, from folders made for the test and from the real ones."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.ensemble import IsolationForest

from benchmarks.quality.metrics.rows import confusion
from benchmarks.quality.recording import Cause, Recording, RecordingError, Verdicts
from benchmarks.quality.sets import SETS
from benchmarks.quality.sets.skab import NORMAL_ROWS

if TYPE_CHECKING:
    from pathlib import Path


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")


def with_perfect_verdicts(recordings: list[Recording]) -> list[tuple[Recording, Verdicts]]:
    judged = []
    for r in recordings:
        rankings = [[*c.columns, *(x for x in range(len(r.metrics)) if x not in c.columns)] for c in r.causes]
        judged.append((r, Verdicts(r.truth.astype(np.float64), r.truth, rankings, [a for a, _ in r.spans])))
    return judged


def test_nab(tmp_path: Path) -> None:
    """Rows, probation and windows of a NAB file; a file without a window is quiet."""
    lines = "".join(f"2024-01-01 {n // 60:02}:{n % 60:02}:00,{n}\n" for n in range(1000))
    put(tmp_path / "data" / "group" / "one.csv.gz", "timestamp,value\n" + lines)
    put(tmp_path / "data" / "group" / "none.csv", "timestamp,value\n" + lines)
    window = ["2024-01-01 05:00:00.000000", "2024-01-01 05:09:00.000000"]
    put(tmp_path / "labels" / "combined_windows.json", json.dumps({"group/one.csv": [window], "group/none.csv": []}))
    none, one = SETS["NAB"].load(tmp_path)
    assert (one.name, one.first, one.spans, one.rows.shape) == ("data/group/one", 150, ((300, 309),), (1000, 1))
    assert none.quiet
    assert not one.quiet
    assert SETS["NAB"].evaluate(with_perfect_verdicts([none, one]))["NAB standard"] == pytest.approx(100.0)


def test_skab(tmp_path: Path) -> None:
    """Sensors, labels and change points of SKAB; the run without faults has none."""
    rows = "".join(
        f"2024-01-01 00:{n // 60:02}:{n % 60:02};1.5;{n}.0;{float(n >= 500)};{float(n == 500)}\n" for n in range(600)
    )
    put(tmp_path / "valve1" / "0.csv.gz", "datetime;a b;c;anomaly;changepoint\n" + rows)
    put(tmp_path / "anomaly-free" / "f.csv", "datetime;a b;c\n2024-01-01 00:00:00;1;2\n2024-01-01 00:00:01;1;2\n")
    free, fault = SETS["SKAB"].load(tmp_path)
    assert (fault.metrics, fault.first, fault.spans, int(fault.truth.sum())) == (("a b", "c"), 400, ((500, 500),), 100)
    assert free.quiet
    figures = SETS["SKAB"].evaluate(with_perfect_verdicts([free, fault]))
    assert (figures["SKAB F1"], figures["SKAB FAR %"]) == (1.0, 0.0)
    assert figures["SKAB AUC-PR"] == pytest.approx(1.0)
    assert figures["SKAB change points standard"] == pytest.approx(100.0)


def servers(folder: Path) -> None:
    put(folder / "train" / "m.txt.gz", "0,1,0.5\n" * 50)
    put(folder / "test" / "m.txt.gz", "0,1,0.5\n" * 30)
    put(folder / "test_label" / "m.txt.gz", "0\n" * 10 + "1\n" * 5 + "0\n" * 15)
    put(folder / "interpretation_label" / "m.txt", "10-14:1,3\n")


def test_servers(tmp_path: Path) -> None:
    """Training, labels and channels at fault of a machine; channels count from 1 in the file, from 0 here."""
    servers(tmp_path / "SMD")
    (machine,) = SETS["SMD"].load(tmp_path / "SMD")
    assert machine.training is not None
    assert (machine.training.rows.shape, machine.rows.shape) == ((50, 3), (30, 3))
    assert machine.times[0] - machine.training.times[-1] == 60.0
    assert [(c.first, c.last, c.columns) for c in machine.causes] == [(10, 14, (0, 2))]
    figures = SETS["SMD"].evaluate(with_perfect_verdicts([machine]))
    assert figures["SMD composite F1"] == figures["SMD Hit@100"] == 1.0
    assert figures["SMD AUC-PR"] == pytest.approx(1.0)


def test_published_evidence_counts_where_there_is_some(tmp_path: Path) -> None:
    """Of two events with evidence for one, half have evidence, and that one alone is measured."""
    servers(tmp_path / "SMD")
    (machine,) = SETS["SMD"].load(tmp_path / "SMD")
    machine = replace(machine, causes=(Cause(10, 12, (0, 2)), Cause(13, 14, (1,))))
    ((_, verdicts),) = with_perfect_verdicts([machine])
    figures = SETS["SMD"].evaluate([(machine, replace(verdicts, told=[[0, 1], []]))])
    assert figures["SMD events with evidence"] == 0.5
    assert figures["SMD evidence Hit@100"] == 0.5


def test_a_machine_without_labels_is_named(tmp_path: Path) -> None:
    """A machine whose labels are missing is refused, by name."""
    servers(tmp_path / "ASD")
    (tmp_path / "ASD" / "test_label" / "m.txt.gz").unlink()
    with pytest.raises(RecordingError, match=r"m has no test_label/m\.txt"):
        SETS["ASD"].load(tmp_path / "ASD")


def test_tep(tmp_path: Path) -> None:
    """The normal run is stored with one variable a line; a fault is on from row 160."""
    put(tmp_path / "d00.dat.gz", "1.0 2.0 3.0 4.0\n5.0 6.0 7.0 8.0\n")
    put(tmp_path / "d00_te.dat", "1.0 2.0\n" * 200)
    put(tmp_path / "d01_te.dat", "1.0 2.0\n" * 200)
    normal, fault = SETS["TEP"].load(tmp_path)
    assert fault.training is not None
    assert fault.training.rows.tolist() == [[1, 5], [2, 6], [3, 7], [4, 8]]
    assert (normal.quiet, fault.quiet, int(np.argmax(fault.truth))) == (True, False, 160)
    figures = SETS["TEP"].evaluate(with_perfect_verdicts([normal, fault]))
    assert (figures["TEP found at 1 % FAR"], figures["TEP delay, rows"], figures["TEP live FAR %"]) == (1.0, 0.0, 0.0)


def test_the_recorded_sets(shared: Path) -> None:
    """The real folders are read whole: files, rows, channels and events as their description counts them."""
    counted = {}
    for name, labelled in SETS.items():
        recordings = labelled.load(shared / "data" / name)
        rows = sum(len(r.rows) for r in recordings if not (name == "SKAB" and r.quiet))
        counted[name] = (
            len(recordings),
            rows,
            recordings[0].rows.shape[1],
            sum(len(r.causes or r.spans) for r in recordings),
        )
    assert counted == {
        "NAB": (31, 184179, 1, 62),
        "SKAB": (18, 18645, 8, 65),
        "SMD": (4, 94787, 38, 60),
        "ASD": (6, 25920, 19, 43),
        "TEP": (12, 11520, 52, 11),
    }


def test_the_published_isolation_forest_on_skab(shared: Path) -> None:
    """The source's isolation forest gives its published row (.29 / 2.6 / 82.9 on twice as many files)."""
    truth, alarms = [], []
    for r in SETS["SKAB"].load(shared / "data" / "SKAB"):
        if not r.quiet:
            forest = IsolationForest(random_state=0, contamination=0.0005).fit(r.rows[:NORMAL_ROWS])
            odd = np.concatenate(([0, 0], forest.predict(r.rows[NORMAL_ROWS:]) == -1))
            alarms.append(np.median(np.lib.stride_tricks.sliding_window_view(odd, 3), axis=1) > 0)
            truth.append(r.truth[NORMAL_ROWS:])
    counts = confusion(np.concatenate(truth), np.concatenate(alarms))
    assert counts.f1 == pytest.approx(0.29, abs=0.04)
    assert counts.false_alarm_rate == pytest.approx(0.026, abs=0.01)
    assert counts.missed_alarm_rate == pytest.approx(0.829, abs=0.04)
