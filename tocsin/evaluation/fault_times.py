"""Reads faults that a person gives by their times: also those during which a device sends nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import RecordingError
from producer.recordings.numbers import is_missing
from producer.recordings.recording import rows_of
from producer.recordings.rows import BadRow, Row
from producer.recordings.text_file import TextFile
from producer.recordings.time_columns import time_text
from producer.recordings.times import ELAPSED, find_form
from tocsin.evaluation.spans import Span
from tocsin.terminal import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import tzinfo
    from pathlib import Path

    from producer.recordings.times import TimeForm
    from tocsin.evaluation.track import Track

_START, _END, _DEVICE, _NAME = "start", "end", "device", "fault"


def fault_times(path: Path, zone: tzinfo) -> list[Span]:
    """Read faults from CSV or JSON lines with `start`, `end` and perhaps `device` and `fault`, its name.

    Args:
        path: of the file; one with a header alone says that nothing was wrong.
        zone: of times that name none.

    Raises:
        CommandError: it cannot be read, a column is missing, or a line makes no sense.
    """
    try:
        with TextFile(path) as file:
            rows = list(rows_of(file)[0])
    except RecordingError as error:
        raise CommandError(f"{path}: {error}") from error
    good = [_checked(row, path) for row in rows]
    form = _form(good, zone, path)
    return [_span(row, form, path) for row in good]


def unplaced(given: Iterable[Span], tracks: Iterable[Track]) -> list[Span]:
    """Return the spans in which no device was recorded."""
    known = {id(span) for track in tracks for span in track.spans.values() if track.covers(span)}
    return [span for span in given if id(span) not in known]


def _checked(row: Row | BadRow, path: Path) -> Row:
    if isinstance(row, BadRow):
        raise CommandError(f"{path}, line {row.line}: {row.reason}")
    if is_missing(row.cells.get(_START)) or is_missing(row.cells.get(_END)):
        raise CommandError(
            f"{path}, line {row.line}: a fault needs start and end",
            "a header and a line for each fault: start,end,device,fault (the last two may be left out)",
        )
    return row


def _form(rows: Sequence[Row], zone: tzinfo, path: Path) -> TimeForm | None:
    if not rows:
        return None
    texts = [time_text(row.cells, (column,)) for row in rows for column in (_START, _END)]
    form = find_form(texts, zone, name=_START)
    if form is None or form.name.startswith(ELAPSED):
        raise CommandError(f"{path}: {texts[0]!r} is no time", "write times such as 2026-11-22T06:30:00Z")
    return form


def _span(row: Row, form: TimeForm | None, path: Path) -> Span:
    try:
        assert form is not None, "there are rows"  # noqa: S101
        start, end = (form.read(time_text(row.cells, (column,))).timestamp() for column in (_START, _END))
    except ValueError as error:
        raise CommandError(f"{path}, line {row.line}: {error}") from error
    if end < start:
        raise CommandError(f"{path}, line {row.line}: the fault ends before it begins")
    return Span(start, end, _text(row, _NAME), _text(row, _DEVICE) or None)


def _text(row: Row, column: str) -> str:
    cell = row.cells.get(column)
    return "" if is_missing(cell) else str(cell).strip()
