"""Layout: what each column of a recording is, found from its first rows or told by a person."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Final

from contracts.decode_reading import MAX_METRICS
from producer.errors import RecordingError
from producer.recordings.labels import is_label
from producer.recordings.numbers import is_missing, number_in
from producer.recordings.rates import only_rises
from producer.recordings.time_columns import find_time, listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from producer.recordings.rows import Cell, Row
    from producer.recordings.times import TimeForm

_DEVICE_NAME: Final = re.compile(r"^(device|machine|asset|equipment|sensor|unit|turbine|engine)(_?(id|name))?$")
_NATIVE_DEVICE: Final = "device"
_NATIVE_TIME: Final = "measured_at"


@dataclass(frozen=True, slots=True)
class LayoutOptions:
    """What a person says about columns; whatever is not said is found.

    Attributes:
        time: the time column, or two for day and clock.
        time_format: iso, an epoch unit (s, ms, us, ns), "elapsed s" and so on, or a strptime format.
        zone: of times that do not name one.
        interval_s: seconds between rows of a file without a time column.
        device_column: the column that names the device.
        labels: columns of ground truth, beside those known by their names.
        counters: columns of what only rises, of which the rate is wanted.
        leave_out: columns that are not wanted.
        decimal_comma: whether numbers are written 21,5; None finds out.
        separator: of CSV fields; None finds out.
    """

    time: tuple[str, ...] = ()
    time_format: str | None = None
    zone: tzinfo = UTC
    interval_s: float | None = None
    device_column: str | None = None
    labels: tuple[str, ...] = ()
    counters: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()
    decimal_comma: bool | None = None
    separator: str | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """What each column is.

    Attributes:
        time: the columns that make the time, empty where rows have none.
        form: how times are written; None where rows have none.
        device: the column that names the device, if any.
        metrics: columns of numbers.
        labels: columns of ground truth.
        dormant: columns that are empty so far; their numbers count once they come.
        left_out: columns that are none of these, and why.
        decimal_comma: whether numbers are written 21,5.
        notes: what a person should know.
        counters: columns of numbers that only rise, of which the rates are the metrics.
    """

    time: tuple[str, ...]
    form: TimeForm | None
    device: str | None
    metrics: tuple[str, ...]
    labels: tuple[str, ...]
    dormant: tuple[str, ...] = ()
    left_out: dict[str, str] = field(default_factory=dict)
    decimal_comma: bool = False
    notes: tuple[str, ...] = ()
    counters: tuple[str, ...] = ()


def find_layout(rows: Sequence[Row], options: LayoutOptions, *, native: bool) -> Layout:
    """Find what each column is.

    Args:
        rows: the first rows of a file.
        options: what a person has said.
        native: whether the rows are readings as devices send them, with `device` and `measured_at`.

    Raises:
        RecordingError: there is no time column and no interval, no column of numbers, or a named column is missing.
    """
    columns = {name: [row.cells.get(name) for row in rows] for name in dict.fromkeys(c for r in rows for c in r.cells)}
    _check_named(columns, options)
    if native and not options.time and _NATIVE_TIME in columns:
        options = replace(options, time=(_NATIVE_TIME,))
    time, form = find_time(columns, options)
    device = options.device_column or (_NATIVE_DEVICE if native and _NATIVE_DEVICE in columns else None)
    rest = {name: cells for name, cells in columns.items() if name not in time and name != device}
    labels = tuple(name for name, cells in rest.items() if name in options.labels or is_label(name, cells))
    comma = _has_decimal_comma(rest) if options.decimal_comma is None else options.decimal_comma
    left_out = {name: "as asked" for name in rest if name in options.leave_out}
    dormant = tuple(name for name, cells in rest.items() if name not in labels and all(map(is_missing, cells)))
    for name, cells in rest.items():
        if name not in (*labels, *dormant, *left_out) and (reason := _no_numbers(cells, comma=comma)):
            left_out[name] = reason
    metrics = tuple(name for name in rest if name not in (*labels, *dormant, *left_out))
    if not 0 < len(metrics) + len(dormant) <= MAX_METRICS or not metrics:
        raise RecordingError(f"{len(metrics)} columns of numbers, 1 to {MAX_METRICS} are expected")
    for name in options.counters:
        if name not in (*metrics, *dormant):
            raise RecordingError(f"counter {name!r}: {left_out.get(name, 'no column of numbers')}")
    levels = [name for name in metrics if name not in options.counters]
    rising = [name for name in levels if only_rises(_numbers(rest[name], comma=comma))]
    notes = (*_notes(form, device, left_out), *map(_rising_note, rising))
    return Layout(time, form, device, metrics, labels, dormant, left_out, comma, notes, options.counters)


def holds_numbers(rows: Sequence[Row]) -> bool:
    """Whether any cell is a number, in any notation."""
    cells = (cell for row in rows for cell in row.cells.values() if not is_missing(cell))
    return any(_is_number(cell, comma=False) or _is_number(cell, comma=True) for cell in cells)


def _check_named(columns: dict[str, list[Cell]], options: LayoutOptions) -> None:
    devices = [options.device_column] if options.device_column else []
    for name in (*options.time, *options.labels, *options.counters, *devices):
        if name not in columns:
            raise RecordingError(f"no column {name!r} among {listed(columns)}")


def _has_decimal_comma(columns: dict[str, list[Cell]]) -> bool:
    """Whether some cells are numbers with a comma and none is one with a point."""
    texts = [cell.strip() for cells in columns.values() for cell in cells if isinstance(cell, str)]
    with_comma = sum(bool(re.fullmatch(r"[-+]?\d+,\d+([eE][-+]?\d+)?", text)) for text in texts)
    with_point = sum(bool(re.fullmatch(r"[-+]?\d+\.\d+([eE][-+]?\d+)?", text)) for text in texts)
    return with_comma > with_point


def _no_numbers(cells: list[Cell], *, comma: bool) -> str:
    """Why a column is no metric; empty if it is one."""
    present = [cell for cell in cells if not is_missing(cell)]
    if any(isinstance(cell, bool) for cell in present):
        return "true or false"
    numbers = sum(_is_number(cell, comma=comma) for cell in present)
    return "" if numbers > len(present) / 2 else f"text, such as {str(present[0])[:30]!r}"


def _is_number(cell: Cell, *, comma: bool) -> bool:
    try:
        number_in(cell, decimal_comma=comma)
    except ValueError:
        return False
    return True


def _numbers(cells: list[Cell], *, comma: bool) -> Iterator[float | None]:
    return (number_in(cell, decimal_comma=comma) for cell in cells if _is_number(cell, comma=comma))


def _rising_note(name: str) -> str:
    return f"column {name!r} only rises at first; if it is a counter, its rate says more: --counter {shlex.quote(name)}"


def _notes(form: TimeForm | None, device: str | None, left_out: dict[str, str]) -> tuple[str, ...]:
    notes = [form.doubt] if form and form.doubt else []
    notes += [
        f"column {name!r} may name the device of each row; to split the file: --device-column {shlex.quote(name)}"
        for name in left_out
        if device is None and _DEVICE_NAME.match(name.lower())
    ]
    return tuple(notes)
