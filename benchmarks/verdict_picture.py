"""Draws docs/pictures/verdict.png: how a verdict comes about, on a pump of three metrics.

    python -m benchmarks.verdict_picture [FILE]

The pump's current follows its flow. From minute 22 to 23 the bearing drags: the current stays about within its usual
range, but no longer fits the flow. At minute 27 comes one gross pressure value.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np

from contracts.reading import Reading, reading_id
from detector.device.device import DetectionConfig, DeviceDetector, run_fit

if TYPE_CHECKING:
    from contracts.anomaly import Kind

_ROWS, _TRAINED, _DRAG, _END, _SPIKE = 1680, 1200, 1320, 1380, 1620
_START = datetime(2026, 1, 1, tzinfo=UTC)
_GREY, _BLUE, _RED, _AMBER = "#8a8f98", "#2f6db5", "#c8372d", "#d9952b"


def pump() -> dict[str, np.ndarray]:
    """Return the values of each metric, one a second."""
    rng = np.random.default_rng(4)
    at = np.arange(_ROWS)
    flow = 32.0 + 4.0 * np.sin(at / 90.0) + rng.normal(0.0, 0.4, _ROWS)
    current = 1.1 + 0.05 * flow + rng.normal(0.0, 0.02, _ROWS)
    current[_DRAG:_END] += 0.12
    pressure = 2.4 + rng.normal(0.0, 0.03, _ROWS)
    pressure[_SPIKE] = 3.2
    return {"flow": flow, "current": current, "pressure": pressure}


def judged(values: dict[str, np.ndarray]) -> tuple[np.ndarray, list[tuple[int, Kind, str]]]:
    """Return score and alarm (n, 2) of the rows after the training part, and row, kind and metric of each incident."""
    detector = DeviceDetector("pump", DetectionConfig())
    said: list[tuple[float, bool]] = []
    opened: list[tuple[int, Kind, str]] = []
    for row in range(_ROWS):
        at = _START + timedelta(seconds=row)
        of_row: dict[str, float | None] = {name: float(column[row]) for name, column in values.items()}
        reading = Reading(device="pump", values=of_row, measured_at=at, clock="replay", run="picture")
        if row < _TRAINED:
            detector.study(reading, at)
            continue
        if row == _TRAINED:
            detector.adopt(run_fit(detector.job_now()))
        outcome = detector.process(reading, reading_id("pump", str(row).encode()), at)
        said.append((outcome.score, outcome.alarm))
        anomaly = outcome.anomaly
        if anomaly is not None and anomaly.incident.phase in {"open", "reopen"}:
            opened.append((row, anomaly.kind, anomaly.contributions[0].metric))
    return np.array(said), opened


def draw(path: Path) -> None:
    """Write the picture."""
    mpl.use("agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 - after the choice of a canvas

    values = pump()
    said, opened = judged(values)
    at = np.arange(_TRAINED, _ROWS) / 60.0
    figure, axes = plt.subplots(4, 1, figsize=(9, 6.2), sharex=True, height_ratios=[1, 1, 1, 1.5], layout="constrained")
    for axis, (name, column) in zip(axes, values.items(), strict=False):
        low, high = np.quantile(column[:_TRAINED], (0.005, 0.995))
        axis.axhspan(low, high, color=_BLUE, alpha=0.1, lw=0)
        axis.plot(at, column[_TRAINED:], color=_BLUE, lw=0.9)
        axis.set_ylabel(name)
    score = axes[3]
    score.plot(at, said[:, 0], color=_GREY, lw=0.9)
    alarms = said[:, 1] > 0
    score.scatter(at[alarms], said[alarms, 0], s=7, color=_RED, zorder=3, label="alarm: this reading is odd")
    score.axhline(0.5, color=_AMBER, lw=1, ls="--", label="as rare as 1 in 1,000")
    for row, kind, metric in opened:
        axes[3].annotate(
            f"incident: {kind},\n{metric} first", (row / 60.0, 0.97), fontsize=8, ha="right", va="top", xytext=(-4, 0),
            textcoords="offset points",
        )  # fmt: skip
        for axis in axes:
            axis.axvline(row / 60.0, color=_RED, lw=0.7, alpha=0.6)
    score.set(ylabel="score", ylim=(0, 1), xlabel="minutes")
    score.legend(loc="lower left", fontsize=8, frameon=False)
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].set_title("shaded: where 99 of 100 values of the reference lie", fontsize=9, loc="left", color=_GREY)
    figure.savefig(path, dpi=90)


if __name__ == "__main__":
    draw(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/pictures/verdict.png"))
