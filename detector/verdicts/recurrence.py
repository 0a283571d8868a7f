"""What comes back at the same time of day and passes by itself: a backup at night, a machine that is off till morning.

The first such incidents ring, for nobody can tell them from a trouble. After several days within the last week they
are how the device runs. One that lasts far longer than it used to is told after all, and so is all that people have
confirmed once. Limits that people gave, and whatever else a rule finds but silence, ring every day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from detector.verdicts.likeness import Likeness
    from detector.verdicts.recollection import Case

_SECONDS_PER_DAY = 86_400.0
_TOLERANCE_S = 3600.0  # of the time of day: jobs wait for each other, and clocks are put forward
LAST_DAYS = 7
_LONGEST_S = 4 * 3600.0  # a longer one is no job that runs once a day
_LONGER = 2.0  # times as long as it ever took, that it may take ...
_SLACK_S = 900.0  # ... and so much more
# Silence is the same from evening till morning.
_LONGEST_SILENCE_S = 16 * 3600.0
_LONGER_SILENCE = 1.1
_SLACK_SILENCE_S = 3600.0


def may_last(cases: Iterable[Case], likeness: Likeness, readings: int, began: float, days: int) -> float | None:
    """Return how long (s) an incident may last before it is no longer what comes every day; None if nothing does.

    Args:
        cases: the incidents before.
        likeness: what this one looks like.
        readings: abnormal ones of it so far; its end, back in bounds, is no other trouble.
        began: when it began, epoch s.
        days: on how many of the last seven days the like must have come; 0 for "never quiet".
    """
    silence = likeness.kind == "silence"
    lasted: dict[int, float] = {}
    for case in cases:
        day = round((began - case.since) / _SECONDS_PER_DAY)
        if not 1 <= day <= LAST_DAYS or abs(began - case.since - day * _SECONDS_PER_DAY) > _TOLERANCE_S:
            continue
        alike = case.likeness.covers(likeness, readings) or (readings > 1 and case.likeness.outlasts(likeness))
        if alike and case.lasted <= (_LONGEST_SILENCE_S if silence else _LONGEST_S):
            lasted[day] = max(lasted.get(day, 0.0), case.lasted)
    if not 0 < days <= len(lasted):
        return None
    longest = max(lasted.values())
    return _LONGER_SILENCE * longest + _SLACK_SILENCE_S if silence else _LONGER * longest + _SLACK_S
