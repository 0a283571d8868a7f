"""False incidents a day on recordings in which nothing is wrong, by budget.

    python -m benchmarks.quality.false_incidents --data ../shared/data --budgets 0.1 1 10

SKAB's run without faults and NAB's files without a label, each as the only device of its site, reading by reading and
without a training part. A file's budget is that many false incidents a day of recorded time.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.quality.streaming import Row, drive, moment, table
from detector.device.device import DetectionConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

_DAY_S = 86_400.0
_NO_METRICS = frozenset({"datetime", "timestamp", "anomaly", "changepoint"})


@dataclass(frozen=True, slots=True)
class Quiet:
    """A recording in which nothing is wrong: the set it is of, its name and rows."""

    collection: str
    name: str
    rows: list[Row]

    @property
    def days(self) -> float:
        """Its span."""
        return (self.rows[-1][0] - self.rows[0][0]).total_seconds() / _DAY_S


def recordings(data: Path) -> Iterator[Quiet]:
    """Read them, file by file."""
    for path in sorted((data / "SKAB" / "anomaly-free").glob("*.csv.gz")):
        yield Quiet("SKAB", path.name, _rows(path, ";", "datetime"))
    windows = json.loads((data / "NAB" / "labels" / "combined_windows.json").read_text())
    for path in sorted((data / "NAB" / "data").glob("*/*.csv.gz")):
        name = f"{path.parent.name}/{path.name.removesuffix('.gz')}"
        if windows.get(name) == []:
            yield Quiet("NAB", name, _rows(path, ",", "timestamp"))


def _rows(path: Path, delimiter: str, time: str) -> list[Row]:
    return [
        (moment(row[time]), {name: float(value) for name, value in row.items() if name not in _NO_METRICS})
        for row in table(path, delimiter)
    ]


def main() -> int:
    """Count and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--budgets", type=float, nargs="+", default=[0.1, 1.0, 10.0])
    parser.add_argument("--verbose", action="store_true", help="print every incident")
    arguments = parser.parse_args()
    print(f"{'file':55} {'days':>6}", *(f"{f'at {budget:g}':>8}" for budget in arguments.budgets))
    for quiet in recordings(arguments.data):
        counts = []
        for budget in arguments.budgets:
            verdicts = drive("recording", quiet.rows, DetectionConfig(false_incidents_per_day=budget))
            told = [anomaly for _, anomaly in verdicts.anomalies if anomaly.incident.phase == "open"]
            counts.append(len(told))
            if arguments.verbose:
                print(
                    *(f"  {budget:g}: {one.measured_at} {one.kind} {one.contributions[:1]}" for one in told), sep="\n"
                )
        print(f"{quiet.collection + ' ' + quiet.name:55} {quiet.days:6.2f}", *(f"{count:8}" for count in counts))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
