"""CSV: separator, header and rows; anything that spreadsheets, historians and pandas write."""

from __future__ import annotations

import csv
import itertools
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from producer.errors import RecordingError
from producer.recordings.names import unique_names
from producer.recordings.rows import BadRow, Row
from producer.recordings.text_file import MAX_LINE_CHARACTERS, is_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SEPARATORS = (",", ";", "\t", "|", " ")
_SAMPLE_LINES = 50
_NUMBER_LIKE = re.compile(r"[-+]?[\d.,:/\sTZeE+-]+|nan|na|null|none|", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CsvForm:
    """How a CSV file is written: its separator, its column names, and the lines before its first row."""

    separator: str
    columns: tuple[str, ...]
    has_header: bool
    first_line: int


def sniff(lines: list[str], separator: str | None = None) -> CsvForm:
    """Find out how a file is written from its first lines.

    Raises:
        RecordingError: there is no row at all.
    """
    chosen = separator or _separator(lines)
    fields = [(number, row) for number, row in _numbered(lines, chosen) if any(cell.strip() for cell in row)]
    if not fields:
        raise RecordingError("no rows")
    width = _usual_width([row for _, row in fields])
    if _ends_empty([row for _, row in fields], width):
        width -= 1  # each row ends with a separator, the header does not
    line, first = next((number, row) for number, row in fields if len(row) == width)
    if all(_NUMBER_LIKE.fullmatch(cell.strip()) for cell in first):
        names = tuple(f"column_{number}" for number in range(1, width + 1))
        return CsvForm(chosen, names, has_header=False, first_line=line)
    return CsvForm(chosen, unique_names(first), has_header=True, first_line=line)


def csv_rows(lines: Iterable[str], form: CsvForm) -> Iterator[Row | BadRow]:
    """Rows below the header; one of another width or not in the file's encoding is a bad one. Empty lines are none."""
    width = len(form.columns)
    for number, fields in _parsed(lines, form):
        if isinstance(fields, BadRow):
            yield fields
            continue
        if not fields or number < form.first_line or (form.has_header and number == form.first_line):
            continue
        while len(fields) > width and not fields[-1].strip():
            fields.pop()
        if len(fields) != width:
            yield BadRow(number, f"{len(fields)} fields where {width} are expected")
        elif not all(map(is_text, fields)):
            yield BadRow(number, "bytes that are not text")
        else:
            yield Row(number, dict(zip(form.columns, fields, strict=True)))


def sample_of(lines: Iterator[str]) -> tuple[list[str], Iterator[str]]:
    """The first lines, and all lines again."""
    sample = list(itertools.islice(lines, _SAMPLE_LINES))
    return sample, itertools.chain(sample, lines)


def _parsed(lines: Iterable[str], form: CsvForm) -> Iterator[tuple[int, list[str] | BadRow]]:
    csv.field_size_limit(MAX_LINE_CHARACTERS)
    reader = csv.reader(lines, delimiter=form.separator, skipinitialspace=True)
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, BadRow(line, f"not CSV: {error}")
        else:
            if form.separator == " " and len(fields) > 1 and not fields[-1]:
                fields.pop()  # spaces at the line's end
            yield line, fields


def _numbered(lines: list[str], separator: str) -> list[tuple[int, list[str]]]:
    form = CsvForm(separator, (), has_header=False, first_line=0)
    return [(number, row) for number, row in _parsed(lines, form) if not isinstance(row, BadRow)]


def _ends_empty(rows: list[list[str]], width: int) -> bool:
    usual = [row for row in rows if len(row) == width]
    return not any(row[-1] for row in usual) and any(len(row) == width - 1 for row in rows)


def _usual_width(rows: list[list[str]]) -> int:
    widths = Counter(len(row) for row in rows)
    return max(widths, key=lambda width: (widths[width], width))


def _separator(lines: list[str]) -> str:
    """Find the separator that explains the lines best.

    Commas that stand beside as many semicolons are decimal ones: `08:00;4,203;121,0`.
    """
    agreements = {candidate: _agreement(lines, candidate) for candidate in _SEPARATORS}
    best = max(agreements, key=lambda candidate: (round(agreements[candidate][0], 1), agreements[candidate][1]))
    return ";" if best == "," and 0.0 < agreements[","][0] <= agreements[";"][0] else best


def _agreement(lines: list[str], separator: str) -> tuple[float, int]:
    """How well a separator explains the lines: the share of lines with the usual width, then that width."""
    rows = [row for _, row in _numbered(lines, separator) if any(cell.strip() for cell in row)]
    if not rows:
        return 0.0, 0
    width = _usual_width(rows)
    if width == 1:
        return 0.0, 1
    return sum(len(row) == width for row in rows) / len(rows), width
