"""What `tocsin train` saves, a real detector starts from."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

import pytest

from contracts.codec import decode
from contracts.service import DeviceStatus
from contracts.topics import Topics
from tests.integration.command_process import CommandProcess
from tests.plant import Plant
from tocsin.broker.listening import visiting

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.broker, pytest.mark.slow]
DEVICE = "mill no 2"


def recording(file: Path, rows: int) -> Path:
    """Write a machine's normal course, one row a second."""
    draw = random.Random(rows)  # noqa: S311 - no secret
    lines = ["time,temperature,flow"]
    for row in range(rows):
        load = math.sin(row / 15) + draw.gauss(0, 0.1)
        lines.append(f"2026-11-22T06:{row // 60:02}:{row % 60:02}Z,{60 + load:.3f},{12 + 0.5 * load:.4f}")
    file.write_text("\n".join(lines) + "\n")
    return file


def test_a_trained_device_need_not_learn(tmp_path: Path) -> None:
    """A device whose model was trained beforehand is ready with its first readings."""
    state = tmp_path / "detector"
    with CommandProcess(
        "train",
        recording(tmp_path / "past.csv", 300),
        "--device",
        DEVICE,
        directory=tmp_path,
        TOCSIN_STATE_DIR=str(state),
    ) as command:
        assert command.ended() == 0, command.said
    few = recording(tmp_path / "today.csv", 40)
    with Plant(tmp_path) as plant:
        words = ("replay", few, "--device", DEVICE, "--port", plant.broker.port)
        with CommandProcess(*words, directory=tmp_path) as command:
            assert command.ended() == 0, command.said
        with visiting(plant.connection, [Topics().device(DEVICE)]) as bus:
            (message,) = bus.receive(1, 10)
    status = decode(message.payload, DeviceStatus)
    assert (status.device, status.state) == (DEVICE, "ready")
    assert status.model is not None
