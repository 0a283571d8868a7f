"""The labelled faults of a recording, and what became of each: told, told of something else already, or missed."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tocsin.evaluation.spans import Span
    from tocsin.evaluation.track import Incident, Life, Track

Outcome = Literal["found", "already_ringing", "missed", "not_counted"]


@dataclass(frozen=True, slots=True)
class Fault:
    """From `start` to `end` (epoch s) something was wrong: rows `first` to `last`, none where nothing was sent.

    `first` is then the row that came next, and `last` the one before it.
    """

    start: float
    end: float
    first: int
    last: int
    name: str = ""

    @property
    def silent(self) -> bool:
        """Whether the device sent nothing meanwhile."""
        return self.last < self.first

    def holds(self, row: int) -> bool:
        """Whether a row is its own; silence has none, and is told with the first one after it."""
        return self.first <= row <= max(self.first, self.last)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of a fault.

    Attributes:
        fault: which.
        outcome: `found` by an incident that opened in it; `already_ringing`: one was open before it began and none
            opened in it; `missed`; `not_counted` where it was over before verdicts count.
        incident: the one that told of it, or that rang already.
        delay: rows and seconds until it was told; None for silence, which a recording shows with its end only.
    """

    fault: Fault
    outcome: Outcome
    incident: Incident | None = None
    delay: tuple[int, float] | None = None


def faults_of(track: Track) -> list[Fault]:
    """Return the labelled faults in order: spans of known time, and runs of labelled rows that touch none of them."""
    known = [_of_span(track, span) for span in track.spans.values() if track.covers(span)]
    runs = [
        Fault(track.times[first], track.times[last], first, last, name)
        for first, last, name in _named_runs(track)
        if not any(not one.silent and one.first <= last and first <= one.last for one in known)
    ]
    return sorted([*known, *runs], key=lambda one: (one.start, one.end))


def fault_of(incident: Incident, faults: Sequence[Fault]) -> Fault | None:
    """Return the fault in which an incident opened, or opened again; None for a false one."""
    return next((one for life in incident.lives for one in faults if _tells(life.first, one, faults)), None)


def judged_fault(track: Track, fault: Fault, faults: Sequence[Fault]) -> Judgement:
    """Tell what became of a fault, one of all `faults`."""
    if max(fault.first, fault.last) < track.judged_from:
        return Judgement(fault, "not_counted")
    lives = [(incident, life) for incident in track.incidents for life in incident.lives]
    for incident, life in lives:
        if _tells(life.first, fault, faults):
            return Judgement(fault, "found", incident, None if fault.silent else _delay(track, fault, life.first))
    for incident, life in lives:
        if _rings(track, life, fault.start):
            return Judgement(fault, "already_ringing", incident)
    return Judgement(fault, "missed")


def spans(marks: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Yield first and last row of each run of marked rows."""
    start = None
    for row, mark in enumerate(marks):
        if mark and start is None:
            start = row
        elif not mark and start is not None:
            yield start, row - 1
            start = None
    if start is not None:
        yield start, len(marks) - 1


def _tells(row: int, fault: Fault, faults: Sequence[Fault]) -> bool:
    """Whether an incident that opens with a row is about a fault: in it, or just after it and in no other one."""
    return fault.holds(row) or (row == fault.last + 1 and not any(one.holds(row) for one in faults))


def _named_runs(track: Track) -> Iterator[tuple[int, int, str]]:
    """Yield first row, last row and name of each run of labelled rows; another name begins a new one."""
    for first, last in spans(track.truth):
        start, name = first, ""
        for row in range(first, last + 1):
            newer = track.names.get(row, name)
            if name and newer != name:
                yield start, row - 1, name
                start = row
            name = newer
        yield start, last, name


def _of_span(track: Track, span: Span) -> Fault:
    first, last = bisect_left(track.times, span.start), bisect_right(track.times, span.end) - 1
    return Fault(span.start, span.end, first, last, span.name)


def _rings(track: Track, life: Life, at: float) -> bool:
    return track.times[life.first] < at and (not life.over or at < track.times[life.last])


def _delay(track: Track, fault: Fault, row: int) -> tuple[int, float]:
    """Return rows and seconds from a fault's start, or from where verdicts count, until it was told."""
    first = max(fault.first, track.judged_from)
    return max(row - first, 0), max(track.times[row] - max(fault.start, track.times[first]), 0.0)
