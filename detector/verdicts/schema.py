"""Whether a device still sends what it sent: the same metrics in the same units."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from detector.rows.cadence import COUNT, INTERVAL, SEEN
from detector.rows.time_units import DAY_S
from detector.verdicts.findings import ruled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from detector.rows.stream import Stream
    from detector.verdicts.findings import Finding

_REGULAR = 0.9  # of its readings: a device whose metrics all come so often sends rows that are complete
_GONE_S = DAY_S
_GONE_INTERVALS = 1000.0  # of its own, where these take longer than a day
_SAME_TIME = 3.0  # intervals


class SchemaWatch:
    """Notices metrics that appear, that are renamed or gone for good, and units that change.

    Attributes:
        appeared_at: event time (epoch s) at which a metric was new to a device that had been learned.
    """

    __slots__ = ("appeared_at",)

    def __init__(self, appeared_at: float = -inf) -> None:
        self.appeared_at = appeared_at

    def changed_unit(self, stream: Stream, units: Mapping[str, str] | None) -> Finding | None:
        """Find a metric whose unit differs from that of the readings before; to be called before they are placed."""
        known = stream.roster.units
        if not units or not known:
            return None
        for metric, unit in units.items():
            if known.get(metric, unit) != unit:
                return ruled("schema", int(stream.roster.columns_of([metric])[0]))
        return None

    def appeared(self, stream: Stream, known: int, at: float) -> Finding | None:
        """Find a new metric of a device that was known by so many; to be called when its reading is placed.

        A device that sends now this, now that has none that is new.
        """
        counts = stream.pace.table[COUNT, :known]
        if len(stream.roster) == known or known == 0 or counts.min() < _REGULAR * stream.device_pace.table[COUNT, 0]:
            return None
        self.appeared_at = at
        return ruled("schema", known)

    def missing(self, stream: Stream, column: int) -> Finding:
        """Say what it means that a metric is overdue: it was renamed, is gone for good, or has dropped out."""
        seen, interval = stream.pace.table[SEEN, column], stream.pace.table[INTERVAL, column]
        renamed = abs(self.appeared_at - seen) <= _SAME_TIME * interval
        gone = stream.newest_at - seen > max(_GONE_S, _GONE_INTERVALS * interval)
        if gone:
            stream.pace.forget(column)
        return ruled("schema" if renamed or gone else "dropout", column)
