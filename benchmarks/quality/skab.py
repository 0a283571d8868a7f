"""SKAB: false incidents before the fault, delay to the first one within it, F1 and false-alarm rate of the live alarm.

    python benchmarks/quality/skab.py --data ../shared/data

The first 400 rows of each file are normal by the set's protocol and not scored; nothing is tuned per file.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.metrics import average_precision_score

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.quality.streaming import Row, Verdicts, drive, moment, table
from detector.device.device import DetectionConfig

NORMAL_ROWS = 400
_NOT_METRICS = {"datetime", "anomaly", "changepoint"}


@dataclass(frozen=True, slots=True)
class File:
    """One experiment: its rows, and which of them are anomalous."""

    name: str
    rows: list[Row]
    truth: list[bool]


@dataclass(frozen=True, slots=True)
class Result:
    """Of one file; `delay` in rows from the onset to the first incident anomaly within the fault, None when missed."""

    name: str
    false_before: int
    delay: int | None
    hits: int
    false_alarms: int
    misses: int
    normal: int
    kinds: str


def read(path: Path) -> File:
    """Read one file."""
    records = list(table(path, ";"))
    rows: list[Row] = [
        (moment(r["datetime"]), {k: float(v) for k, v in r.items() if k not in _NOT_METRICS}) for r in records
    ]
    return File(f"{path.parent.name}/{path.name.split('.')[0]}", rows, [r["anomaly"] == "1.0" for r in records])


def judge(file: File, verdicts: Verdicts) -> Result:
    """Compare verdicts with the truth, from row 400 on."""
    onset = file.truth.index(True)
    last = len(file.truth) - 1 - file.truth[::-1].index(True)
    incidents = [(row, anomaly) for row, anomaly in verdicts.anomalies if anomaly.incident.phase != "close"]
    within = [(row, anomaly) for row, anomaly in incidents if onset <= row <= last]
    pairs = list(zip(file.truth, verdicts.alarms, strict=True))[NORMAL_ROWS:]
    return Result(
        file.name,
        sum(1 for row in verdicts.opened() if row < onset),
        within[0][0] - onset if within else None,
        sum(1 for true, alarm in pairs if true and alarm),
        sum(1 for true, alarm in pairs if alarm and not true),
        sum(1 for true, alarm in pairs if true and not alarm),
        sum(1 for true, _ in pairs if not true),
        " ".join(f"{anomaly.kind}@{row - onset}" for row, anomaly in incidents if anomaly.incident.phase != "update"),
    )


def main() -> int:
    """Run the files and print one line each, and the pooled figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds SKAB/")
    parser.add_argument("--groups", nargs="*", default=["valve1", "valve2", "other"])
    arguments = parser.parse_args()
    paths = [path for group in arguments.groups for path in sorted((arguments.data / "SKAB" / group).glob("*.csv.gz"))]
    config = DetectionConfig()
    results = []
    print(f"{'file':12} {'false':>5} {'delay':>5} {'F1':>5} {'FAR%':>6}  incidents (kind@rows from onset)")
    files = list(map(read, paths))
    scores = []
    for file in files:
        verdicts = drive(file.name, file.rows, config)
        result = judge(file, verdicts)
        scores.append(verdicts.scores[NORMAL_ROWS:])
        results.append(result)
        print(_line(result, result.kinds))
    truth = np.concatenate([f.truth[NORMAL_ROWS:] for f in files])
    precision = average_precision_score(truth, np.concatenate(scores))
    print(
        _line(
            _pooled(results),
            f"AUC-PR {precision:.3f}; found {sum(r.delay is not None for r in results)} of {len(results)}",
        )
    )
    return 0


def _pooled(results: list[Result]) -> Result:
    delays = sorted(r.delay for r in results if r.delay is not None)
    return Result(
        "all",
        sum(r.false_before for r in results),
        delays[len(delays) // 2] if delays else None,
        sum(r.hits for r in results),
        sum(r.false_alarms for r in results),
        sum(r.misses for r in results),
        sum(r.normal for r in results),
        "",
    )


def _line(result: Result, tail: str) -> str:
    f1 = 2 * result.hits / max(2 * result.hits + result.false_alarms + result.misses, 1)
    far = 100 * result.false_alarms / max(result.normal, 1)
    delay = "-" if result.delay is None else str(result.delay)
    return f"{result.name:12} {result.false_before:5d} {delay:>5} {f1:5.2f} {far:6.1f}  {tail}"


if __name__ == "__main__":
    raise SystemExit(main())
