"""Values that come on topics of their own, joined into rows."""

from __future__ import annotations

from msgspec import Struct, field

_MEMORY = 5  # rows a metric may miss before it is no longer waited for


class Row(Struct):
    """An open row of a device: values since `opened_at` (arrival, epoch s)."""

    opened_at: float = 0.0
    measured_at: float | None = None
    values: dict[str, float | None] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)


class Joiner(Struct):
    """Rows of one device. A row closes when every usual metric has come, when one comes again, or after the window.

    Attributes:
        row: that is open, None between rows.
        missed: by usual metric, how many rows in a row were without it.
    """

    row: Row | None = None
    missed: dict[str, int] = field(default_factory=dict)

    def add(
        self,
        values: dict[str, float | None],
        units: dict[str, str],
        arrived: float,
        measured: float | None,
        window: float,
    ) -> list[Row]:
        """Take values of one message; return the rows that are complete, oldest first."""
        closed: list[Row] = []
        row = self.row
        if row is not None and (arrived - row.opened_at >= window or row.values.keys() & values.keys()):
            closed.append(self._close(row))
            row = None
        if row is None:
            row = self.row = Row(arrived)
        row.values.update(values)
        row.units.update(units)
        row.measured_at = measured if row.measured_at is None else max(row.measured_at, measured or 0.0)
        if self.missed and self.missed.keys() <= row.values.keys():
            closed.append(self._close(row))
        return closed

    def due(self, now: float, window: float) -> Row | None:
        """Close the row whose window is over."""
        if self.row is None or now - self.row.opened_at < window:
            return None
        return self._close(self.row)

    def _close(self, row: Row) -> Row:
        self.row = None
        for metric in list(self.missed):
            self.missed[metric] = 0 if metric in row.values else self.missed[metric] + 1
            if self.missed[metric] > _MEMORY:
                del self.missed[metric]
        for metric in row.values:
            self.missed.setdefault(metric, 0)
        return row
