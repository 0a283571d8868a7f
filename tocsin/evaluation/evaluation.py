"""How right the detector was about a labelled recording."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tocsin.evaluation.judging import Track

_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one device, or of several together; rows before the first model are not counted.

    Attributes:
        device: its name, or "all".
        rows, days: judged.
        hits, false_alarms, misses: rows, by the verdict on each.
        faults: labelled spans; `found` of them have an incident.
        delays: rows from a span's first to the first alarm of its incident, and the same in seconds.
        incidents: opened; `false_incidents` of them touch no labelled span.
    """

    device: str
    rows: int
    days: float
    hits: int
    false_alarms: int
    misses: int
    faults: int
    found: int
    delays: tuple[tuple[int, float], ...]
    incidents: int
    false_incidents: int

    @property
    def precision(self) -> float | None:
        """Share of alarm rows that are labelled."""
        return _share(self.hits, self.hits + self.false_alarms)

    @property
    def recall(self) -> float | None:
        """Share of labelled rows that are alarms."""
        return _share(self.hits, self.hits + self.misses)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall."""
        return _share(2 * self.hits, 2 * self.hits + self.false_alarms + self.misses)

    @property
    def delay_rows(self) -> float | None:
        """Median delay of the faults that were found, in rows."""
        return median(rows for rows, _ in self.delays) if self.delays else None

    @property
    def delay_s(self) -> float | None:
        """Median delay of the faults that were found, in seconds."""
        return median(seconds for _, seconds in self.delays) if self.delays else None

    @property
    def false_per_day(self) -> float | None:
        """False incidents a day."""
        return self.false_incidents / self.days if self.days else None


def evaluated(track: Track) -> Figures:
    """Compare what was said of a device's readings with their labels."""
    first = len(track.times) if track.learned_at is None else track.learned_at
    pairs = list(zip(track.truth[first:], track.alarms[first:], strict=True))
    faults = [(a, b) for a, b in spans(track.truth) if b >= first]
    incidents = [one for one in track.incidents if one.last >= first]
    delays = [delay for a, b in faults if (delay := _delay(track, max(a, first), b)) is not None]
    return Figures(
        device=track.device,
        rows=len(pairs),
        days=(track.times[-1] - track.times[first]) / _DAY_S if pairs else 0.0,
        hits=sum(true and alarm for true, alarm in pairs),
        false_alarms=sum(alarm and not true for true, alarm in pairs),
        misses=sum(true and not alarm for true, alarm in pairs),
        faults=len(faults),
        found=len(delays),
        delays=tuple(delays),
        incidents=len(incidents),
        false_incidents=sum(not any(a <= one.last and one.first <= b + 1 for a, b in faults) for one in incidents),
    )


def together(figures: Sequence[Figures]) -> Figures:
    """Add figures up; the false incidents of several devices are those of the site, in the time of the longest."""
    return Figures(
        device="all",
        rows=sum(one.rows for one in figures),
        days=max((one.days for one in figures), default=0.0),
        hits=sum(one.hits for one in figures),
        false_alarms=sum(one.false_alarms for one in figures),
        misses=sum(one.misses for one in figures),
        faults=sum(one.faults for one in figures),
        found=sum(one.found for one in figures),
        delays=tuple(delay for one in figures for delay in one.delays),
        incidents=sum(one.incidents for one in figures),
        false_incidents=sum(one.false_incidents for one in figures),
    )


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


def _delay(track: Track, first: int, last: int) -> tuple[int, float] | None:
    """Return rows and seconds until an incident told of a fault; None when none did."""
    # silence has no reading of its own: its incident opens with the first one after it
    touching = [one for one in track.incidents if one.first <= last + 1 and one.last >= first]
    if not touching:
        return None
    row = max(touching[0].first, first)
    return row - first, track.times[row] - track.times[first]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
