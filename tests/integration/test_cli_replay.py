"""`tocsin replay` through a real broker, detector and explainer."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

import pytest

from tests.integration.command_process import CommandProcess
from tests.plant import Plant, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.broker, pytest.mark.slow]
ROWS, FAULT_AT = 600, 450


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    """Broker, detector and explainer."""
    with Plant(tmp_path_factory.mktemp("plant")) as running:
        yield running


def replay(plant: Plant, directory: Path, *words: object) -> CommandProcess:
    """Start a replay."""
    return CommandProcess(
        "replay",
        *words,
        "--port",
        plant.broker.port,
        directory=directory,
        TOCSIN_BROKER_PROTOCOL=plant.broker.program.protocol,
    )


def recording(file: Path, rows: int = ROWS) -> Path:
    """Write a machine's course, one row a second, with a fault and its label near the end, and one bad row."""
    draw = random.Random(3)  # noqa: S311 - no secret
    lines = ["when;temperature;flow;anomaly"]
    for row in range(rows):
        load, fault = math.sin(row / 15) + draw.gauss(0, 0.1), row >= FAULT_AT
        clock = f"2026-11-22 {row // 3600:02}:{row // 60 % 60:02}:{row % 60:02}"
        lines.append(f"{clock};{60 + load + 40 * fault:.3f};{12 + 0.5 * load:.4f};{int(fault)}")
    lines.insert(100, "broken")
    file.write_text("\n".join(lines) + "\n")
    return file


def test_a_recording_becomes_alerts(plant: Plant, tmp_path: Path) -> None:
    """All rows arrive, the bad one is named, the fault is an alert; a second replay is another run, and says so."""
    file = recording(tmp_path / "mill.csv")
    runs = set()
    for known in (False, True):
        with replay(plant, tmp_path, file) as command:
            assert command.ended() == 0, command.said
        assert f"mill.csv: {ROWS} readings, {ROWS - FAULT_AT} with ground truth" in command.said
        assert "line 101: 1 fields where 4 are expected" in command.said
        assert f"The detector has taken in {ROWS} readings of this run." in command.said
        assert "\x1b" not in command.said
        assert ("'mill': known from before" in command.said) is known
        runs.add(command.said.rpartition("as run ")[2].partition(".")[0])
    assert len(runs) == 2
    wait_for(lambda: len(plant.alerts()) >= 2, 20, "an alert of each run")


def test_an_interrupted_replay_goes_on(plant: Plant, tmp_path: Path) -> None:
    """Ctrl-C ends a replay with exit code 130; the same command goes on with the same run to the end."""
    file = recording(tmp_path / "press.csv", 400)
    with replay(plant, tmp_path, file, "--speed", 100) as command:
        command.wait_for("Replaying", 30)
        before = plant.taken()
        wait_for(lambda: plant.taken() > before + 20, 30, "some readings are taken")
        command.interrupt()
        assert command.ended() == 130
    assert "The same command goes on from here" in command.said
    with replay(plant, tmp_path, file, "--max") as again:
        assert again.ended() == 0, again.said
    assert "Going on with run press-" in again.said
    assert "The detector has taken in 400 readings of this run." in again.said


def test_a_file_that_needs_a_word_says_which(plant: Plant, tmp_path: Path) -> None:
    """Rows without a time are refused with the options that help; with one of them they are replayed."""
    (tmp_path / "bare.csv").write_text("a,b\n" + "1.5,2\n" * 5)
    with replay(plant, tmp_path, "bare.csv") as command:
        assert command.ended() == 1
    assert "bare.csv: no time column among a, b" in command.said
    assert "--interval SECONDS" in command.said
    with replay(plant, tmp_path, "bare.csv", "--interval", 1, "--device", "mill") as command:
        assert command.ended() == 0, command.said
    assert "device 'mill', rows at equal distances, 2 metrics: a, b" in command.said
