"""Recorded files for tests."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from producer.recordings.conversion import Item, Origin
from producer.recordings.layout import LayoutOptions
from producer.recordings.recording import Recording, open_recording
from producer.recordings.text_file import TextFile

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2026, 1, 1, tzinfo=UTC)


def written(folder: Path, text: str | bytes, name: str = "pump.csv") -> Path:
    """A file with this content; packed if its name ends with .gz."""
    content = text if isinstance(text, bytes) else text.encode()
    path = folder / name
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


def read(path: Path, **options: object) -> tuple[list[Item], Recording]:
    """All readings of a file, and what is known of it then."""
    layout = LayoutOptions(**options)  # type: ignore[arg-type]
    with TextFile(path) as file:
        recording = open_recording(file, Origin("pump", "run", START, layout.interval_s), layout)
        return list(recording.items()), recording


def rows(path: Path, **options: object) -> list[dict[str, float | None]]:
    """The values of all readings."""
    return [item.reading.values for item in read(path, **options)[0]]


def times(path: Path, **options: object) -> list[str]:
    """The times of all readings as text."""
    return [item.reading.measured_at.isoformat() for item in read(path, **options)[0]]
