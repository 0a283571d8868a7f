"""Recent readings of a device: from the detector's HTTP face where it answers, else from the page's own ring."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from math import isnan
from typing import TYPE_CHECKING, Any

from web.api.windows import MetricWindow, ProjectionAnswer, ReadingsWindow
from web.downsample import downsample
from web.errors import UnknownDeviceError
from web.live.tiles import rounded
from web.projection import project
from web.ring import PARTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from web.face import Face
    from web.plant import Plant
    from web.ring import Rows

_MOST_PROJECTED = 600


@dataclass(frozen=True, slots=True)
class Recent:
    """Windows of readings, and the plane they lie on.

    Args:
        plant: holds the rings.
        face: the detector's HTTP face, None where none is set.
    """

    plant: Plant
    face: Face | None = None

    async def window(self, device: str, since: float, until: float, points: int) -> ReadingsWindow:
        """Return a device's readings between two times (seconds since 1970), thinned out to about `points` rows.

        Raises:
            UnknownDeviceError: nothing was heard of the device.
        """
        rows = self._rows(device, since, until)
        if self.face is not None:
            found = await self.face.readings(device, _iso(since), _iso(until), points)
            if found is not None and found.get("times"):
                return _from_face(device, found)
        thin = downsample(rows, points)
        metrics = {name: MetricWindow(**_parts(columns)) for name, columns in thin.metrics.items()}
        times = [round(at, 3) for at in thin.times]
        return ReadingsWindow(
            device=device, source="page", total=len(rows), times=times, score=numbers(thin.scores), metrics=metrics
        )

    async def projection(self, device: str, spans: Sequence[tuple[float, float]]) -> ProjectionAnswer:
        """Lay readings on a plane; of the page's own, those within `spans` count as anomalous; too few give none.

        Raises:
            UnknownDeviceError: nothing was heard of the device.
        """
        rows = self._rows(device, float("-inf"), float("inf"))
        if self.face is not None:
            found = await self.face.projection(device)
            if found is not None and found.get("normal"):
                return _plane_from_face(device, found)
        return _plane(device, _thinned(rows, _MOST_PROJECTED), spans)

    def _rows(self, device: str, since: float, until: float) -> Rows:
        known = self.plant.devices.get(device)
        if known is None:
            raise UnknownDeviceError(f"device {device[:128]!a}: nothing was heard of it")
        return known.ring.window(since, until)


def numbers(column: Iterable[float]) -> list[float | None]:
    """Write a column for JSON, where NaN is null."""
    return [None if isnan(value) else rounded(value) for value in column]


def _parts(columns: Any) -> dict[str, list[float | None]]:  # noqa: ANN401 - columns by part
    return {part: numbers(columns[part]) for part in PARTS}


def _from_face(device: str, found: dict[str, Any]) -> ReadingsWindow:
    metrics = {name: MetricWindow(**{part: found[part][name] for part in PARTS}) for name in found["metrics"]}
    return ReadingsWindow(
        device=device,
        source="detector",
        total=found["rows"],
        times=found["times"],
        score=found["score"],
        metrics=metrics,
        alarm=found["alarm"],
    )


def _plane_from_face(device: str, found: dict[str, Any]) -> ProjectionAnswer:
    odd, normal = found["anomalous"], found["normal"]
    return ProjectionAnswer(
        device=device,
        times=[None] * len(normal) + [each["at"] for each in odd],
        x=[rounded(point[0]) for point in normal] + [rounded(each["x"]) for each in odd],
        y=[rounded(point[1]) for point in normal] + [rounded(each["y"]) for each in odd],
        anomalous=[False] * len(normal) + [True] * len(odd),
        explained=found["explained"],
        loadings={name: [rounded(a), rounded(b)] for name, a, b in zip(found["metrics"], *found["axes"], strict=True)},
    )


def _plane(device: str, rows: Rows, spans: Sequence[tuple[float, float]]) -> ProjectionAnswer:
    metrics = [name for name, columns in rows.metrics.items() if any(not isnan(v) for v in columns["values"])]
    anomalous = [any(begin <= at <= end for begin, end in spans) for at in rows.times]
    table = [[rows.metrics[name]["values"][index] for name in metrics] for index in range(len(rows))]
    found = project(table, [not each for each in anomalous]) if table and metrics else None
    if found is None:
        return ProjectionAnswer(device=device, times=[], x=[], y=[], anomalous=[], explained=[], loadings={})
    kept = [(index, point) for index, point in enumerate(found.points) if point is not None]
    return ProjectionAnswer(
        device=device,
        times=[round(rows.times[index], 3) for index, _ in kept],
        x=[rounded(point[0]) for _, point in kept],
        y=[rounded(point[1]) for _, point in kept],
        anomalous=[anomalous[index] for index, _ in kept],
        explained=[rounded(each) for each in found.explained],
        loadings={name: [rounded(a), rounded(b)] for name, a, b in zip(metrics, *found.loadings, strict=True)},
    )


def _thinned(rows: Rows, most: int) -> Rows:
    step = max(1, -(-len(rows) // most))
    if step == 1:
        return rows
    metrics = {
        name: {part: column[::step] for part, column in columns.items()} for name, columns in rows.metrics.items()
    }
    return type(rows)(rows.times[::step], rows.scores[::step], metrics)


def _iso(seconds: float) -> str:
    """Write a time that a calendar holds."""
    return datetime.fromtimestamp(min(max(seconds, 0.0), 4e9), UTC).isoformat().replace("+00:00", "Z")
