"""Fewer points for a chart, with every spike kept.

Time is cut into equal buckets; each gives two rows, at its first and its last time, that hold each metric's smallest
and largest value in the order in which they came (min-max decimation, as in Jugel et al., "M4: A Visualization-Oriented
Time Series Data Aggregation", VLDB 2014, without its first and last values). Bands are widened to what a bucket held.
"""

from __future__ import annotations

from array import array
from math import isnan, nan
from typing import TYPE_CHECKING

from web.ring import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from web.ring import Part


def downsample(rows: Rows, points: int) -> Rows:
    """Return at most about `points` rows; fewer rows than that stay as they are."""
    if len(rows) <= max(points, 4):
        return rows
    cuts = _buckets(rows.times, max(1, points // 2))
    times = array("d")
    for begin, end in cuts:
        times.extend((rows.times[begin], rows.times[end - 1]) if end - begin > 1 else (rows.times[begin],))
    scores = array("f", _widest(rows.scores, cuts, largest=True))
    metrics = {name: _columns(columns, cuts) for name, columns in rows.metrics.items()}
    return Rows(times, scores, metrics)


def _buckets(times: Sequence[float], count: int) -> list[tuple[int, int]]:
    """Cut into spans of equal time; an empty span gives no bucket."""
    start, width = times[0], (times[-1] - times[0]) / count or 1.0
    cuts: list[tuple[int, int]] = []
    begin = 0
    for index in range(1, len(times) + 1):
        if index == len(times) or int((times[index] - start) / width) != int((times[begin] - start) / width):
            cuts.append((begin, index))
            begin = index
    return cuts


def _columns(columns: dict[Part, array[float]], cuts: list[tuple[int, int]]) -> dict[Part, array[float]]:
    return {
        "values": array("f", _extremes(columns["values"], cuts)),
        "expected": array("f", _means(columns["expected"], cuts)),
        "lower": array("f", _widest(columns["lower"], cuts, largest=False)),
        "upper": array("f", _widest(columns["upper"], cuts, largest=True)),
    }


def _extremes(column: Sequence[float], cuts: list[tuple[int, int]]) -> Iterable[float]:
    for begin, end in cuts:
        known = [index for index in range(begin, end) if not isnan(column[index])]
        if end - begin == 1:
            yield column[begin]
        elif not known:
            yield from (nan, nan)
        else:
            places = sorted((min(known, key=column.__getitem__), max(known, key=column.__getitem__)))
            yield from (column[place] for place in places)


def _widest(column: Sequence[float], cuts: list[tuple[int, int]], *, largest: bool) -> Iterable[float]:
    choose = max if largest else min
    for begin, end in cuts:
        value = choose((each for each in column[begin:end] if not isnan(each)), default=nan)
        yield from (value,) * min(2, end - begin)


def _means(column: Sequence[float], cuts: list[tuple[int, int]]) -> Iterable[float]:
    for begin, end in cuts:
        known = [each for each in column[begin:end] if not isnan(each)]
        yield from (sum(known) / len(known) if known else nan,) * min(2, end - begin)
