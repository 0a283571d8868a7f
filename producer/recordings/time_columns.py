"""Time columns: which columns of a recording hold the time, and how it is written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from producer.errors import RecordingError
from producer.recordings.numbers import is_missing, number_in
from producer.recordings.times import TimeForm, find_form, reads

if TYPE_CHECKING:
    from producer.recordings.layout import LayoutOptions
    from producer.recordings.rows import Cell

Columns = dict[str, "list[Cell]"]
_SURE_TIME_NAME: Final = re.compile(r"timestamp|date_?time|(measured|recorded|created)_?at|zeitstempel")
_TIME_NAME: Final = re.compile(
    r"time|date|^ts$|^t$|stamp|epoch|^datum|zeit|^fecha|^hora|measured_?at|created_?at|recorded_?at|^at$|^when$"
)
_DAY: Final = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}")
_CLOCK: Final = re.compile(r"\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?( ?[AaPp][Mm])?")
_LOOKED_AT: Final = 20
_LISTED: Final = 12


def find_time(columns: Columns, options: LayoutOptions) -> tuple[tuple[str, ...], TimeForm | None]:
    """The time columns and how they are written; none of both where rows are spaced by an interval.

    Raises:
        RecordingError: no column holds times, and there is no interval.
    """
    for names in [options.time] if options.time else _candidates(columns):
        texts = _texts(columns, names)
        told = options.time_format
        found = None if told else find_form(texts, options.zone, name=_speaks_of_time(names, options))
        form = TimeForm(told, options.zone) if told else found
        if form is not None and reads(form, texts):
            return names, form
    if options.time:
        wanted = f"times of the form {options.time_format!r}" if options.time_format else "known form of time"
        raise RecordingError(f"column {' '.join(options.time)!r} holds no {wanted}: give the time format")
    if options.interval_s is None:
        raise RecordingError(f"no time column among {listed(columns)}: name it, or give the interval between rows")
    return (), None


def _candidates(columns: Columns) -> list[tuple[str, ...]]:
    """Columns by how likely they hold the time: day and clock together, by name, then any text."""
    named = [name for name in columns if _TIME_NAME.search(name.lower())]
    named.sort(key=lambda name: not _SURE_TIME_NAME.search(name.lower()))
    whole = [(name,) for name in named if name.lower() not in ("date", "time")]
    pairs = [(day, clock) for day in named for clock in named if day.lower() == "date" and clock.lower() == "time"]
    days, clocks = _written_as(_DAY, columns), _written_as(_CLOCK, columns)
    if len(days) == len(clocks) == 1:
        pairs.append((days[0], clocks[0]))
    single = [(name,) for name in named]
    texts = [(name,) for name, cells in columns.items() if any(isinstance(c, str) and _is_text(c) for c in cells)]
    return [*pairs, *whole, *single, *texts]


def _written_as(pattern: re.Pattern[str], columns: Columns) -> list[str]:
    """The columns whose first texts all have the pattern, whatever they are called."""
    found = []
    for name, cells in columns.items():
        texts = [_written(cell).strip() for cell in cells if not is_missing(cell)][:_LOOKED_AT]
        if texts and all(map(pattern.fullmatch, texts)):
            found.append(name)
    return found


def _speaks_of_time(names: tuple[str, ...], options: LayoutOptions) -> str | None:
    text = " ".join(names)
    return text if options.time or _TIME_NAME.search(text.lower()) else None


def _texts(columns: Columns, names: tuple[str, ...]) -> list[str]:
    rows = zip(*(columns[name] for name in names), strict=True)
    return [" ".join(_written(cell).strip() for cell in row) for row in rows if not any(map(is_missing, row))]


def _written(cell: Cell) -> str:
    return cell if isinstance(cell, str) else repr(cell)


def time_text(cells: dict[str, Cell], columns: tuple[str, ...]) -> str:
    """The text of the time, day and clock joined."""
    return " ".join(_written(cells.get(name)).strip() for name in columns)


def listed(columns: Columns) -> str:
    """The names of the columns for a message, not more than a dozen."""
    names = list(columns)
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more


def _is_text(text: str) -> bool:
    try:
        return number_in(text) is None and not is_missing(text)
    except ValueError:
        return True
