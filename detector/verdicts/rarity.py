"""What the watched time says of a finding: how rare it is, and since when it has been so.

A tail fitted to an hour's scores names probabilities that no hour can show. So what is told is bounded by what was
watched: never rarer than the whole of it, nor than as many incidents of such a score as there have been in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detector.rows.cadence import INTERVAL, SEEN

if TYPE_CHECKING:
    from detector.rows.stream import Stream
    from detector.verdicts.findings import Finding
    from detector.verdicts.observation import Observation

REMEMBERED_DAYS = 90.0
_LEAST_DAYS = 1e-9


def watched_days(stream: Stream) -> float:
    """Return the days of which a device's incidents are known: by its readings and their pace, at most 90."""
    return min(max(stream.position / stream.readings_per_day(), _LEAST_DAYS), REMEMBERED_DAYS)


def rarity_days(probability: float, stream: Stream, earlier: int) -> float:
    """Return the days between two such findings, at most the watched ones.

    Args:
        probability: of the tail.
        stream: the device's.
        earlier: incidents in the watched time whose scores were as rare.
    """
    by_tail = 1.0 / (max(probability, 1e-300) * max(stream.readings_per_day(), 1e-6))
    return min(by_tail, watched_days(stream) / (earlier + 1 if earlier else 1))


def since(observation: Observation, finding: Finding) -> float | None:
    """Return when (epoch s) what is stuck last moved, what is missing was last seen; None for any other finding."""
    stream = observation.stream
    if finding.kind == "silence":
        times, _ = stream.recent.newest(2)
        ended = observation.values is not None  # the reading that ends a silence is in the stream already
        return float(times[0 if ended else -1]) if len(times) > ended else None
    if finding.metric < 0:
        return None
    if finding.kind == "dropout":
        return float(stream.pace.table[SEEN, finding.metric]) or None
    return _unmoved(stream, finding.metric) if finding.kind == "stuck" else None


def _unmoved(stream: Stream, column: int) -> float:
    """Return when a metric took the value that it still has; by its pace where the newest rows do not reach back."""
    times, rows = stream.recent.newest()
    measured = np.flatnonzero(~np.isnan(rows[:, column]))
    moves = np.flatnonzero(np.diff(rows[measured, column]) != 0.0)
    if len(moves):
        return float(times[measured[moves[-1] + 1]])
    steps = float(stream.features.same[column]) - 1.0
    return stream.newest_at - steps * float(stream.pace.table[INTERVAL, column])
