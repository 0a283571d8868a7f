"""Whether people are told of an incident: not of what they called a false positive, nor of what comes every day."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from detector.verdicts.findings import Finding
    from detector.verdicts.incidents import IncidentTracker
    from detector.verdicts.recollection import Recollection
    from detector.verdicts.recurrence import Occurrence

_INHERITED = 100  # abnormal readings in which evidence that lasts may be that of a quieted trouble
_MAY_BE_DAILY = frozenset({None, "silence"})  # what else a rule finds is wrong on any day


def mute(
    tracker: IncidentTracker, recollection: Recollection, finding: Finding, occurrence: Occurrence, days: int
) -> bool:
    """Decide whether an incident that has just opened is told, and note it there; True if it is not.

    Args:
        tracker: of the incident.
        recollection: the incidents before.
        finding: that opened it.
        occurrence: the incident so far.
        days: on how many of seven days the like must have come at this time.
    """
    tracker.usual_until = _usual_until(recollection, finding, occurrence, days)
    tracker.muted = tracker.usual_until > 0.0 or recollection.quiets(occurrence.likeness, occurrence.readings)
    return tracker.muted


def speaks_up(recollection: Recollection, finding: Finding, occurrence: Occurrence, at: float, days: int) -> bool:
    """Tell whether a muted incident is no longer like those that people want no word of, at `at` (epoch s)."""
    inherited = finding.lasting and occurrence.readings < _INHERITED
    if not finding.opens or inherited or recollection.excuses(occurrence.likeness, occurrence.readings):
        return False
    return at > _usual_until(recollection, finding, occurrence, days)


def _usual_until(recollection: Recollection, finding: Finding, occurrence: Occurrence, days: int) -> float:
    """Return until when (epoch s) the open incident is what comes every day at this time; 0 if it is not."""
    return recollection.usual_until(occurrence, days) if finding.kind in _MAY_BE_DAILY else 0.0
