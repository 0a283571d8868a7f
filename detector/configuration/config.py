"""Every knob of detection; one configuration serves all devices, or all of which people know the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from detector.configuration.context import OffRule, Range, Window


_HELD = 512  # rows: whole runs of neighbours must be among them


@dataclass(frozen=True, slots=True)
class DetectionConfig:
    """How readings are judged.

    Attributes:
        backend: name of the algorithm, a key of `detector.models.backends.BACKENDS`.
        warm_up: rows to collect before the first model is fitted.
        growth: the reference is fitted again each time it has grown by this factor, until it is frozen.
        freeze_after_days: span of event time after which the reference grows no more.
        reference_rows: most rows a model is fitted on, four times as many of a training part; longer references are
            thinned evenly.
        alarm_level: tail probability at which one reading is an alarm.
        false_incidents_per_day: false incidents a day that this device may raise (its share of the site's budget).
        update_every: seconds of event time between two updates of one incident.
        quiet_seconds: an incident closes after so many seconds without an abnormal reading ...
        quiet_rows: ... which must also be so many rows.
        reopen_seconds: an incident that closed less than this ago is opened again instead of a new one.
        recurring_days: an incident whose like came at the same time on so many of the last seven days is not told;
            0 for "every one is told".
        silence_factor: a device (or metric) is silent after so many of its usual intervals ...
        silence_seconds: ... but never before so many seconds.
        clock_tolerance: seconds that a device's clock may be ahead.
        ranges: physical limits by metric, (lowest, highest); None where there is none.
        maintenance: while one of them holds the event time, nothing is learned and nothing opens.
        off: while all of them hold, the machine is off: only ranges, silence and clock are watched, nothing is learned.
        trees: trees of an isolation forest.
        samples: rows that each tree is grown from.
    """

    backend: str = "isolation_forest"
    warm_up: int = 200
    growth: float = 2.0
    freeze_after_days: float = 14.0
    reference_rows: int = 8192
    alarm_level: float = 1e-3
    false_incidents_per_day: float = 1.0
    update_every: float = 60.0
    quiet_seconds: float = 30.0
    quiet_rows: int = 20
    reopen_seconds: float = 300.0
    recurring_days: int = 3
    silence_factor: float = 10.0
    silence_seconds: float = 10.0
    clock_tolerance: float = 60.0
    ranges: Mapping[str, Range] = field(default_factory=dict)
    maintenance: tuple[Window, ...] = ()
    off: tuple[OffRule, ...] = ()
    trees: int = 100
    samples: int = 256

    @property
    def held_rows(self) -> int:
        """Rows held for the next fit: a quarter of a reference, for they lie in memory and in every snapshot."""
        return max(self.reference_rows // 4, self.warm_up, _HELD)
