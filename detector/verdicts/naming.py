"""What an open incident is called, when that is asked again, and by which of its parts it is remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detector.verdicts.kind import by_shape, kind_of

if TYPE_CHECKING:
    from contracts.anomaly import Kind
    from detector.verdicts.course import Course
    from detector.verdicts.findings import Finding
    from detector.verdicts.incidents import IncidentTracker
    from detector.verdicts.observation import Observation

# Abnormal readings after which an incident may get a new name: each time there is clearly more to go by.
_RECONSIDERED = frozenset({4, 6, 12, 25, 50, 100, 200, 400, 800, 1600, 3200, 6400})
_OF_READINGS = frozenset({"stuck", "dropout", "out_of_range"})  # found anew in each reading, while they last


def name_by_now(observation: Observation, finding: Finding, tracker: IncidentTracker, course: Course) -> Kind:
    """Return what an incident should be called after its newest abnormal reading."""
    if finding.kind is not None:
        return finding.kind
    if not by_shape(tracker.kind):
        return tracker.kind
    return kind_of(observation, course, tracker.lead, tracker.kind)


def next_name(observation: Observation, finding: Finding, tracker: IncidentTracker, course: Course) -> Kind:
    """Return what an incident is called from its newest abnormal reading on: a shape is not asked for at each."""
    if finding.kind is None and tracker.lately not in _RECONSIDERED:
        return tracker.kind
    return name_by_now(observation, finding, tracker, course)


def last_name(observation: Observation, tracker: IncidentTracker, course: Course) -> Kind:
    """Return what an incident is called when it closes: by the part of it that there was most of."""
    kind = tracker.kind
    if by_shape(kind) or (kind in _OF_READINGS and course.shaped > course.ruled):
        return kind_of(observation, course, tracker.lead)
    return kind
