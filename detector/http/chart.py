"""Readings as columns for a chart, thinned so that no peak is lost."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detector.rows.features import Floats
    from detector.store.recent_readings import RecentReading


def chart(rows: Sequence[RecentReading], points: int) -> dict[str, Any]:
    """Return readings as columns of equal length, at most about `points` of them.

    Thinned readings come in pairs: of each stretch of readings every metric's lowest and highest value, in their
    order, with the highest score; `alarm` where any reading was one. Times are epoch seconds. A metric's band is what
    was expected at that time or, before the first band, at the first; null where nothing is known.
    """
    ordered = sorted(rows, key=lambda row: row.measured_at)
    metrics = list(dict.fromkeys(name for row in ordered for name in row.values))
    stretches = _stretches(len(ordered), points)
    times = np.array([row.measured_at.timestamp() for row in ordered])
    pairs = len(ordered) > points
    answer: dict[str, Any] = {
        "rows": len(ordered),
        "thinned": pairs,
        "metrics": metrics,
        "times": _times(times, stretches, pairs=pairs),
        "values": {m: _thinned(_column(ordered, m), stretches, pairs=pairs) for m in metrics},
        "score": _highest([row.score for row in ordered], stretches, pairs=pairs),
        "alarm": [bool(a) for a in _highest([float(row.alarm) for row in ordered], stretches, pairs=pairs)],
    }
    return {**answer, **_bands(ordered, metrics, stretches, pairs=pairs)}


def _stretches(rows: int, points: int) -> list[slice]:
    """Cut rows into single ones, or into half as many stretches as there may be points."""
    if rows <= points:
        return [slice(row, row + 1) for row in range(rows)]
    edges = np.linspace(0, rows, max(points // 2, 1) + 1).astype(int)
    return [slice(int(first), int(last)) for first, last in pairwise(edges)]


def _times(times: Floats, stretches: list[slice], *, pairs: bool) -> list[float]:
    if not pairs:
        return list(times.tolist())
    return [float(at) for part in stretches for at in (times[part][0], times[part][len(times[part]) // 2])]


def _column(rows: Sequence[RecentReading], metric: str) -> Floats:
    return np.array([np.nan if (value := row.values.get(metric)) is None else value for row in rows])


def _thinned(column: Floats, stretches: list[slice], *, pairs: bool) -> list[float | None]:
    if not pairs:
        return [_or_none(value) for value in column.tolist()]
    thinned: list[float | None] = []
    for part in stretches:
        values = column[part]
        if np.isnan(values).all():
            thinned += [None, None]
        else:
            first, second = sorted((int(np.nanargmin(values)), int(np.nanargmax(values))))
            thinned += [float(values[first]), float(values[second])]
    return thinned


def _highest(column: Sequence[float | None], stretches: list[slice], *, pairs: bool) -> list[float | None]:
    highest: list[float | None] = []
    for part in stretches:
        known = [value for value in column[part] if value is not None]
        highest += [max(known, default=None)] * (2 if pairs else 1)
    return highest


def _bands(
    rows: Sequence[RecentReading], metrics: Sequence[str], stretches: list[slice], *, pairs: bool
) -> dict[str, dict[str, list[float | None]]]:
    known = [(number, row.band) for number, row in enumerate(rows) if row.band is not None]
    places = [number for number, _ in known]
    chosen = [
        known[max(int(np.searchsorted(places, part.stop - 1, side="right")) - 1, 0)][1] if known else None
        for part in stretches
        for _ in range(2 if pairs else 1)
    ]
    return {
        kind: {m: [None if band is None else getattr(band, kind).get(m) for band in chosen] for m in metrics}
        for kind in ("expected", "lower", "upper")
    }


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else value
