"""Replay's vocabulary: options, progress and summary."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from producer.pacing import MAX_AHEAD
from producer.recordings.layout import Layout, LayoutOptions
from producer.recordings.rows import Skipped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class ReplayOptions:
    """How to replay.

    Attributes:
        layout: what a person says about the columns.
        device: name of the device of all files; by default each file's own name.
        speed: 1 for the recorded pace, N for N times faster, infinite for as fast as the detector takes it.
        run: name of the run; by default one that no earlier replay had.
        start: time of the first row of files without a time; by default now.
        max_ahead: readings sent ahead of the detector's position at most.
        wait_for_detector: False sends without a detector, paced by the broker alone.
        state: file that remembers how far the replay came; None forgets it.
    """

    layout: LayoutOptions = field(default_factory=LayoutOptions)
    device: str | None = None
    speed: float = math.inf
    run: str | None = None
    start: datetime | None = None
    max_ahead: int = MAX_AHEAD
    wait_for_detector: bool = True
    state: Path | None = None


@dataclass(slots=True)
class FileSummary:
    """What became of one file; `device` is None where a column names it. Counts are of this replay alone."""

    path: Path
    device: str | None
    layout: Layout
    sent: int = 0
    truths: int = 0
    backwards: int = 0
    complete: bool = False
    bad_rows: Skipped = field(default_factory=Skipped)
    bad_cells: Skipped = field(default_factory=Skipped)


@dataclass(frozen=True, slots=True)
class ReplaySummary:
    """What became of a replay.

    Attributes:
        run: name of the run.
        resumed: whether it went on with an interrupted one.
        complete: whether all files were sent and the broker has taken all readings.
        files: one by one; those that were complete before are not there.
        sent: readings sent.
        acknowledged: readings that the broker has taken.
        taken: readings of the run that detectors say they have taken in.
        unusable: readings of the run that the detector could not use, counted by its reasons, as far as it was heard.
        given_up: readings that no detector has taken in and none will: refused unheard, or lost by a broker.
        refused: why the broker refused ground truth, and how often.
        seconds: from the first reading to the last answer.
    """

    run: str
    resumed: bool
    complete: bool
    files: Sequence[FileSummary]
    sent: int
    acknowledged: int
    taken: int
    given_up: int
    refused: Mapping[str, int]
    seconds: float
    unusable: Mapping[str, int] = field(default_factory=dict)


class ReplayProgress:
    """Hooks that a caller may override to show how a replay gets on; all of them do nothing."""

    def started(self, run: str, files: Sequence[Path], *, resumed: bool) -> None:
        """The files are understood; sending begins."""

    def file_started(self, file: FileSummary) -> None:
        """A file's columns are known."""

    def advanced(self, file: FileSummary, fraction: float) -> None:
        """Some readings were sent, `fraction` (0 to 1) of the file is read; at most ten times a second."""

    def waiting(self, reason: str) -> None:
        """Nothing can be sent for a while; called when the reason changes, empty when it is over."""

    def file_finished(self, file: FileSummary) -> None:
        """The broker has taken all readings of a file."""
