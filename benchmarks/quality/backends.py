"""The algorithms beside each other on SKAB: the live alarm's F1, its false alarms, the ranking, and what they cost.

    python -m benchmarks.quality.backends --data ../shared/data

The first 400 rows of each file are normal by the set's protocol and not scored; all use one configuration. What needs
an extra that is not installed is left out, and said.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
from sklearn.metrics import average_precision_score

from benchmarks.quality.skab import NORMAL_ROWS, File, read
from benchmarks.quality.streaming import drive
from detector.device.device import DetectionConfig
from detector.models.backends import BACKENDS, check_installed
from detector.models.backends.port import BackendMissingError

_HEADER = ("backend", "F1", "FAR %", "MAR %", "AUC-PR", "ms a row with fits")


def main() -> int:
    """Run every algorithm over every file and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds SKAB/")
    parser.add_argument("--backends", nargs="*", default=list(BACKENDS))
    parser.add_argument("--groups", nargs="*", default=["valve1", "valve2", "other"])
    arguments = parser.parse_args()
    paths = [path for group in arguments.groups for path in sorted((arguments.data / "SKAB" / group).glob("*.csv.gz"))]
    files = list(map(read, paths))
    print("| " + " | ".join(_HEADER) + " |\n|" + "---|" * len(_HEADER), flush=True)
    for backend in arguments.backends:
        try:
            check_installed(backend)
        except BackendMissingError as error:
            print(f"{error}: left out", file=sys.stderr)
            continue
        print(_line(backend, files), flush=True)
    return 0


def _line(backend: str, files: list[File]) -> str:
    config = DetectionConfig(backend=backend)
    began = time.process_time()
    verdicts = [drive(file.name, file.rows, config) for file in files]
    cost = (time.process_time() - began) / sum(len(file.rows) for file in files)
    truth = np.concatenate([file.truth[NORMAL_ROWS:] for file in files])
    alarms = np.concatenate([one.alarms[NORMAL_ROWS:] for one in verdicts]).astype(bool)
    scores = np.concatenate([one.scores[NORMAL_ROWS:] for one in verdicts])
    hits = np.sum(truth & alarms)
    false_rate, missed_rate = np.mean(alarms[~truth]), np.mean(~alarms[truth])
    f1 = 2 * hits / (np.sum(truth) + np.sum(alarms))
    ranking = average_precision_score(truth, scores)
    figures = (
        f"{f1:.3f}",
        f"{100 * false_rate:.1f}",
        f"{100 * missed_rate:.1f}",
        f"{ranking:.3f}",
        f"{1e3 * cost:.2f}",
    )
    return "| " + " | ".join((backend, *figures)) + " |"


if __name__ == "__main__":
    sys.exit(main())
