"""Faults of a simulation beside what a detector said: which were found, how soon, under which name."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contracts.anomaly import Anomaly, Kind
    from contracts.reading import Truth
    from detector.device.device import DeviceDetector

_GRACE_S = 45.0  # what opens so soon after a fault belongs to it
_GRACE_ROWS = 20


@dataclass(slots=True)
class Episode:
    """One fault: `start` and `end` in epoch s, `first_row` of the device's readings, `end_row` once it is over."""

    device: str
    kind: str
    metrics: tuple[str, ...]
    start: float
    end: float
    size: float | None
    first_row: int
    last_row: int


@dataclass(slots=True)
class Watched:
    """A device: its detector, its faults, what it raised."""

    detector: DeviceDetector
    rows: int = 0
    alarms: int = 0
    episodes: dict[float, Episode] = field(default_factory=dict)
    raised: list[tuple[int, Anomaly]] = field(default_factory=list)
    learned_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Told:
    """One opening of an incident, and what was said until it closed.

    Attributes:
        row: of the device, at which it opened.
        opening, last: the first and the last that was said of it before it closed.
        kind: what it was called when it closed.
        episode: the fault it belongs to; None for a false one.
        first: whether it was the first of its episode.
    """

    device: str
    row: int
    opening: Anomaly
    last: Anomaly
    kind: Kind
    episode: Episode | None
    first: bool

    @property
    def opened_at(self) -> float:
        """When it opened, epoch s."""
        return self.opening.measured_at.timestamp()


@dataclass(slots=True)
class Found:
    """Of one kind of fault: how many there were, were found, named at last and when opened, a true metric first."""

    faults: int = 0
    found: int = 0
    named: int = 0
    named_at_open: int = 0
    metric: int = 0
    delays: list[int] = field(default_factory=list)
    given: Counter[str] = field(default_factory=Counter)

    @property
    def names(self) -> list[tuple[str, int]]:
        """The names that were given, most frequent first."""
        return self.given.most_common()

    def delay(self, share: float) -> int | None:
        """Return the readings from onset to alert that this share of the faults did not exceed; 1 is at once."""
        return sorted(self.delays)[min(int(len(self.delays) * share), len(self.delays) - 1)] if self.delays else None


def note(watched: Watched, truth: Truth) -> None:
    """Take down that the newest reading of a device is faulty."""
    start = (truth.start or truth.measured_at).timestamp()
    end = (truth.end or truth.measured_at).timestamp()
    rows = watched.rows
    first = rows + 1 if truth.fault == "silence" else rows
    episode = Episode(truth.device, truth.fault or "", truth.metrics, start, end, truth.size, first, first)
    watched.episodes.setdefault(start, episode).last_row = first


def incidents_of(watched: Watched) -> list[Told]:
    """Return the openings of a device in order; each belongs to the fault that it opened in, or to none."""
    told: list[Told] = []
    seen: set[float] = set()
    spans: list[list[tuple[int, Anomaly]]] = []
    for row, anomaly in watched.raised:
        if anomaly.incident.phase in {"open", "reopen"}:
            spans.append([])
        if spans:
            spans[-1].append((row, anomaly))
    for span in spans:
        row, opening = span[0]
        episode = _episode(watched, row, opening)
        first = episode is not None and episode.start not in seen
        if episode is not None:
            seen.add(episode.start)
        said = [anomaly for _, anomaly in span if anomaly.incident.phase != "close"]
        told.append(Told(opening.device, row, opening, said[-1], span[-1][1].kind, episode, first))
    return told


def faults_found(devices: Iterable[Watched]) -> dict[str, Found]:
    """Count what was found of each kind of fault, from the first model of a device on."""
    kinds: dict[str, Found] = defaultdict(Found)
    for watched in devices:
        for episode in watched.episodes.values():
            if episode.start > watched.learned_at > 0:
                kinds[episode.kind].faults += 1
        for one in incidents_of(watched):
            if one.episode is not None and one.first and one.episode.start > watched.learned_at > 0:
                _count(kinds[one.episode.kind], one, one.episode)
    return dict(kinds)


def _count(found: Found, one: Told, episode: Episode) -> None:
    found.found += 1
    found.named += one.kind == episode.kind
    found.named_at_open += one.opening.kind == episode.kind
    found.metric += not episode.metrics or any(c.metric in episode.metrics for c in one.last.contributions[:1])
    found.delays.append(max(one.row - episode.first_row + 1, 1))
    found.given[one.kind] += 1


def _episode(watched: Watched, row: int, anomaly: Anomaly) -> Episode | None:
    at = anomaly.measured_at.timestamp()
    for episode in watched.episodes.values():
        by_time = episode.start <= at <= episode.end + _GRACE_S
        if by_time or episode.first_row <= row <= episode.last_row + _GRACE_ROWS:
            return episode
    return None
