"""Whether something has changed lately: what a young model calls odd may only be the time of day.

A model that has not seen a whole day cannot know what the next hour is like, and one of few rows does not know how far
the process wanders. Both are slow. So a young model opens an incident only where the metric at fault has moved clearly
within the last minutes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from detector.rows.stream import EVENT
from detector.rows.time_units import HOUR_S
from detector.verdicts.remains import remains_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from detector.models.scorer import Scorer
    from detector.rows.features import Floats
    from detector.rows.stream import Stream

_BLOCKS = 64  # means that are kept
_SPAN_S = 300.0
_MOSTLY = (0.1, 0.9)  # quantiles: what lies beyond may be a few odd means
YOUNG_ROWS = 2000  # learned: fewer do not show how far the process wanders
_DAY_KNOWN_S = 36 * HOUR_S  # of a reference: a whole day, and how the next one begins
_SOON_S = HOUR_S  # after the reference: until then the hour is much like the last one learned
_MOVED = 5.0  # deviations of the reference, or of what remains
_NEWEST = 2  # blocks beside the newest row


class Trail:
    """Means of the values of the last five minutes, or of the last 64 rows where these are longer.

    Attributes:
        length: rows in a mean.
    """

    __slots__ = ("_count", "_means", "_rows", "_sums", "length")

    def __init__(self) -> None:
        self.length = 1
        self._means: Floats = np.zeros((0, 0))
        self._sums: Floats = np.zeros(0)
        self._rows = 0
        self._count = 0

    def follow(self, stream: Stream) -> None:
        """Begin again, at the pace that the stream has now."""
        self.length = max(int(_SPAN_S / _BLOCKS / max(stream.interval(EVENT), 1e-3)), 1)
        metrics = len(stream.roster)
        _, rows = stream.recent.newest()
        self._means = np.full((_BLOCKS, metrics), np.nan)
        self._means[: len(rows)] = rows
        self._count = len(rows)
        self._sums, self._rows = np.zeros(metrics), 0

    def add(self, stream: Stream) -> None:
        """Take the newest row."""
        newest = stream.features.features[0]
        if len(newest) != len(self._sums):
            self.follow(stream)
            return
        self._sums += newest
        self._rows += 1
        if self._rows >= self.length:
            self._means[self._count % _BLOCKS] = self._sums / self._rows
            self._count += 1
            self._sums[:] = 0.0
            self._rows = 0

    def moved(self, stream: Stream, scorer: Scorer, metric: str, *, incoherent: bool) -> bool:
        """Tell whether a modelled metric has moved clearly lately, by itself or away from the others."""
        m = scorer.model.metrics.index(metric)
        order = np.arange(max(self._count - _BLOCKS, 0), self._count) % _BLOCKS
        rows = np.concatenate([self._means[order], stream.features.features[:1]])
        scale = float(scorer.model.scaling.scale[m])
        if incoherent:
            precision = float(scorer.model.coherence.inverse[m, m])
            return _moved(remains_of(rows, scorer, m), scale / np.sqrt(precision))
        return _moved(rows[:, int(scorer.columns[m])], scale)

    def state(self) -> dict[str, Any]:
        """Return what `restored` needs."""
        return {"means": self._means, "sums": self._sums, "counts": [self.length, self._rows, self._count]}

    @classmethod
    def restored(cls, state: Mapping[str, Any]) -> Trail:
        """Rebuild from `state`."""
        trail = cls()
        trail._means, trail._sums = state["means"], state["sums"]
        trail.length, trail._rows, trail._count = state["counts"]
        return trail


def young(stream: Stream, scorer: Scorer) -> bool:
    """Tell whether a model knows too little of what is to come: few rows, or less than a day and a half."""
    if scorer.model.learned < YOUNG_ROWS:
        return True
    since = (stream.position - scorer.model.end) * stream.interval(EVENT)
    return since > _SOON_S and not knows_a_day(stream, scorer)


def knows_a_day(stream: Stream, scorer: Scorer) -> bool:
    """Tell whether a reference has seen a whole day, and how the next one begins."""
    return scorer.model.end * stream.interval(EVENT) >= _DAY_KNOWN_S


def _moved(series: Floats, scale: float) -> bool:
    there = series[~np.isnan(series)]
    if len(there) <= _NEWEST + 1:
        return True
    newest, earlier = there[-1 - _NEWEST :], there[: -1 - _NEWEST]
    low, high = np.quantile(earlier, _MOSTLY)
    return bool(max(newest.max() - low, high - newest.min()) >= _MOVED * scale)
