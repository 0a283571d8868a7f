"""Whether people are told of an incident: not of what they called a false positive, nor of what comes every day."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from detector.verdicts.findings import Finding
    from detector.verdicts.incidents import IncidentTracker
    from detector.verdicts.likeness import Likeness
    from detector.verdicts.recollection import Recollection

_INHERITED = 100  # abnormal readings in which evidence that lasts may be that of a quieted trouble
_MAY_BE_DAILY = frozenset({None, "silence"})  # what else a rule finds is wrong on any day


def mute(tracker: IncidentTracker, recollection: Recollection, finding: Finding, likeness: Likeness, days: int) -> bool:
    """Decide whether an incident that has just opened is told, and note it there; True if it is not.

    Args:
        tracker: of the incident.
        recollection: the incidents before.
        finding: that opened it.
        likeness: what it looks like.
        days: on how many of seven days the like must have come at this time.
    """
    tracker.usual_until = _usual_until(tracker, recollection, finding, likeness, days)
    tracker.muted = tracker.usual_until > 0.0 or recollection.quiets(likeness, tracker.lately)
    return tracker.muted


def speaks_up(  # noqa: PLR0913, PLR0917 - what is known of one reading
    tracker: IncidentTracker,
    recollection: Recollection,
    finding: Finding,
    likeness: Likeness,
    at: float,
    days: int,
) -> bool:
    """Tell whether a muted incident is no longer like those that people want no word of, at `at` (epoch s)."""
    inherited = finding.lasting and tracker.lately < _INHERITED
    if not finding.opens or inherited or recollection.excuses(likeness, tracker.lately):
        return False
    return at > _usual_until(tracker, recollection, finding, likeness, days)


def _usual_until(
    tracker: IncidentTracker, recollection: Recollection, finding: Finding, likeness: Likeness, days: int
) -> float:
    """Return until when (epoch s) the open incident is what comes every day at this time; 0 if it is not."""
    if finding.kind not in _MAY_BE_DAILY:
        return 0.0
    return recollection.usual_until(likeness, tracker.lately, tracker.first_at, days)
