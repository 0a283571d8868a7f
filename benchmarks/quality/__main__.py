"""How good detection is on recorded, labelled streams, beside well-known methods.

    python -m benchmarks.quality --data DIR --sets SKAB,TEP --methods tocsin,pca

DIR is laid out as NAB/, SKAB/, SMD/, ASD/, TEP/, each as its source is; what is not there is left out. One
configuration serves all files of all sets; the score of a row never depends on a later row.
"""

from __future__ import annotations

import argparse
import json
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING

from benchmarks.quality.methods import METHODS
from benchmarks.quality.recording import RecordingError
from benchmarks.quality.report import TARGETS, table, write_scores
from benchmarks.quality.sets import SETS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.quality.recording import Judged, Recording, Verdicts

Task = tuple[str, "Recording"]


def main() -> int:
    """Run methods over recordings, print the table, write the files asked for."""
    arguments = _parse()
    try:
        recordings = _load(arguments.data, arguments.sets)
    except (RecordingError, OSError) as error:
        print(f"{arguments.data}: {error}", file=sys.stderr)
        return 2
    if not recordings:
        print(f"{arguments.data}: none of {', '.join(arguments.sets)} is there", file=sys.stderr)
        return 2
    judged = _judge_all([(method, r) for method in arguments.methods for r in recordings], arguments.jobs)
    figures = {method: _figures(judged[method]) for method in arguments.methods}
    print(table(figures))
    if arguments.out is not None:
        _write_json(arguments.out, figures, recordings)
    if arguments.scores is not None:
        for method, pairs in judged.items():
            for pair in pairs:
                write_scores(arguments.scores, method, pair)
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="benchmarks.quality", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the sets")
    parser.add_argument("--sets", type=_names(list(SETS)), default=list(SETS), help="comma-separated; all")
    parser.add_argument("--methods", type=_names(list(METHODS)), default=list(METHODS), help="comma-separated; all")
    parser.add_argument("--out", type=Path, help="write the figures as JSON")
    parser.add_argument(
        "--scores", type=Path, help="folder for METHOD/SET/FILE.csv: a line `score,alarm` for each row, no header"
    )
    parser.add_argument("--jobs", type=int, default=1, help="processes to use")
    return parser.parse_args()


class _names:  # noqa: N801 - argparse shows the name when a value is wrong
    def __init__(self, known: Sequence[str]) -> None:
        self._known = known

    def __call__(self, text: str) -> list[str]:
        names = [name for name in text.split(",") if name]
        unknown = [name for name in names if name not in self._known]
        if unknown or not names:
            raise argparse.ArgumentTypeError(f"{', '.join(unknown) or 'nothing'}: known are {', '.join(self._known)}")
        return names


def _load(data: Path, sets: Sequence[str]) -> list[Recording]:
    recordings: list[Recording] = []
    for name in sets:
        if (data / name).is_dir():
            recordings += SETS[name].load(data / name)
        else:
            print(f"no {data / name}: left out", file=sys.stderr)
    return recordings


def _judge_all(tasks: Sequence[Task], jobs: int) -> dict[str, list[Judged]]:
    """Judge every task; the result is in order, whichever task ends first."""
    verdicts: dict[int, Verdicts] = {}
    for number, verdict in _results(tasks, jobs):
        verdicts[number] = verdict
        method, recording = tasks[number]
        done = f"[{len(verdicts)}/{len(tasks)}] {method:16} {recording.collection}/{recording.name}"
        print(f"{done} {verdict.seconds:.1f} s", file=sys.stderr, flush=True)
    judged: dict[str, list[Judged]] = {}
    for number, (method, recording) in enumerate(tasks):
        judged.setdefault(method, []).append((recording, verdicts[number]))
    return judged


def _results(tasks: Sequence[Task], jobs: int) -> Iterator[tuple[int, Verdicts]]:
    if jobs <= 1:
        yield from ((number, _judge(task)) for number, task in enumerate(tasks))
        return
    with ProcessPoolExecutor(jobs) as pool:
        waiting = {pool.submit(_judge, task): number for number, task in enumerate(tasks)}
        for done in as_completed(waiting):
            yield waiting[done], done.result()


def _judge(task: Task) -> Verdicts:
    method, recording = task
    began = process_time()
    verdicts = METHODS[method](recording)
    return replace(verdicts, seconds=process_time() - began)


def _figures(judged: Sequence[Judged]) -> dict[str, float]:
    figures: dict[str, float] = {}
    for name, labelled in SETS.items():
        of_set = [pair for pair in judged if pair[0].collection == name]
        if of_set:
            figures |= labelled.evaluate(of_set)
    rows = sum(len(r.rows) + (0 if r.training is None else len(r.training.rows)) for r, _ in judged)
    return figures | {"CPU a row, fits included, µs": 1e6 * sum(v.seconds for _, v in judged) / rows}


def _write_json(path: Path, figures: dict[str, dict[str, float]], recordings: Sequence[Recording]) -> None:
    content = {
        "figures": figures,
        "targets": dict(TARGETS),
        "recordings": [f"{r.collection}/{r.name}" for r in recordings],
    }
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
