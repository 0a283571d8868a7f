"""Conversion: a row of a recording becomes a reading and its truth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from contracts.codec import MAX_PAYLOAD_BYTES, encode
from contracts.reading import Reading, Truth
from producer.recordings.labels import is_abnormal, marked
from producer.recordings.names import printable
from producer.recordings.numbers import is_missing, number_in
from producer.recordings.rates import Rates
from producer.recordings.rows import BadRow, Cell, Row, Skipped
from producer.recordings.time_columns import time_text

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    from producer.recordings.layout import Layout


@dataclass(frozen=True, slots=True)
class Item:
    """A row as messages; `row` counts the rows of the file from 1, good and bad ones."""

    row: int
    reading: Reading
    payload: bytes
    truth: Truth | None


@dataclass(frozen=True, slots=True)
class Origin:
    """What the rows themselves do not say.

    Attributes:
        device: name of the device where no column names it.
        run: name of the run.
        start: time of the first row where rows have no time.
        interval_s: seconds between rows where rows have no time.
    """

    device: str
    run: str
    start: datetime
    interval_s: float | None = None


class Conversion:
    """Turns rows into readings; counts the cells that are no numbers, whose metrics become null.

    Args:
        layout: what each column is.
        origin: what the rows do not say.
        open_ended: whether rows may bring metrics that the layout does not know, as JSON rows do.
    """

    def __init__(self, layout: Layout, origin: Origin, *, open_ended: bool) -> None:
        self._layout = layout
        self._origin = origin
        self._known = frozenset((*layout.time, layout.device, *layout.metrics, *layout.labels, *layout.left_out))
        self._open_ended = open_ended
        self._rates = Rates(layout.counters)
        self.bad_cells = Skipped()

    def item(self, number: int, row: Row) -> Item | BadRow | None:
        """The messages of a row, or what is wrong with it; None where it says nothing but a counter's first value.

        Args:
            number: of the row, from 1.
            row: its cells.
        """
        try:
            measured_at = self._time(number, row.cells)
        except ValueError as error:
            return BadRow(row.line, f"time {time_text(row.cells, self._layout.time)[:40]!r}: {error}")
        device = self._device(row.cells)
        if not device:
            return BadRow(row.line, "no name of a device")
        values = self._values(row)
        if not values:
            return BadRow(row.line, "no numbers")
        values = self._rates.values(device, values, measured_at.timestamp())
        return self._sized(number, row, self._reading(number, row, device, values, measured_at)) if values else None

    def _reading(
        self, number: int, row: Row, device: str, values: dict[str, float | None], measured_at: datetime
    ) -> Reading:
        return Reading(
            device=device,
            values=values,
            measured_at=measured_at,
            seq=number,
            units=self._units(row.units, values) if row.units else None,
            clock="replay",
            run=self._origin.run,
        )

    def _sized(self, number: int, row: Row, reading: Reading) -> Item | BadRow:
        payload = encode(reading)
        if len(payload) > MAX_PAYLOAD_BYTES:
            return BadRow(row.line, f"{len(payload)} bytes, at most {MAX_PAYLOAD_BYTES} are expected")
        return Item(number, reading, payload, self._truth(reading, row.cells))

    def _time(self, number: int, cells: dict[str, Cell]) -> datetime:
        if self._layout.form is None:
            return self._origin.start + timedelta(seconds=(number - 1) * (self._origin.interval_s or 0.0))
        if any(is_missing(cells.get(name)) for name in self._layout.time):
            raise ValueError("missing")
        return self._layout.form.read(time_text(cells, self._layout.time), self._origin.start)

    def _device(self, cells: dict[str, Cell]) -> str:
        if self._layout.device is None:
            return self._origin.device
        cell = cells.get(self._layout.device)
        return "" if is_missing(cell) else printable(str(cell))

    def _values(self, row: Row) -> dict[str, float | None]:
        layout, cells = self._layout, row.cells
        values = {name: self._number(row, name) for name in layout.metrics if name in cells}
        late: Iterable[str] = [name for name in layout.dormant if not is_missing(cells.get(name))]
        if self._open_ended:
            late = [name for name, cell in cells.items() if name not in self._known and type(cell) in (int, float)]
        values.update({name: self._number(row, name) for name in late})
        return values

    def _units(self, units: Mapping[str, str], values: Container[str]) -> dict[str, str]:
        return {name: unit for name, unit in self._rates.units(units).items() if name in values}

    def _number(self, row: Row, name: str) -> float | None:
        try:
            return number_in(row.cells[name], decimal_comma=self._layout.decimal_comma)
        except ValueError as error:
            self.bad_cells.add(BadRow(row.line, f"column {name!r}: {error}"))
            return None

    def _truth(self, reading: Reading, cells: dict[str, Cell]) -> Truth | None:
        labels = {name: cells.get(name) for name in self._layout.labels}
        said = marked(labels)
        if not said:
            return None
        return Truth(
            device=reading.device,
            measured_at=reading.measured_at,
            anomalous=is_abnormal(labels),
            columns=said,
            run=reading.run,
        )
