"""How a replay gets on: bars on a terminal, lines elsewhere, and a summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from producer.replay.terms import ReplayProgress
from tocsin.terminal import counted, listed, printable
from tocsin.time_words import span_words_s

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from rich.console import Console
    from rich.progress import TaskID

    from producer.recordings.rows import Skipped
    from producer.replay.terms import FileSummary, ReplaySummary

_SHOWN_BAD_ROWS = 5
_SHOWN_METRICS = 8


class ReplayScreen(ReplayProgress):
    """Shows how a replay gets on.

    Args:
        console: standard error.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%  {task.fields[rows]:,} readings"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[remark]}", style="yellow", markup=False),
            console=console,
            disable=not console.is_terminal,
        )
        self._tasks: dict[int, TaskID] = {}
        self._newest: TaskID | None = None

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def started(self, run: str, files: Sequence[Path], *, resumed: bool) -> None:
        """Say what begins."""
        many = counted(len(files), "file")
        words = f"Going on with run {run}; --restart begins anew" if resumed else f"Replaying {many} as run {run}"
        self._console.print(words, style="bold")

    def file_started(self, file: FileSummary) -> None:
        """Say what was found in a file, and begin its bar."""
        for line in layout_lines(file):
            self._console.print(Text(printable(line)), style="dim")
        self._newest = self._bars.add_task(printable(file.path.name), total=1.0, rows=0, remark="")
        self._tasks[id(file)] = self._newest

    def advanced(self, file: FileSummary, fraction: float) -> None:
        """Move the bar."""
        self._bars.update(self._tasks[id(file)], completed=fraction, rows=file.sent)

    def waiting(self, reason: str) -> None:
        """Say what hinders."""
        words = f"waiting: {reason}" if reason else ""
        if self._newest is not None:
            self._bars.update(self._newest, remark=words)
        if words and not self._console.is_terminal:
            self._console.print(words)

    def file_finished(self, file: FileSummary) -> None:
        """Fill the bar."""
        self._bars.update(self._tasks[id(file)], completed=1.0, rows=file.sent, remark="")


def layout_lines(file: FileSummary) -> Iterator[str]:
    """Say what the columns of a file are."""
    layout = file.layout
    device = f"device {file.device!r}" if file.device else f"devices from column {layout.device!r}"
    time = f"time from {' and '.join(layout.time)!r}" if layout.time else "rows at equal distances"
    metrics = f"{counted(len(layout.metrics), 'metric')}: {listed(layout.metrics, _SHOWN_METRICS)}"
    yield f"{file.path}: {device}, {time}, {metrics}"
    if layout.labels:
        yield f"  ground truth, kept from the detector: {listed(layout.labels, _SHOWN_METRICS)}"
    if layout.counters:
        yield f"  counters, sent as their rates an hour: {listed(layout.counters, _SHOWN_METRICS)}"
    if layout.left_out:
        yield "  left out: " + "; ".join(f"{name} ({reason})" for name, reason in layout.left_out.items())
    for note in layout.notes:
        yield f"  note: {note}"


def summary_lines(summary: ReplaySummary) -> Iterator[Text]:
    """Say what became of a replay."""
    for file in summary.files:
        for line in _file_lines(file):
            yield Text(printable(line))
    rate = f" ({summary.sent / summary.seconds:,.0f}/s)" if summary.seconds > 0 else ""
    words = f"{counted(summary.sent, 'reading')} in {span_words_s(summary.seconds)}{rate} as run {summary.run}"
    yield Text(f"{'Replayed' if summary.complete else 'Stopped after'} {words}.", style="bold")
    yield from _taken_lines(summary)
    for reason, count in summary.refused.items():
        yield Text(f"The broker refused ground truth {count:,} times: {reason}")
    if not summary.complete:
        yield Text("The same command goes on from here; with --restart it begins anew.")


def _taken_lines(summary: ReplaySummary) -> Iterator[Text]:
    unusable = sum(summary.unusable.values())
    missing = summary.given_up + unusable
    if not summary.taken and not missing:
        return
    of_all = f" of {summary.taken + missing:,}" if missing and summary.complete else ""
    yield Text(f"The detector has taken in {summary.taken:,}{of_all} readings of this run.")
    if unusable:
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in summary.unusable.items())
        yield Text(printable(f"It could not use {unusable:,} ({reasons}): see tocsin doctor."), style="yellow")
    if summary.given_up:
        yield Text(f"{summary.given_up:,} were refused or lost: see tocsin doctor.", style="yellow")


def _file_lines(file: FileSummary) -> Iterator[str]:
    words = [counted(file.sent, "reading")]
    words += [f"{file.truths:,} with ground truth"] if file.truths else []
    words += [f"{file.backwards:,} back in time, sent where they stand"] if file.backwards else []
    words += [] if file.complete else ["not complete"]
    yield f"{file.path}: {', '.join(words)}"
    yield from _skipped_lines(file.bad_rows, "bad row", "left out")
    yield from _skipped_lines(file.bad_cells, "bad cell", "sent as no value")


def _skipped_lines(skipped: Skipped, what: str, fate: str) -> Iterator[str]:
    if not skipped.count:
        return
    yield f"  {counted(skipped.count, what)}, {fate}:"
    for bad in skipped.examples[:_SHOWN_BAD_ROWS]:
        yield f"    line {bad.line}: {bad.reason}" if bad.line else f"    {bad.reason}"
    if skipped.count > _SHOWN_BAD_ROWS:
        yield f"    and {skipped.count - _SHOWN_BAD_ROWS:,} more"
