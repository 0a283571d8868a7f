"""Drives the detector over recorded rows, one by one, the way readings come over the bus."""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from contracts.reading import Reading, reading_id
from detector.device.device import DetectionConfig, DeviceDetector, run_fit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from contracts.anomaly import Anomaly

Row = tuple[datetime, dict[str, float | None]]


@dataclass(slots=True)
class Verdicts:
    """What the detector said of each row: score, alarm, and the anomalies published, by row."""

    scores: list[float] = field(default_factory=list)
    alarms: list[bool] = field(default_factory=list)
    anomalies: list[tuple[int, Anomaly]] = field(default_factory=list)

    def opened(self) -> list[int]:
        """Return the rows at which an incident opened, or opened again."""
        return [row for row, anomaly in self.anomalies if anomaly.incident.phase in {"open", "reopen"}]


def drive(device: str, rows: Iterable[Row], config: DetectionConfig) -> Verdicts:
    """Judge rows in order; a model is adopted as soon as its rows are there."""
    detector = DeviceDetector(device, config)
    verdicts = Verdicts()
    for number, (at, values) in enumerate(rows):
        reading = Reading(device=device, values=values, measured_at=at, clock="replay", run="quality")
        outcome = detector.process(reading, reading_id(device, str(number).encode()), at)
        verdicts.scores.append(outcome.score)
        verdicts.alarms.append(outcome.alarm)
        if outcome.anomaly is not None:
            verdicts.anomalies.append((number, outcome.anomaly))
        job = detector.fit_job
        if job is not None:
            detector.adopt(run_fit(job))
    return verdicts


def table(path: Path, delimiter: str = ",") -> Iterator[dict[str, str]]:
    """Read a gzipped CSV file with a header, row by row."""
    with gzip.open(path, "rt", newline="") as file:
        yield from csv.DictReader(file, delimiter=delimiter)


def moment(text: str) -> datetime:
    """Read a time without a zone as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
