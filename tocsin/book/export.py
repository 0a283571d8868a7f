"""Writes the book to a file, row by row: its size does not matter."""

from __future__ import annotations

import csv
import gzip
import io
import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, cast

from storage.exporting import export_alerts, export_anomalies, export_lines
from storage.interchange import write_line
from tocsin.book.alert_database import reading
from tocsin.book.export_columns import alert_cells, alert_columns, anomaly_cells, anomaly_columns
from tocsin.terminal import CommandError, errors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.browsing import Filters

_STANDARD_OUTPUT = Path("-")
_TELL_EVERY = 20_000


@dataclass(frozen=True, slots=True)
class Shape:
    """What a file holds and how it is written."""

    form: Literal["csv", "jsonl"]
    rows: Literal["anomalies", "alerts"]
    packed: bool


def shape_of(file: Path, form: str | None, rows: Any) -> Shape:  # noqa: ANN401 - checked by the command
    """Choose by the options, then by the file's name.

    Raises:
        CommandError: neither says which.
    """
    name = file.name.lower()
    packed = name.endswith(".gz")
    ending = name.removesuffix(".gz").rpartition(".")[2]
    chosen = form or {"json": "jsonl", "ndjson": "jsonl"}.get(ending, ending)
    if chosen == "csv":
        return Shape("csv", rows, packed)
    if chosen == "jsonl":
        return Shape("jsonl", rows, packed)
    raise CommandError(f"{file}: expected a name such as alerts.csv or alerts.jsonl, or --format", code=2)


def export_book(url: str, file: Path, shape: Shape, filters: Filters) -> None:
    """Write the file; it comes to its name when it is whole.

    Raises:
        CommandError: the database cannot be read, or the file cannot be written.
    """
    try:
        with reading(url) as engine, _opened(file, packed=shape.packed) as stream:
            rows = _jsonl(engine, stream, filters) if shape.form == "jsonl" else _csv(engine, stream, shape, filters)
            count = 0
            for count in rows:
                if count % _TELL_EVERY == 0 and errors().is_terminal:
                    errors().print(f"{count:,} rows", end="\r")
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror or error}") from error
    errors().print(f"{count:,} {'lines' if shape.form == 'jsonl' else shape.rows} written to {file}")


def _jsonl(engine: Any, stream: BinaryIO, filters: Filters) -> Iterator[int]:  # noqa: ANN401 - storage's engine
    for count, line in enumerate(export_lines(engine, filters), 1):
        stream.write(write_line(line) + b"\n")
        yield count


def _csv(engine: Any, stream: BinaryIO, shape: Shape, filters: Filters) -> Iterator[int]:  # noqa: ANN401 - the same
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=False)
    writer = csv.writer(text)
    if shape.rows == "anomalies":
        writer.writerow(anomaly_columns())
        rows = (anomaly_cells(one) for one in export_anomalies(engine, filters))
    else:
        writer.writerow(alert_columns())
        rows = (alert_cells(alert) for alert in export_alerts(engine, filters))
    for count, row in enumerate(rows, 1):
        writer.writerow(row)
        yield count
    text.flush()
    text.detach()


@contextmanager
def _opened(file: Path, *, packed: bool) -> Iterator[BinaryIO]:
    if file == _STANDARD_OUTPUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    part = file.with_name(f".{file.name}.part")
    try:
        with open(part, "wb", opener=_privately) as plain:
            if packed:
                with gzip.GzipFile(filename="", fileobj=plain, mode="wb", compresslevel=5) as stream:
                    yield cast("BinaryIO", stream)
            else:
                yield plain
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def _privately(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
