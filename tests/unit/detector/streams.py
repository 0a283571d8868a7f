"""Streams of readings for the detector's tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from contracts.reading import Reading, reading_id
from detector.device.device import DetectionConfig, DeviceDetector, Outcome, run_fit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from contracts.reading import Clock

START = datetime(2026, 1, 1, tzinfo=UTC)
QUICK = DetectionConfig(warm_up=60, trees=20, samples=64)
Values = dict[str, float | None]


def noise(rows: int, metrics: int = 4, seed: int = 0) -> list[Values]:
    """Independent normal values around levels of their own."""
    rng = np.random.default_rng(seed)
    levels = 50.0 * (1.0 + np.arange(metrics))
    table = levels + (1.0 + np.arange(metrics)) * rng.standard_normal((rows, metrics))
    return [{f"m{m}": float(value) for m, value in enumerate(row)} for row in table]


def readings(
    rows: Sequence[Values],
    interval: float = 1.0,
    device: str = "press",
    clock: Clock = "replay",
    run: str | None = "test",
) -> list[Reading]:
    """Give rows their times."""
    return [
        Reading(
            device=device,
            values=row,
            measured_at=START + timedelta(seconds=interval * n),
            clock=clock,
            run=run,
        )
        for n, row in enumerate(rows)
    ]


def named(reading: Reading) -> str:
    """Name a reading by its time."""
    return reading_id(reading.device, f"{reading.measured_at}{reading.run}".encode())


def feed(detector: DeviceDetector, stream: Iterable[Reading]) -> list[Outcome]:
    """Judge readings in order; models are adopted as soon as they are due."""
    outcomes = []
    for reading in stream:
        outcomes.append(detector.process(reading, named(reading), reading.measured_at))
        job = detector.fit_job
        if job is not None:
            detector.adopt(run_fit(job))
    return outcomes


def opened(outcomes: Sequence[Outcome]) -> list[int]:
    """Return the readings at which an incident opened, or opened again."""
    return [
        n for n, o in enumerate(outcomes) if o.anomaly is not None and o.anomaly.incident.phase in {"open", "reopen"}
    ]
