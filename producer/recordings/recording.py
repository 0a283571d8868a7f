"""Recording: an open file as readings, in the order of its rows."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from producer.errors import RecordingError
from producer.recordings.conversion import Conversion, Item, Origin
from producer.recordings.csv_rows import csv_rows, sample_of, sniff
from producer.recordings.json_rows import json_rows
from producer.recordings.layout import Layout, LayoutOptions, find_layout, holds_numbers
from producer.recordings.rows import BadRow, Row, Skipped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from producer.recordings.text_file import TextFile

_SAMPLE_ROWS = 500
_JSON_ARRAY = re.compile(r'\[\s*([\[{"\d-]|$)')


class Recording:
    """Rows of an open file with a known layout.

    Rows that cannot be read are counted in `bad_rows`, cells in `bad_cells` (their metrics go out as null). Rows whose
    time is before that of an earlier row of their device are sent where they stand, and counted in `backwards`.

    Args:
        file: open; `open_recording` has read its first rows.
        rows: all rows.
        layout: what each column is.
        conversion: of rows into readings.
    """

    def __init__(self, file: TextFile, rows: Iterator[Row | BadRow], layout: Layout, conversion: Conversion) -> None:
        self._file = file
        self._rows = rows
        self._conversion = conversion
        self._newest: dict[str, datetime] = {}
        self.layout = layout
        self.bad_rows = Skipped()
        self.backwards = 0

    @property
    def bad_cells(self) -> Skipped:
        """Cells that are no numbers where numbers are expected."""
        return self._conversion.bad_cells

    @property
    def fraction(self) -> float:
        """How much of the file was read, 0 to 1."""
        return self._file.fraction

    def items(self) -> Iterator[Item]:
        """Readings in the order of the rows."""
        for number, row in enumerate(self._rows, 1):
            item = self._conversion.item(number, row) if isinstance(row, Row) else row
            if isinstance(item, BadRow):
                self.bad_rows.add(item)
            elif item is not None:
                self._watch_order(item)
                yield item
        if self._file.cut_short:
            self.bad_rows.add(BadRow(0, self._file.cut_short))

    def _watch_order(self, item: Item) -> None:
        device, measured_at = item.reading.device, item.reading.measured_at
        if measured_at < self._newest.get(device, measured_at):
            self.backwards += 1
        else:
            self._newest[device] = measured_at


def open_recording(file: TextFile, origin: Origin, options: LayoutOptions) -> Recording:
    """Read the first rows of an open file and find what its columns are.

    Raises:
        RecordingError: the file has no rows, or its columns cannot be told; the message names the file.
    """
    try:
        return _opened(file, origin, options)
    except RecordingError as error:
        raise RecordingError(f"{file.path}: {error}") from error


def rows_of(file: TextFile, separator: str | None = None) -> tuple[Iterator[Row | BadRow], bool]:
    """Read the rows of an open file, whatever they hold; also tell whether they are JSON.

    Raises:
        RecordingError: it is no file of rows.
    """
    lines, everything = sample_of(file.lines())
    is_json = _is_json(lines)
    return json_rows(everything) if is_json else csv_rows(everything, sniff(lines, separator)), is_json


def _opened(file: TextFile, origin: Origin, options: LayoutOptions) -> Recording:
    rows, is_json = rows_of(file, options.separator)
    sample = list(itertools.islice(rows, _SAMPLE_ROWS))
    good = [row for row in sample if isinstance(row, Row)]
    if not good:
        raise RecordingError(_why_none(sample, file))
    try:
        layout = find_layout(good, options, native=is_json and good[0].native)
    except RecordingError as error:
        if options.time or options.interval_s or (why := _why_no_table(sample, good)) is None:
            raise
        raise RecordingError(f"no table of readings: {why}") from error
    return Recording(file, itertools.chain(sample, rows), layout, Conversion(layout, origin, open_ended=is_json))


def _why_none(sample: list[Row | BadRow], file: TextFile) -> str:
    if sample and isinstance(sample[0], BadRow):
        return f"line {sample[0].line}: {sample[0].reason}"
    return file.cut_short or "no rows"


def _why_no_table(sample: list[Row | BadRow], good: list[Row]) -> str | None:
    """Why a file whose columns cannot be told is no table at all; None if it looks like one."""
    if len(good) < len(sample) / 2:
        return f"{len(sample) - len(good)} of its first {len(sample)} lines are no rows of {len(good[0].cells)} columns"
    return None if holds_numbers(good) else "no column holds numbers"


def _is_json(lines: list[str]) -> bool:
    start = next((line.lstrip("\ufeff \t") for line in lines if line.strip()), "")
    if _JSON_ARRAY.match(start):
        raise RecordingError("a JSON array; one object a line is expected (jq -c '.[]' makes it so)")
    return start.startswith("{")
