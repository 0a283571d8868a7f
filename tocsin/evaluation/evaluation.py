"""How right the detector was about a labelled recording."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields
from statistics import median
from typing import TYPE_CHECKING, Any

from tocsin.evaluation.faults import fault_of, faults_of, judged_fault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.evaluation.faults import Fault, Judgement
    from tocsin.evaluation.track import Incident, Life, Track

_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one device, or of several together; what was said before the first model counts apart.

    Attributes:
        device: its name, or "all".
        rows, days: judged.
        hits, false_alarms, misses: rows, by the verdict on each.
        faults: labelled; `found` by an incident that opened in them, `already_ringing` where one was open before they
            began and none opened in them.
        delays: rows from a fault's first to the first alarm of its incident, and the same in seconds.
        incidents: that opened; `false_incidents` of them in no labelled fault.
        early_incidents, early_false_incidents: the same, before verdicts count.
        watched_s, ringing_s, faulty_s: judged time of all devices, and how much of it incidents and faults took.
    """

    device: str
    rows: int
    days: float
    hits: int
    false_alarms: int
    misses: int
    faults: int
    found: int
    already_ringing: int
    delays: tuple[tuple[int, float], ...]
    incidents: int
    false_incidents: int
    early_incidents: int
    early_false_incidents: int
    watched_s: float
    ringing_s: float
    faulty_s: float

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

    @property
    def missed(self) -> int:
        """Faults of which nothing was told, before or after they began."""
        return self.faults - self.found - self.already_ringing

    @property
    def ringing_share(self) -> float | None:
        """Share of the time in which an incident was open."""
        return _share(self.ringing_s, self.watched_s)

    @property
    def faulty_share(self) -> float | None:
        """Share of the time in which something was wrong, by the labels."""
        return _share(self.faulty_s, self.watched_s)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A device's figures, and what they count.

    Attributes:
        track: what was said of it.
        figures: of it.
        faults: in order, with what became of each.
        incidents: in order, each with the fault in which it opened; None for a false one.
    """

    track: Track
    figures: Figures
    faults: tuple[Judgement, ...]
    incidents: tuple[tuple[Incident, Fault | None], ...]


def evaluated(track: Track) -> Evaluation:
    """Compare what was said of a device's readings with their labels."""
    faults = faults_of(track)
    judgements = tuple(judged_fault(track, one, faults) for one in faults)
    incidents = tuple((one, fault_of(one, faults)) for one in track.incidents)
    return Evaluation(track, _figures(track, judgements, incidents), judgements, incidents)


def together(figures: Sequence[Figures]) -> Figures:
    """Add figures up; the false incidents of several devices are those of the site, in the time of the longest."""
    added: dict[str, Any] = {
        one.name: sum((getattr(each, one.name) for each in figures), start=() if one.name == "delays" else 0)
        for one in fields(Figures)
        if one.name not in {"device", "days"}
    }
    return Figures(device="all", days=max((one.days for one in figures), default=0.0), **added)


def _figures(track: Track, faults: Sequence[Judgement], incidents: Sequence[tuple[Incident, Fault | None]]) -> Figures:
    first = track.judged_from
    rows = Counter(zip(track.truth[first:], track.alarms[first:], strict=True))
    outcomes = Counter(one.outcome for one in faults)
    opened = Counter((one.first < first, fault is None) for one, fault in incidents)
    watched = track.times[-1] - track.times[first] if rows else 0.0
    counted = [one.fault for one in faults if one.outcome != "not_counted"]
    return Figures(
        device=track.device,
        rows=rows.total(),
        days=watched / _DAY_S,
        hits=rows[True, True],
        false_alarms=rows[False, True],
        misses=rows[True, False],
        faults=len(counted),
        found=outcomes["found"],
        already_ringing=outcomes["already_ringing"],
        delays=tuple(one.delay for one in faults if one.delay is not None),
        incidents=opened[False, True] + opened[False, False],
        false_incidents=opened[False, True],
        early_incidents=opened[True, True] + opened[True, False],
        early_false_incidents=opened[True, True],
        watched_s=watched,
        ringing_s=_covered_s(track, [_open_s(track, life) for one, _ in incidents for life in one.lives]),
        faulty_s=_covered_s(track, [(one.start, one.end) for one in counted]),
    )


def _open_s(track: Track, life: Life) -> tuple[float, float]:
    return track.times[life.first], track.times[life.last]


def _covered_s(track: Track, stretches: Sequence[tuple[float, float]]) -> float:
    """Return how much of the judged time stretches cover, which may overlap."""
    covered = 0.0
    newest = track.times[min(track.judged_from, len(track.times) - 1)]
    for start, end in sorted(stretches):
        covered += max(min(end, track.times[-1]) - max(start, newest), 0.0)
        newest = max(newest, end)
    return covered


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
