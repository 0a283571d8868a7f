"""Recording: one source file, its rows, and what is known of them."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Span = tuple[int, int]


class RecordingError(Exception):
    """A folder or file is not laid out as its set is."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Rows `first` to `last` (inclusive) of an event, and the columns at fault."""

    first: int
    last: int
    columns: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Training:
    """Rows (m, C) that the set gives for fitting, without labels, at times (m,) in epoch s.

    `continues`: the rows to judge follow them in time; else they are another run of the same device.
    """

    times: Floats
    rows: Floats
    continues: bool


@dataclass(frozen=True, slots=True)
class Recording:
    """One source file.

    Attributes:
        collection: name of the set.
        name: of the file within its set, without suffix.
        metrics: names of the C columns.
        times: (n,) epoch s.
        rows: (n, C) values.
        first: rows before this one are not judged; where there is no training part they are the normal course.
        truth: (n,) whether a row is anomalous.
        spans: labelled windows, or change points, as first and last row.
        causes: events with known columns at fault.
        training: what may be fitted on, where the set has a part for it.
        quiet: without any anomaly: only false alarms can be counted.
        normal: so many rows at the start are given as the normal course, to be fitted on.
    """

    collection: str
    name: str
    metrics: tuple[str, ...]
    times: Floats
    rows: Floats
    first: int
    truth: Bools
    spans: tuple[Span, ...] = ()
    causes: tuple[Cause, ...] = ()
    training: Training | None = None
    quiet: bool = False
    normal: int = 0

    @property
    def reference(self) -> Floats:
        """Rows (m, C) that a method without memory is fitted on."""
        return self.rows[: self.first] if self.training is None else self.training.rows

    @property
    def days(self) -> float:
        """Span of the judged rows."""
        return float(self.times[-1] - self.times[self.first]) / 86_400.0


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What a method says of a recording.

    Attributes:
        scores: (n,) higher is more abnormal; of a row and those before it only.
        alarms: (n,) the live verdict.
        rankings: for each cause of the recording the columns, most suspicious first; None: the method names none.
        opened: rows at which an incident opened; None: the method has no incidents.
        told: for each cause the columns that the first anomaly published within it named, the largest share first;
            empty where none came; None: the method publishes none.
        seconds: processor time spent.
    """

    scores: Floats
    alarms: Bools
    rankings: list[list[int]] | None = None
    opened: list[int] | None = None
    told: list[list[int]] | None = None
    seconds: float = field(default=0.0, compare=False)


Judged = tuple[Recording, Verdicts]


def opened_text(path: Path) -> IO[str]:
    """Open a text file, packed or not."""
    if path.suffix == ".gz":
        return cast("IO[str]", gzip.open(path, "rt", encoding="utf-8", newline=""))
    return path.open(encoding="utf-8", newline="")


def files(folder: Path, suffix: str) -> list[Path]:
    """Return the files below a folder that end so, packed or not, in order of their names."""
    return sorted([*folder.rglob(f"*{suffix}"), *folder.rglob(f"*{suffix}.gz")])


def stem(path: Path, root: Path) -> str:
    """Name a file by its place below a root, without suffixes."""
    return str(path.relative_to(root)).split(".", maxsplit=1)[0]


def numbers(path: Path, delimiter: str | None = ",") -> Floats:
    """Read a file of numbers without a header, (n, C)."""
    with opened_text(path) as file:
        return np.loadtxt(file, delimiter=delimiter, ndmin=2, dtype=np.float64)


def epoch(text: str) -> float:
    """Read a time without a zone as UTC, in epoch s."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def evenly(start: float, count: int, step: float) -> Floats:
    """Return times (n,) of rows that come every `step` seconds."""
    return np.asarray(start + step * np.arange(count), dtype=np.float64)


def spans(flags: Iterable[bool]) -> tuple[Span, ...]:
    """Return first and last row of each run of true flags."""
    padded = np.concatenate(([False], np.asarray(list(flags), dtype=np.bool_), [False])).astype(np.int8)
    edges = np.diff(padded)
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
    return tuple((int(a), int(b)) for a, b in zip(starts, ends, strict=True))
