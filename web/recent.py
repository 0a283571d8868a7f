"""Recent readings of a device: from the detector's HTTP face where it answers, else from the page's own ring."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING

from web.api.answers import MetricWindow, ReadingsWindow
from web.downsample import downsample
from web.errors import UnknownDeviceError
from web.live.tiles import rounded
from web.projection import project

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from web.plant import Plant
    from web.projection import Projection
    from web.ring import Rows

_MOST_PROJECTED = 600


@dataclass(frozen=True, slots=True)
class Recent:
    """Windows of readings.

    Args:
        plant: holds the rings.
    """

    plant: Plant

    async def window(self, device: str, since: float, until: float, points: int) -> ReadingsWindow:
        """Return a device's readings between two times (seconds since 1970), thinned out to about `points` rows.

        Raises:
            UnknownDeviceError: nothing was heard of the device.
        """
        rows = self._rows(device, since, until)
        thin = downsample(rows, points)
        return ReadingsWindow(
            device=device,
            source="page",
            total=len(rows),
            times=[round(at, 3) for at in thin.times],
            score=numbers(thin.scores),
            metrics={
                name: MetricWindow(**{part: numbers(c) for part, c in cs.items()}) for name, cs in thin.metrics.items()
            },
        )

    def projection(
        self, device: str, spans: Sequence[tuple[float, float]]
    ) -> tuple[list[str], Rows, list[bool], Projection | None]:
        """Project a device's newest readings on a plane; those within `spans` count as anomalous.

        Returns:
            The metrics, the rows, which rows are anomalous, and the projection, None when there is too little for one.

        Raises:
            UnknownDeviceError: nothing was heard of the device.
        """
        rows = _thinned(self._rows(device, float("-inf"), float("inf")), _MOST_PROJECTED)
        metrics = [name for name, columns in rows.metrics.items() if any(not isnan(v) for v in columns["values"])]
        anomalous = [any(begin <= at <= end for begin, end in spans) for at in rows.times]
        table = [[rows.metrics[name]["values"][index] for name in metrics] for index in range(len(rows))]
        projected = project(table, [not each for each in anomalous]) if table and metrics else None
        return metrics, rows, anomalous, projected

    def _rows(self, device: str, since: float, until: float) -> Rows:
        known = self.plant.devices.get(device)
        if known is None:
            raise UnknownDeviceError(f"device {device[:128]!r}: nothing was heard of it")
        return known.ring.window(since, until)


def numbers(column: Iterable[float]) -> list[float | None]:
    """Write a column for JSON, where NaN is null."""
    return [None if isnan(value) else rounded(value) for value in column]


def _thinned(rows: Rows, most: int) -> Rows:
    step = max(1, -(-len(rows) // most))
    if step == 1:
        return rows
    metrics = {
        name: {part: column[::step] for part, column in columns.items()} for name, columns in rows.metrics.items()
    }
    return type(rows)(rows.times[::step], rows.scores[::step], metrics)
