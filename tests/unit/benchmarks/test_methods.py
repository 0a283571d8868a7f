"""What the quality benchmark compares, and its command line."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks.quality.methods import METHODS
from benchmarks.quality.methods.fixed import rolled
from benchmarks.quality.recording import Cause, Recording, Training, Verdicts, evenly
from benchmarks.quality.report import table, write_scores

if TYPE_CHECKING:
    from pathlib import Path

_EXTRA = {"hbos": "pyod", "loda": "pyod", "half_space_trees": "river"}


def recording(*, training: bool) -> Recording:
    """Four steady metrics; in rows 300 to 349 the second is far off."""
    rng = np.random.default_rng(1)
    rows = rng.normal([10.0, 20.0, 30.0, 40.0], 1.0, (400, 4))
    truth = np.zeros(400, dtype=np.bool_)
    truth[300:350] = True
    rows[truth, 1] += 15.0
    before = Training(evenly(0.0, 300, 1.0), rng.normal([10.0, 20.0, 30.0, 40.0], 1.0, (300, 4)), continues=True)
    return Recording(
        "SKAB" if not training else "SMD",
        "made/up",
        ("a", "b", "c", "d"),
        evenly(300.0, 400, 1.0),
        rows,
        0 if training else 250,
        truth,
        ((300, 349),),
        (Cause(300, 349, (1,)),),
        before if training else None,
    )


@pytest.mark.parametrize("training", [True, False], ids=["training", "first rows"])
@pytest.mark.parametrize("name", METHODS)
def test_every_method_judges_every_row(name: str, training: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """A method gives a finite score and a verdict of each row, and the same ones again."""
    if name in _EXTRA and importlib.util.find_spec(_EXTRA[name]) is None:
        pytest.skip(f"{_EXTRA[name]} is not installed: it is in the extra `bench`")
    verdicts = METHODS[name](recording(training=training))
    assert verdicts.scores.shape == verdicts.alarms.shape == (400,)
    assert np.isfinite(verdicts.scores).all()
    assert np.array_equal(METHODS[name](recording(training=training)).scores, verdicts.scores)


@pytest.mark.parametrize("name", ["tocsin", "max_z", "pca"])
def test_a_gross_fault_is_found(name: str) -> None:
    """The rows of a gross fault score higher than nearly all others, and are alarms."""
    verdicts = METHODS[name](recording(training=True))
    assert np.median(verdicts.scores[300:350]) > np.quantile(verdicts.scores[:300], 0.99)
    assert verdicts.alarms[300:350].mean() > 0.5
    assert verdicts.alarms[:300].mean() < 0.05


@pytest.mark.parametrize("name", ["tocsin", "max_z", "pca"])
def test_the_metric_at_fault_is_named_first(name: str) -> None:
    """Methods that say where the fault is rank its column first."""
    rankings = METHODS[name](recording(training=True)).rankings
    assert rankings is not None
    assert rankings[0][0] == 1


def test_the_published_evidence_names_the_metric_at_fault() -> None:
    """What the detector's first anomaly of an event names is kept, the largest share first."""
    told = METHODS["tocsin"](recording(training=True)).told
    assert told is not None
    assert told[0][0] == 1


@pytest.mark.parametrize("name", ["tocsin", "max_z", "pca", "iforest_rolling", "ecod"])
def test_no_look_ahead(name: str) -> None:
    """What a method says of a row does not change with the rows after it."""
    whole = recording(training=True)
    cut = Recording(
        whole.collection,
        whole.name,
        whole.metrics,
        whole.times[:320],
        whole.rows[:320],
        0,
        whole.truth[:320],
        training=whole.training,
    )
    assert METHODS[name](cut).scores == pytest.approx(METHODS[name](whole).scores[:320])


def test_rolling_features() -> None:
    """Mean and deviation look at the last ten rows, at fewer where the recording begins."""
    features = rolled(np.arange(20.0)[:, None])
    assert features[15].tolist() == pytest.approx([15.0, 10.5, float(np.std(np.arange(10))), 1.0])
    assert features[0].tolist() == [0.0, 0.0, 0.0, 0.0]


def test_table_shows_the_target_beside_each_figure() -> None:
    """A line a figure, a column a method, a dash where a method has no such figure."""
    text = table({"tocsin": {"SKAB F1": 0.8123, "SKAB FAR %": 9.5}, "random": {"SKAB F1": 0.01}})
    assert [line.split() for line in text.splitlines()] == [
        ["reach", "tocsin", "random"],
        ["SKAB", "F1", "0.800", "0.812", "0.010"],
        ["SKAB", "FAR", "%", "15.0", "9.5", "-"],
    ]


def test_scores_file(tmp_path: Path) -> None:
    """One line a row, score and verdict, nothing else."""
    made_up = recording(training=False)
    write_scores(tmp_path, "tocsin", (made_up, Verdicts(np.full(400, 0.25), made_up.truth)))
    lines = (tmp_path / "tocsin" / "SKAB" / "made" / "up.csv").read_text().splitlines()
    assert (len(lines), lines[0], lines[300]) == (400, "0.25,0", "0.25,1")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks.quality", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_command_line(tmp_path: Path) -> None:
    """A folder with one of the sets gives a table, a JSON file and a line for each row."""
    for part, rows in (("train", 60), ("test", 40)):
        (tmp_path / "ASD" / part).mkdir(parents=True)
        np.savetxt(tmp_path / "ASD" / part / "m.txt", np.random.default_rng(1).random((rows, 3)), delimiter=",")
    (tmp_path / "ASD" / "test_label").mkdir()
    (tmp_path / "ASD" / "test_label" / "m.txt").write_text("0\n" * 30 + "1\n" * 10)
    out, scores = tmp_path / "out.json", tmp_path / "scores"
    done = run("--data", str(tmp_path), "--methods", "random,always", "--out", str(out), "--scores", str(scores))
    assert done.returncode == 0, done.stderr
    assert "ASD VUS-PR" in done.stdout
    assert "SKAB: left out" in done.stderr
    figures = json.loads(out.read_text())["figures"]
    assert figures["always"]["ASD AUC-PR"] == pytest.approx(0.25)
    assert len((scores / "always" / "ASD" / "test" / "m.csv").read_text().splitlines()) == 40


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["--methods", "magic"], "magic: known are tocsin"), (["--sets", "TEP"], "none of TEP is there")],
)
def test_command_line_errors(tmp_path: Path, arguments: list[str], said: str) -> None:
    """A wrong name, or a folder without any set, is said in a line, with exit status 2."""
    done = run("--data", str(tmp_path), *arguments)
    assert done.returncode == 2
    assert said in done.stderr
