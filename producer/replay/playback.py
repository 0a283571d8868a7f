"""Playback: the files of a replay, from where it stands to their ends."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from producer.recordings.recording import Recording, open_recording
from producer.recordings.text_file import TextFile
from producer.replay.state import FilePosition, ReplayState, forget_state, save_state
from producer.replay.terms import FileSummary, ReplayOptions, ReplayProgress
from producer.schedule import Schedule

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from producer.recordings.conversion import Origin
    from producer.replay.sender import Sender

_SHOW_EVERY_S = 0.1
_SAVE_EVERY_S = 1.0


class Playback:
    """Plays files one after the other and remembers how far the broker has taken them.

    Args:
        options: pace, layout and state file.
        state: where the replay stands; changed as it goes on.
        sender: of the readings.
        progress: told how it gets on.
    """

    def __init__(self, options: ReplayOptions, state: ReplayState, sender: Sender, progress: ReplayProgress) -> None:
        self._options = options
        self._state = state
        self._sender = sender
        self._progress = progress
        self._saved_at = 0.0
        self._shown_at = 0.0
        self.files: list[FileSummary] = []

    def all(self, sources: Iterable[tuple[Path, Origin]]) -> bool:
        """Play all files; False when stopped before the end. Keeps the state unless all was played."""
        try:
            for (path, origin), position in zip(sources, self._state.files, strict=True):
                if not position.complete and not self._file(path, origin, position):
                    return False
            if not self._sender.until_taken():
                return False
        finally:
            save_state(self._options.state, self._state)
        forget_state(self._options.state)
        return True

    def _file(self, path: Path, origin: Origin, position: FilePosition) -> bool:
        with TextFile(path) as file:
            recording = open_recording(file, origin, self._options.layout)
            device = None if recording.layout.device else origin.device
            summary = FileSummary(path, device, recording.layout)
            summary.bad_rows, summary.bad_cells = recording.bad_rows, recording.bad_cells
            self.files.append(summary)
            self._progress.file_started(summary)
            self._sender.on_settled = lambda rows: self._advance(position, rows)
            played = self._play(recording, summary, skip=position.rows)
            summary.backwards = recording.backwards
        summary.complete = position.complete = self._sender.until_answered() and played
        if summary.complete:
            self._progress.file_finished(summary)
        return summary.complete

    def _play(self, recording: Recording, summary: FileSummary, *, skip: int) -> bool:
        schedule: Schedule | None = None
        for item in recording.items():
            if item.row <= skip:
                continue
            measured_at = item.reading.measured_at.timestamp()
            if schedule is None:
                now = time.monotonic()
                schedule = Schedule(measured_at, self._options.speed, steady=now, wall=time.time())
            if not self._sender.until_due(schedule, measured_at):
                return False
            self._sender.send(item)
            summary.sent += 1
            summary.truths += item.truth is not None
            self._show(summary, recording)
        return True

    def _show(self, summary: FileSummary, recording: Recording) -> None:
        now = time.monotonic()
        if now - self._shown_at >= _SHOW_EVERY_S:
            self._shown_at = now
            self._progress.advanced(summary, recording.fraction)

    def _advance(self, position: FilePosition, rows: list[int]) -> None:
        if not rows:
            return
        position.rows = rows[-1]
        position.readings += len(rows)
        now = time.monotonic()
        if now - self._saved_at >= _SAVE_EVERY_S:
            self._saved_at = now
            save_state(self._options.state, self._state)
