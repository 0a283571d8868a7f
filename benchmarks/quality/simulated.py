"""The simulator's scenarios: faults found, how soon and under which name; false incidents a day.

python -m benchmarks.quality.simulated factory --hours 2 --seeds 11 12
python -m benchmarks.quality.simulated factory --hours 0.25 --healthy
python -m benchmarks.quality.simulated quiet --hours 168 --budgets 0.1 1 10
python -m benchmarks.quality.simulated quiet --hours 48 --only 'compressor-1' 'pump-01'

One configuration serves all of them. The budget of false incidents belongs to the site: each device has its share
of it, also where `--only` picks some of them.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.quality.episodes import Watched, faults_found, incidents_of, note
from contracts.reading import reading_id
from detector.device.device import DetectionConfig, DeviceDetector, run_fit
from producer.simulator.scenario_files import load_scenario
from producer.simulator.simulator import simulate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.quality.episodes import Found, Told
    from contracts.reading import Reading
    from producer.simulator.scenario import Scenario

START = datetime(2026, 1, 5, 7, tzinfo=UTC)
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Run:
    """One scenario, seed and budget.

    Attributes:
        scenario, seed, seconds: what is simulated, and for how long.
        only: patterns of the devices that are watched; empty for all.
        budget: false incidents a day that the site may raise.
        healthy: no faults befall the devices.
    """

    scenario: str
    seed: int
    seconds: float
    only: tuple[str, ...]
    budget: float
    healthy: bool = False

    def plant(self) -> Scenario:
        """Return what is simulated."""
        scenario = load_scenario(self.scenario)
        return scenario.model_copy(update={"faults": ()}) if self.healthy else scenario

    def devices(self) -> list[str]:
        """Names of the devices of the scenario."""
        return [member.device for member in load_scenario(self.scenario).members()]

    def watches(self, device: str) -> bool:
        """Whether the device is watched."""
        return not self.only or any(fnmatch(device, pattern) for pattern in self.only)


def watch(run: Run, *, progress: bool = True) -> dict[str, Watched]:
    """Run a scenario through one detector a device."""
    config = DetectionConfig(false_incidents_per_day=run.budget / len(run.devices()))
    devices: dict[str, Watched] = {}
    told = time.monotonic()
    for reading, truth in simulate(run.plant(), run.seed, START, run.seconds):
        if not run.watches(reading.device):
            continue
        watched = devices.get(reading.device)
        if watched is None:
            watched = devices[reading.device] = Watched(DeviceDetector(reading.device, config))
        watched.rows += 1
        if truth is not None and truth.fault is not None:
            note(watched, truth)
        _judge(watched, reading)
        if progress and time.monotonic() - told > 1.0:
            told = time.monotonic()
            hours = (reading.measured_at - START).total_seconds() / 3600.0
            print(f"\r{run.scenario} seed {run.seed} budget {run.budget:g}: {hours:.1f} h", end="", file=sys.stderr)
    if progress:
        print(file=sys.stderr)
    return devices


def _judge(watched: Watched, reading: Reading) -> None:
    detector = watched.detector
    name = reading_id(reading.device, str(watched.rows).encode())
    outcome = detector.process(reading, name, reading.measured_at)
    watched.alarms += outcome.alarm
    if outcome.anomaly is not None:
        watched.raised.append((watched.rows, outcome.anomaly))
    job = detector.fit_job
    if job is not None:
        detector.adopt(run_fit(job))
        watched.learned_at = watched.learned_at or reading.measured_at.timestamp()


def report(found: Mapping[str, Found]) -> None:
    """Print what was found of each kind of fault."""
    if found:
        print(
            f"{'fault':12} {'n':>4} {'found':>5} {'named':>5} {'open':>5} {'metric':>6} {'p50':>4} {'p90':>4}"
            "  names given"
        )
    for kind, line in sorted(found.items()):
        names = " ".join(f"{name} {count}" for name, count in line.names)
        print(
            f"{kind:12} {line.faults:4} {line.found:5} {line.named:5} {line.named_at_open:5} {line.metric:6}"
            f" {line.delay(0.5) or '-':>4} {line.delay(0.9) or '-':>4}  {names}"
        )


def report_false(false: list[Told], days: float, run: Run) -> None:
    """Print the false incidents beside what the watched devices may raise."""
    devices = run.devices()
    share = sum(map(run.watches, devices)) / len(devices)
    by_day: dict[int, int] = {}
    by_class: dict[str, int] = {}
    for told in false:
        day = int((told.opened_at - START.timestamp()) // _DAY_S)
        by_day[day] = by_day.get(day, 0) + 1
        name = told.device.rsplit("-", 1)[0]
        by_class[name] = by_class.get(name, 0) + 1
    print(
        f"false incidents, budget {run.budget:g} a day: {len(false)} in {days:.2f} days;"
        f" budget {run.budget * share * days:.2f}; by day {dict(sorted(by_day.items()))}"
        f" by device {dict(sorted(by_class.items()))}"
    )


def _line(told: Told) -> str:
    top = "".join(
        f" {c.metric} {c.observed} expected {c.expected} in {c.lower}..{c.upper}"
        for c in told.opening.contributions[:1]
    )
    at = told.opening.measured_at
    return (
        f"  {told.device} row {told.row} {at:%d %H:%M:%S} {told.opening.kind} -> {told.kind} {told.opening.severity}"
        f" {told.opening.score:.2f} model {told.opening.model.version}{top}"
    )


def main() -> int:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenario", nargs="?", default="factory", help="name of a scenario, or a TOML file")
    parser.add_argument("--hours", type=float, default=1.0)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--only", nargs="*", default=[], help="patterns of devices")
    parser.add_argument("--budgets", type=float, nargs="+", default=[1.0], help="false incidents a day, whole site")
    parser.add_argument("--healthy", action="store_true", help="leave the faults out")
    parser.add_argument("--out", type=Path, help="file for the figures, JSON")
    parser.add_argument("--verbose", action="store_true", help="print every false and every misnamed incident")
    arguments = parser.parse_args()
    figures = []
    for budget in arguments.budgets:
        runs = [
            Run(arguments.scenario, s, arguments.hours * 3600, tuple(arguments.only), budget, arguments.healthy)
            for s in arguments.seeds
        ]
        figures.append(_measure(runs, verbose=arguments.verbose))
    if arguments.out is not None:
        arguments.out.write_text(json.dumps(figures, indent=2))
    return 0


def _measure(runs: list[Run], *, verbose: bool) -> dict[str, object]:
    devices = [watched for run in runs for watched in watch(run).values()]
    told = [one for watched in devices for one in incidents_of(watched)]
    found = faults_found(devices)
    false = [one for one in told if one.episode is None]
    days = sum(run.seconds for run in runs) / _DAY_S
    report(found)
    report_false(false, days, runs[0])
    if verbose:
        print(*(_line(one) for one in false), sep="\n")
        print("missed:")
        for watched in devices:
            seen = {one.episode.start for one in incidents_of(watched) if one.episode is not None}
            for episode in watched.episodes.values():
                if episode.start > watched.learned_at > 0 and episode.start not in seen:
                    print(f"  {episode}")
        print("misnamed:")
        for one in told:
            if one.episode is not None and one.first and one.kind != one.episode.kind:
                print(
                    f"  {one.episode.kind:11} of {','.join(one.episode.metrics)} size {one.episode.size}:{_line(one)}"
                )
    return {
        "budget": runs[0].budget,
        "days": days,
        "false": len(false),
        "faults": {
            kind: {"n": f.faults, "found": f.found, "named": f.named, "metric": f.metric, "p50": f.delay(0.5)}
            for kind, f in found.items()
        },
    }


if __name__ == "__main__":
    raise SystemExit(main())
