"""Recordings opened one after the other, as a run reads them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.text import Text

from producer.recordings.conversion import Origin
from producer.recordings.recording import open_recording
from producer.recordings.text_file import TextFile
from producer.replay.replay import device_names
from tocsin.terminal import errors, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from producer.recordings.layout import LayoutOptions
    from producer.recordings.recording import Recording


def opened(files: Sequence[Path], device: str | None, options: LayoutOptions, run: str) -> Iterator[Recording]:
    """Open recordings, each until the next is asked for, and say what a person should know of them.

    Args:
        files: in this order.
        device: of all files; by default each file's own.
        options: what a person says about the columns.
        run: that their readings are of.

    Raises:
        RecordingError: a file cannot be read.
    """
    names = [device] * len(files) if device else device_names(files)
    for path, name in zip(files, names, strict=True):
        with TextFile(path) as file:
            recording = open_recording(file, Origin(name, run, datetime.now(UTC), options.interval_s), options)
            for note in recording.layout.notes:
                errors().print(Text(printable(f"{path.name}: {note}")), style="yellow")
            yield recording
