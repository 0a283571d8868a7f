"""`tocsin train`."""

from __future__ import annotations

import json
import math
import random
from typing import TYPE_CHECKING

import numpy as np
import pytest

from detector.models.model_files import load_model
from tests.unit.detector.rig import TOPICS, Rig, readings
from tests.unit.tocsin.command_line import tocsin

if TYPE_CHECKING:
    from pathlib import Path


def recording(file: Path, rows: int) -> Path:
    """Write a machine's normal course, one row a second."""
    draw = random.Random(7)  # noqa: S311 - no secret
    lines = ["time,temperature,flow rate,operator"]
    for row in range(rows):
        load = math.sin(row / 20) + draw.gauss(0, 0.1)
        lines.append(f"2026-11-22T06:{row // 60:02}:{row % 60:02}Z,{60 + load:.3f},{12 + 0.5 * load:.4f},Eve")
    file.write_text("\n".join(lines) + "\n")
    return file


def test_a_recording_becomes_a_model(place: Path) -> None:
    """The model is saved with its manifest under the device's name, encoded as in topics, and can be loaded."""
    file = recording(place / "mill no 2.csv", 400)
    answer = tocsin("train", file, "--out", "models")
    assert answer.exit_code == 0, answer.stderr
    head, row = answer.stdout.splitlines()
    assert head.split("  ")[0] == "device"
    assert row.split("  ")[0] == "mill no 2"
    assert row.rstrip().endswith("temperature, flow rate")
    model = load_model(place / "models" / "mill%20no%202.joblib")
    assert (model.device, model.metrics) == ("mill no 2", ("temperature", "flow rate"))
    assert json.loads((place / "models" / "mill%20no%202.json").read_text())["device"] == "mill no 2"
    assert "1 model in models" in answer.stderr


def test_all_of_a_recording_is_the_reference_but_labelled_rows(place: Path) -> None:
    """The model is complete and holds each row of the recording, without those that its labels call abnormal."""
    lines = recording(place / "mill.csv", 300).read_text().splitlines()
    labelled = [f"{lines[0]},anomaly", *(f"{line},{int(100 <= row < 120)}" for row, line in enumerate(lines[1:]))]
    (place / "mill.csv").write_text("\n".join(labelled) + "\n")
    assert tocsin("train", place / "mill.csv", "--out", "models").exit_code == 0
    model = load_model(place / "models" / "mill.joblib")
    assert (model.complete, model.version, len(model.rows)) == (True, 1, 280)


def test_the_usual_place_is_the_detectors(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --out the model goes where the detector looks, under the name that was given."""
    monkeypatch.setenv("TOCSIN_STATE_DIR", "state")
    assert tocsin("train", recording(place / "a.csv", 250), "--device", "mill").exit_code == 0
    assert (place / "state" / "trained" / "mill.joblib").is_file()


def test_too_few_rows_are_said(place: Path) -> None:
    """A recording that is shorter than the warm-up gives no model, and says how much is missing."""
    answer = tocsin("train", recording(place / "short.csv", 100), "--out", "models")
    assert answer.exit_code == 1
    assert "100 normal rows are too few, 200 are needed" in answer.stderr
    assert not list((place / "models").glob("*.joblib"))


def test_a_scenario_trains_one_device(place: Path) -> None:
    """The simulator's normal course trains, and --device leaves the others out."""
    answer = tocsin("train", "--scenario", "factory", "--hours", 0.03, "--device", "press-1", "--out", "models")
    assert answer.exit_code == 0, answer.stderr
    assert [path.name for path in (place / "models").glob("*.joblib")] == ["press-1.joblib"]


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "give files, --scenario or --from db"),
        (["--scenario", "nowhere"], "no scenario 'nowhere'"),
        (["--scenario", "factory", "--hours", "0"], "--hours 0"),
        (["--scenario", "factory", "--hours", "0.01", "--device", "mill"], "no reading of device 'mill'"),
    ],
)
def test_what_cannot_train_is_refused(words: list[str], said: str) -> None:
    """Each mistake is named."""
    answer = tocsin("train", *words)
    assert answer.exit_code in (1, 2)
    assert said in answer.stderr


def test_a_file_without_numbers_is_named(place: Path) -> None:
    """A file that holds no readings is refused by its name."""
    (place / "words.csv").write_text("time,word\n2026-11-22,a\n2026-11-23,b\n")
    answer = tocsin("train", "words.csv")
    assert answer.exit_code == 1
    assert "words.csv" in answer.stderr


def test_training_from_what_the_detector_remembers(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--from db` reads the recent readings of every device, without those of incidents that nobody has pardoned."""
    rig = Rig(place / "detector")
    rig.start()
    faults = tuple(range(100, 130))
    for payload in readings(300, faults):
        rig.broker.publish(TOPICS.readings("pump"), payload)
    rig.drain()
    answer = tocsin("train", "--from", "db", "--out", place / "trained")
    assert answer.exit_code == 1, "the state is elsewhere"
    assert "TOCSIN_STATE_DIR" in answer.stderr
    monkeypatch.setenv("TOCSIN_STATE_DIR", str(place / "detector"))
    answer = tocsin("train", "--from", "db", "--out", place / "trained")
    rig.service.stop()
    assert answer.exit_code == 0, answer.output
    model = load_model(place / "trained" / "pump.joblib")
    assert float(np.nanmax(model.rows[:, model.columns.index("temperature")])) < 80
    assert len(model.rows) > 150
