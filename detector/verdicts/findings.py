"""What can be wrong with a reading, each found in its own way, as one finding."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING

import numpy as np

from detector.rows.time_units import DAY_S

if TYPE_CHECKING:
    from contracts.anomaly import Kind
    from detector.configuration.config import DetectionConfig
    from detector.models.judgement import Judgement
    from detector.rows.features import Floats, Ints
    from detector.rows.stream import Stream

RULED = 1e-9  # how rare that is by agreement which no history measures
_MOST_BEYOND = 6.0  # decades, of a value far beyond the limit that people gave
_FAR_BEYOND = 0.25  # of the range: a value so far beyond its limit is as bad as any
_GROSS_DECADES = 3.0  # of a value as far out as the newest rows allow; twice as many of one twice as far
_GROSS_OPENS = 1.5  # times what is allowed: one value so far out opens alone
MOST_DECADES = 12.0  # of a value: how far out it is says no more then
_SCORES = 5.0  # that may each raise a false incident: three of a row, two that last
_HIGHEST_OPENING = 1e-3
_LOWEST_OPENING = 1e-12
_CHANCE_IN_QUIET = 0.05  # that a quiet time as long as closes an incident holds one such score


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        probability: how rare this is in the normal course.
        opens: whether it is enough to open an incident.
        keeps: whether it is enough to keep an open incident open.
        kind: what it surely is; None when the shape of the stream must tell.
        metric: the column at fault; -1 when the model must tell.
        lasting: many readings together were odd, not this one alone.
        incoherent: the metrics disagree with each other; their values may be usual.
    """

    probability: float
    opens: bool
    keeps: bool
    kind: Kind | None = None
    metric: int = -1
    incoherent: bool = False
    lasting: bool = False

    @property
    def by_rule(self) -> bool:
        """Whether a rule says what it is: the device's history of scores does not know how rare that is."""
        return self.kind is not None


def ruled(kind: Kind, metric: int = -1) -> Finding:
    """Return what a rule has found, wrong whatever the device's history is: of a metric's column, or of the device."""
    return Finding(RULED, opens=True, keeps=True, kind=kind, metric=metric)


def opening_level(config: DetectionConfig, readings_per_day: float) -> float:
    """Return the tail probability that opens an incident: the budget of false ones, shared by the scores."""
    level = config.false_incidents_per_day / (_SCORES * max(readings_per_day, 1.0))
    return min(max(level, _LOWEST_OPENING), _HIGHEST_OPENING)


def keeping_level(config: DetectionConfig, readings_per_day: float) -> float:
    """Return the tail probability that keeps an incident open: hardly one by chance in a quiet time."""
    readings = readings_per_day / DAY_S * config.quiet_seconds
    return min(config.alarm_level, _CHANCE_IN_QUIET / max(readings, 1e-9))


def by_model(judgement: Judgement, config: DetectionConfig, readings_per_day: float) -> Finding | None:
    """Find what the model finds: a score so rare that the reading is an alarm, or that lasts."""
    least = judgement.least
    if least > config.alarm_level:
        return None
    opens = least <= opening_level(config, readings_per_day)
    incoherent = judgement.apart == least or (judgement.lasting == least and judgement.incoherent)
    keeps = least <= keeping_level(config, readings_per_day)
    return Finding(least, opens, keeps, incoherent=incoherent, lasting=judgement.lasting == least)


def by_reach(  # noqa: PLR0913 - what is known of one reading
    stream: Stream,
    columns: Ints,
    values: Floats,
    modelled: np.ndarray[tuple[int], np.dtype[np.bool_]],
    *,
    again: bool,
    seen: Floats,
) -> Finding | None:
    """Find values far outside of the newest rows; for metrics without a model, or with a young one.

    Args:
        stream: the rows before.
        columns: (n,) the metrics of the reading.
        values: (n,) of the reading.
        modelled: (C,) metrics that are left to their model.
        again: so was the last reading.
        seen: (2, C) lowest and highest value that the model has learned; inf and -inf where there is none.
    """
    ratio, column = stream.recent.grossness(columns, values, modelled)
    if ratio <= 1.0 or stream.recent.switched(columns, values):
        return None
    value = float(values[int(np.flatnonzero(columns == column)[0])])
    if seen[0, column] <= value <= seen[1, column]:
        return None
    centre, _ = stream.recent.allowed(column)
    falls = 0.0 <= value / centre < 1.0 if centre else False  # a machine that is switched off falls like this too
    opens = again or (ratio >= _GROSS_OPENS and not falls)
    return Finding(10.0 ** -min(_GROSS_DECADES * ratio, MOST_DECADES), opens, keeps=True, metric=column)


def by_range(stream: Stream, columns: Ints, values: Floats, config: DetectionConfig) -> Finding | None:
    """Find values outside of the limits that people gave; the further out, the rarer."""
    for column, value in zip(columns.tolist(), values.tolist(), strict=True):
        low, high = config.ranges.get(stream.roster.metrics[column], (None, None))
        below = 0.0 if low is None or isnan(value) else low - value
        above = 0.0 if high is None or isnan(value) else value - high
        beyond = max(below, above)
        if beyond > 0.0:
            span = high - low if low is not None and high is not None else abs(value)
            decades = _MOST_BEYOND * min(beyond / max(_FAR_BEYOND * span, 1e-30), 1.0)
            rare = opening_level(config, stream.readings_per_day()) * 10.0**-decades
            return Finding(rare, opens=True, keeps=True, kind="out_of_range", metric=column)
    return None


def rarer(one: Finding | None, other: Finding | None) -> Finding | None:
    """Return the finding that opens, or the rarer one of two that do."""
    if one is None or other is None:
        return one or other
    return min(one, other, key=lambda finding: (not finding.opens, finding.probability))
