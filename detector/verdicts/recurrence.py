"""What keeps coming back and passes by itself: a backup at night, a kettle, a machine that is off till morning.

The first such incidents ring, for nobody can tell them from a trouble. What came at the same time on several days of
the last week, or often within it, is how the device runs. One that lasts far longer than it used to is told after
all, and so is all that people have confirmed once. Limits that people gave, and whatever else a rule finds but
silence, ring every time; silence is usual by the time of day alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from detector.rows.time_units import DAY_S, HOUR_S
from detector.verdicts.likeness import Likeness

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from detector.verdicts.recollection import Case

_TOLERANCE_S = HOUR_S  # of the time of day: jobs wait for each other, and clocks are put forward
LAST_S = 7 * DAY_S
_OFTEN = 5  # times within that week, at any time of day ...
_SPREAD_S = 12 * HOUR_S  # ... and not all within one trouble: a device that is known for less than a day ...
_YOUNG_S = 2 * HOUR_S  # ... shows it over half of that time, and over so long at least
_LONGEST_S = 16 * HOUR_S  # from evening till morning; what takes longer is no visit
_LONGER = 1.1  # times as long as it ever took, that it may take ...
_SLACK_S = HOUR_S  # ... and so much more


class Occurrence(msgspec.Struct, frozen=True):
    """An incident so far.

    Attributes:
        likeness: what it looks like.
        readings: abnormal ones of it; its end, back in bounds, is no other trouble.
        began: when it began, epoch s.
        known: when the device was first heard, epoch s.
        grows: whether the reference does: what a device does is not known yet, so what comes back need not be quite the
            same.
    """

    likeness: Likeness
    readings: int
    began: float
    known: float
    grows: bool


def may_last(cases: Iterable[Case], now: Occurrence, days: int) -> float | None:
    """Return how long (s) an incident may last before it is no longer what keeps coming back; None if nothing does.

    Args:
        cases: the incidents before.
        now: this one.
        days: on how many of the last seven days the like must have come; 0 for "never quiet".
    """
    began = now.began
    alike = [case for case in cases if case.lasted <= _LONGEST_S and _like(case, now)]
    lately = [case for case in alike if 0.0 < began - case.since <= LAST_S + _TOLERANCE_S]
    daily = [case for case in lately if _at_the_same_time(case, began)]
    if not days or not (len({_days(case, began) for case in daily}) >= days or _often(lately, now)):
        return None
    return _LONGER * max(case.lasted for case in lately) + _SLACK_S


def _like(case: Case, now: Occurrence) -> bool:
    likeness, readings = now.likeness, now.readings
    if readings > 1 and case.likeness.outlasts(likeness):
        return True
    if not now.grows:
        return case.likeness.covers(likeness, readings)
    return any(look.resembles(likeness, readings) for look in case.looks)


def _days(case: Case, began: float) -> int:
    return round((began - case.since) / DAY_S)


def _at_the_same_time(case: Case, began: float) -> bool:
    days = _days(case, began)
    return days >= 1 and abs(began - case.since - days * DAY_S) <= _TOLERANCE_S


def _often(cases: Sequence[Case], now: Occurrence) -> bool:
    if now.likeness.kind == "silence" or len(cases) < _OFTEN:
        return False
    times = [case.since for case in cases]
    return max(times) - min(times) >= min(_SPREAD_S, max(_YOUNG_S, (now.began - now.known) / 2.0))
