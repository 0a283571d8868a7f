"""The simulator's scenarios: faults found, how fast, under which name; false incidents a day.

python benchmarks/quality/simulated.py factory --hours 1
python benchmarks/quality/simulated.py quiet --hours 48 --only 'compressor-1' 'room-1' 'meter-1' 'pump-1'
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from contracts.reading import reading_id
from detector.device import DetectionConfig, DeviceDetector, run_fit
from producer.simulator import simulate

if TYPE_CHECKING:
    from contracts.anomaly import Anomaly
    from contracts.reading import Reading, Truth

START = datetime(2026, 1, 5, 7, tzinfo=UTC)
_GRACE_S = 45.0


@dataclass(slots=True)
class Episode:
    """One fault, and what was said while it lasted."""

    device: str
    kind: str
    metrics: tuple[str, ...]
    start: float
    end: float
    said: list[tuple[int, Anomaly]] = field(default_factory=list)
    first_row: int = 0


@dataclass(slots=True)
class Watched:
    """A device: its detector, its faults, what it raised."""

    detector: DeviceDetector
    rows: int = 0
    episodes: dict[float, Episode] = field(default_factory=dict)
    raised: list[tuple[int, Anomaly]] = field(default_factory=list)
    learned_at: float = 0.0


def watch(scenario: str, seed: int, seconds: float, only: list[str], config: DetectionConfig) -> dict[str, Watched]:
    """Run a scenario through a detector a device."""
    devices: dict[str, Watched] = {}
    for reading, truth in simulate(scenario, seed, START, seconds):
        if only and not any(fnmatch(reading.device, pattern) for pattern in only):
            continue
        watched = devices.get(reading.device)
        if watched is None:
            watched = devices[reading.device] = Watched(DeviceDetector(reading.device, config))
        watched.rows += 1
        if truth is not None and truth.fault is not None:
            _note(watched, truth)
        _judge(watched, reading)
    return devices


def _note(watched: Watched, truth: Truth) -> None:
    start = (truth.start or truth.measured_at).timestamp()
    end = (truth.end or truth.measured_at).timestamp()
    episode = Episode(truth.device, truth.fault or "", truth.metrics, start, end, first_row=watched.rows)
    watched.episodes.setdefault(start, episode)


def _judge(watched: Watched, reading: Reading) -> None:
    detector = watched.detector
    name = reading_id(reading.device, str(watched.rows).encode())
    outcome = detector.process(reading, name, reading.measured_at)
    if outcome.anomaly is not None:
        watched.raised.append((watched.rows, outcome.anomaly))
    job = detector.fit_job
    if job is not None:
        detector.adopt(run_fit(job))
        watched.learned_at = watched.learned_at or reading.measured_at.timestamp()


def report(devices: dict[str, Watched], seconds: float, *, verbose: bool) -> None:
    """Print what was found and what was false."""
    false, found = 0, defaultdict(list)
    for watched in devices.values():
        false += _share_out(watched, verbose=verbose)
        for episode in watched.episodes.values():
            if episode.start > watched.learned_at > 0:
                found[episode.kind].append(episode)
    print(f"{'fault':12} {'n':>4} {'found':>5} {'named':>5} {'metric':>6} {'delay rows: median, p90':>24}  names given")
    for kind, episodes in sorted(found.items()):
        _line(kind, episodes)
    print(f"false incidents: {false} in {seconds / 86400:.2f} days of {len(devices)} devices")


def _share_out(watched: Watched, *, verbose: bool) -> int:
    """Give anomalies to the faults they fall into; return how many openings fell into none."""
    false = 0
    for row, anomaly in watched.raised:
        at = anomaly.measured_at.timestamp()
        episode = next((e for e in watched.episodes.values() if e.start <= at <= e.end + _GRACE_S), None)
        if episode is not None:
            episode.said.append((row, anomaly))
        elif anomaly.incident.phase in {"open", "reopen"}:
            false += 1
            if verbose:
                top = anomaly.contributions[:1]
                print(
                    f"  false: {anomaly.device} row {row} {anomaly.measured_at:%d %H:%M:%S} {anomaly.incident.phase}",
                    end=" ",
                )
                print(anomaly.kind, anomaly.severity, f"{anomaly.score:.2f} model {anomaly.model.version}", end=" ")
                print(*(f"{c.metric} {c.observed} expected {c.lower}..{c.upper}" for c in top))
    return false


def _line(kind: str, episodes: list[Episode]) -> None:
    hits = [e for e in episodes if any(a.incident.phase != "close" for _, a in e.said)]
    last = [[a for _, a in e.said if a.incident.phase != "close"][-1] for e in hits]
    named = sum(a.kind == kind for a in last)
    right = sum(
        not e.metrics or any(c.metric in e.metrics for c in a.contributions[:1])
        for e, a in zip(hits, last, strict=True)
    )
    delays = sorted(e.said[0][0] - e.first_row + 1 for e in hits)
    names = sorted({a.kind for a in last}, key=lambda name: -sum(a.kind == name for a in last))
    counts = " ".join(f"{name} {sum(a.kind == name for a in last)}" for name in names)
    delay = f"{delays[len(delays) // 2]}, {delays[int(len(delays) * 0.9)]}" if delays else "-"
    print(f"{kind:12} {len(episodes):4} {len(hits):5} {named:5} {right:6} {delay:>24}  {counts}")


def main() -> int:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenario", nargs="?", default="factory")
    parser.add_argument("--hours", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--budget", type=float, default=1.0, help="false incidents a day for the whole site")
    parser.add_argument("--devices", type=int, default=50, help="devices that share the budget")
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args()
    config = DetectionConfig(false_incidents_per_day=arguments.budget / arguments.devices)
    seconds = arguments.hours * 3600
    report(
        watch(arguments.scenario, arguments.seed, seconds, arguments.only, config), seconds, verbose=arguments.verbose
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
