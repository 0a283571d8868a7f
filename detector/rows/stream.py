"""A device's rows: partial readings carried together, their features, their pace, the newest of them."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any

import numpy as np

from detector.rows.cadence import INTERVAL, Cadence
from detector.rows.features import FeatureWindow
from detector.rows.recent import RecentRows
from detector.rows.reference import ReferenceRows
from detector.rows.residuals import Residuals
from detector.rows.roster import Roster
from detector.rows.time_units import DAY_S

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from detector.rows.features import Floats, Ints

EVENT, ARRIVAL = 0, 1
_EVENT, _ARRIVAL = np.array([EVENT]), np.array([ARRIVAL])


class Stream:
    """Rows of one device.

    A reading may carry some metrics only: the others keep their features, until they are overdue. Null is "no value"
    and is not carried.

    Attributes:
        roster: the metrics and their columns (C).
        features: of each metric.
        pace: arrivals of each metric, in event time.
        device_pace: readings of the device, in event time and in time of arrival.
        recent: the newest rows.
        reference: rows kept for the next fit.
        residuals: of a device with a single metric, else None; `alone` is the probability of its newest value.
        position: readings scored so far.
        began_at, newest_at: event time of the first and of the newest reading, epoch s; inf and -inf before the first.
    """

    __slots__ = (
        "alone",
        "began_at",
        "device_pace",
        "features",
        "newest_at",
        "pace",
        "position",
        "recent",
        "reference",
        "residuals",
        "roster",
    )

    def __init__(self, reference_capacity: int) -> None:
        self.roster = Roster()
        self.features = FeatureWindow()
        self.pace = Cadence.empty()
        self.device_pace = Cadence.empty(2)
        self.recent = RecentRows.empty()
        self.reference = ReferenceRows.empty(0, reference_capacity)
        self.residuals: Residuals | None = None
        self.alone = 1.0
        self.position = 0
        self.began_at = float("inf")
        self.newest_at = float("-inf")

    def place(self, values: Mapping[str, float | None], units: Mapping[str, str] | None) -> tuple[Ints, Floats]:
        """Return columns (n,) and values (n,) of a reading; new metrics get a column."""
        columns, numbers = self.roster.place(values)
        if units:
            self.roster.units.update(units)
        self._widen()
        return columns, numbers

    def know(self, metrics: Iterable[str]) -> None:
        """Give metrics a column before they were measured, for a model that comes from elsewhere."""
        self.roster.place(dict.fromkeys(metrics))
        self._widen()

    def _widen(self) -> None:
        if len(self.roster) > len(self.features.counts):
            for part in (self.features, self.pace, self.recent, self.reference):
                part.widen(len(self.roster))

    def follow(self, metrics: Sequence[str], position: int) -> None:
        """Go on where a training ended: with its metrics, after its rows."""
        self.place(dict.fromkeys(metrics), None)
        self.position = position

    def take(self, columns: Ints, values: Floats, at: float, arrived: float) -> None:
        """Take a reading at event time `at` that arrived at `arrived`, both epoch s."""
        self.position += 1
        self.began_at = min(self.began_at, at)
        self.newest_at = at
        self.features.push(columns, values)
        self.pace.arrive(columns, values, at)
        self.device_pace.arrive(_EVENT, _ONE, at)
        self.device_pace.arrive(_ARRIVAL, _ONE, arrived)
        self.recent.push(columns, values, at)
        if len(self.roster) == 1:
            self.residuals = self.residuals or Residuals()
            self.alone = self.residuals.add(float(values[0]), at)
        else:
            self.residuals = None

    def restart(self) -> None:
        """Begin again, for a new run of a recording: its times and values do not follow the last ones."""
        self.newest_at = float("-inf")
        self.features.clear()
        self.pace.restart()
        self.device_pace.restart()
        self.recent.clear()
        if self.residuals is not None:
            self.residuals.restart()
        self.position += 1  # so that no row before is taken for a neighbour

    def value(self, metric: str) -> float | None:
        """Return a metric's newest value; None when it has none."""
        if not self.roster.knows(metric):
            return None
        number = float(self.features.features[0, self.roster.columns_of([metric])[0]])
        return None if isnan(number) else number

    def interval(self, clock: int) -> float:
        """Return the usual seconds between two readings, by EVENT or ARRIVAL."""
        return float(self.device_pace.table[INTERVAL, clock])

    def readings_per_day(self) -> float:
        """Return the device's pace, by event time."""
        return float(DAY_S / max(self.interval(EVENT), 1e-6))

    def state(self) -> dict[str, Any]:
        """Return what `restored` needs."""
        return {
            "metrics": self.roster.metrics,
            "units": self.roster.units,
            "features": self.features.state(),
            "pace": self.pace.state(),
            "device_pace": self.device_pace.state(),
            "recent": self.recent.state(),
            "reference": self.reference.state(),
            "residuals": None if self.residuals is None else self.residuals.state(),
            "alone": self.alone,
            "position": self.position,
            "began_at": self.began_at,
            "newest_at": self.newest_at,
        }

    @classmethod
    def restored(cls, state: Mapping[str, Any]) -> Stream:
        """Rebuild from `state`."""
        stream = cls(1)
        stream.roster = Roster(state["metrics"], state["units"])
        stream.features = FeatureWindow.restored(state["features"])
        stream.pace = Cadence.restored(state["pace"])
        stream.device_pace = Cadence.restored(state["device_pace"])
        stream.recent = RecentRows.restored(state["recent"])
        stream.reference = ReferenceRows.restored(state["reference"])
        if state["residuals"] is not None:
            stream.residuals = Residuals.restored(state["residuals"])
        stream.alone = state["alone"]
        stream.position = state["position"]
        stream.began_at = state["began_at"]
        stream.newest_at = state["newest_at"]
        return stream


_ONE = np.ones(1)
