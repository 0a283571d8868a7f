"""Recorded test-bed files through broker, detector, explainer and SQLite, compared with their labels.

`python -m benchmarks.recorded --data FOLDER/SKAB` replays every file of `valve1` and `other`, each as a device of its
own, and says for each how many incidents opened before the fault, how many within it, and how long the first one took.
Nothing is tuned, and nothing but the values is shown to the detector: the label columns go to `truth/`.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.plant import Plant, wait_for

FOLDERS = ("valve1", "other")
NEAR_S = 60.0


@dataclass(frozen=True)
class Fault:
    """When a file's one fault begins and ends, and how many rows the file has."""

    begins: datetime
    ends: datetime
    rows: int


def fault_of(path: Path) -> Fault:
    """Read the labelled period of a file."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    times = [datetime.fromisoformat(row["datetime"]).replace(tzinfo=UTC) for row in rows if float(row["anomaly"]) > 0]
    return Fault(times[0], times[-1], len(rows))


def replayed(plant: Plant, files: list[Path]) -> None:
    """Replay all files as fast as the detector takes them, and wait until everything is stored."""
    command = [sys.executable, "-m", "tocsin", "replay", "--max", "--port", str(plant.broker.port)]
    subprocess.run([*command, *(str(path.resolve()) for path in files)], check=True, cwd=plant.directory)
    wait_for(lambda: plant.owed() == 0, 120, "the detector has a receipt for everything")
    time.sleep(1)  # the explainer publishes; nothing is asserted on it


def incidents(database: Path) -> dict[str, list[sqlite3.Row]]:
    """Read the alerts by device, oldest first."""
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        found: dict[str, list[sqlite3.Row]] = {}
        for row in connection.execute("SELECT * FROM alerts ORDER BY opened_at"):
            found.setdefault(row["device"], []).append(row)
        return found


def judged(device: str, fault: Fault, alerts: list[sqlite3.Row]) -> dict[str, Any]:
    """Count a file's incidents by where they opened."""
    opened = [datetime.fromisoformat(row["opened_at"]) for row in alerts]
    opened = [at if at.tzinfo else at.replace(tzinfo=UTC) for at in opened]
    within = [at for at in opened if fault.begins <= at <= fault.ends]
    return {
        "device": device,
        "before": sum(at < fault.begins for at in opened),
        "within": len(within),
        "after": sum(at > fault.ends for at in opened),
        "delay_s": (within[0] - fault.begins).total_seconds() if within else None,
        "open_at_onset": any(
            row["opened_at"] < fault.begins.isoformat() and (row["closed_at"] or "9") > fault.begins.isoformat()
            for row in alerts
        ),
    }


def table(rows: list[dict[str, Any]]) -> str:
    """Write the table."""
    lines = [f"{'file':12} {'before':>6} {'within':>6} {'after':>6} {'delay s':>8}  open at onset"]
    for row in rows:
        delay = "-" if row["delay_s"] is None else f"{row['delay_s']:.0f}"
        note = "yes" if row["open_at_onset"] else ""
        lines.append(
            f"{row['device']:12} {row['before']:6} {row['within']:6} {row['after']:6} {delay:>8}  {note}".rstrip()
        )
    return "\n".join(lines)


def ledger(plant: Plant, sent: int) -> str:
    """Compare what was sent, taken, raised and stored."""
    raised, stored = [one for one, _, _ in plant.raised()], [one for one, _ in plant.stored()]
    lost, doubled = set(raised) ^ set(stored), len(stored) - len(set(stored))
    return (
        f"readings: {sent} in the files, {plant.taken()} taken in; "
        f"anomalies: {len(raised)} raised, {len(stored)} stored, {len(lost)} lost, {doubled} stored twice"
    )


def main() -> int:
    """Run; see `--help`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recorded", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds valve1/ and other/")
    parser.add_argument("--out", type=Path, help="write the figures here as JSON")
    parser.add_argument("--show", help="print all alerts of this device in full")
    asked = parser.parse_args()
    files = sorted(path for folder in FOLDERS for path in (asked.data / folder).glob("*.csv.gz"))
    if not files:
        parser.error(f"no files under {asked.data}/{{{','.join(FOLDERS)}}}")
    from producer.replay.replay import device_names  # noqa: PLC0415 - after --help

    faults = dict(zip(device_names(files), map(fault_of, files), strict=True))
    with tempfile.TemporaryDirectory() as directory, Plant(Path(directory)) as plant:
        replayed(plant, files)
        found = incidents(plant.database)
        said = ledger(plant, sum(fault.rows for fault in faults.values()))
    rows = [judged(device, fault, found.get(device, [])) for device, fault in faults.items()]
    print(table(rows))
    print(said)
    for row in found.get(asked.show, []) if asked.show else []:
        print(f"\n{row['opened_at']} to {row['closed_at']} {row['severity']}: {row['label']}\n  {row['reason']}")
        print(f"  maybe: {row['causes_text']}")
    if asked.out:
        asked.out.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
