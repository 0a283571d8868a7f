"""The table that is printed, and what is written to files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from benchmarks.quality.recording import Judged

# What the project has set itself to reach, one configuration for everything.
TARGETS: Final[Mapping[str, float]] = {
    "NAB standard": 65.0,
    "NAB low FP": 54.0,
    "NAB low FN": 71.0,
    "SKAB F1": 0.80,
    "SKAB FAR %": 15.0,
    "SKAB AUC-PR": 0.92,
    "SMD VUS-PR": 0.58,
    "ASD VUS-PR": 0.60,
    "SMD composite F1": 0.70,
    "ASD composite F1": 0.76,
    "SMD Hit@150": 0.80,
    "ASD Hit@150": 0.90,
    "TEP found at 1 % FAR": 0.79,
}
_PROFILES = ("standard", "low FP", "low FN")  # profiles: 0 is silence, 100 perfect
_FIRST = 32
_WIDTH = 10
_SHORT: Final[Mapping[str, str]] = {
    "iforest_raw": "IF raw",
    "iforest_rolling": "IF roll",
    "half_space_trees": "HST",
}


def table(figures: Mapping[str, Mapping[str, float]]) -> str:
    """Lay out figures by method as one table: a line a figure, a column a method, the target beside it."""
    names = list(dict.fromkeys(name for measured in figures.values() for name in measured))
    head = [f"{'':{_FIRST}}", f"{'reach':>{_WIDTH}}", *(f"{_SHORT.get(m, m):>{_WIDTH}}" for m in figures)]
    lines = ["".join(head)]
    for name in names:
        cells = [_cell(name, TARGETS.get(name)), *(_cell(name, measured.get(name)) for measured in figures.values())]
        lines.append(f"{name:{_FIRST}}" + "".join(cells))
    return "\n".join(lines)


def write_scores(folder: Path, method: str, judged: Judged) -> None:
    """Write `score,alarm` of every row, a line a row, no header: METHOD/SET/FILE.csv."""
    recording, verdicts = judged
    path = folder / method / recording.collection / f"{recording.name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (f"{s!r},{int(a)}\n" for s, a in zip(verdicts.scores.tolist(), verdicts.alarms.tolist(), strict=True))
    path.write_text("".join(lines), encoding="utf-8")


def _cell(name: str, value: float | None) -> str:
    if value is None:
        return f"{'-':>{_WIDTH}}"
    whole = name.endswith((*_PROFILES, "%", "µs", "rows"))
    return f"{value:>{_WIDTH}.1f}" if whole else f"{value:>{_WIDTH}.3f}"
