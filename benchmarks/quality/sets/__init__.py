"""The labelled sets, by the name of their folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from benchmarks.quality.sets import nab, servers, skab, tep

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from benchmarks.quality.recording import Judged, Recording


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """How a set's folder is read, and how verdicts on it are measured by its own protocol."""

    load: Callable[[Path], list[Recording]]
    evaluate: Callable[[list[Judged]], dict[str, float]]


SETS: Final[Mapping[str, LabelledSet]] = {
    "NAB": LabelledSet(nab.load, nab.evaluate),
    "SKAB": LabelledSet(skab.load, skab.evaluate),
    "SMD": LabelledSet(servers.load, servers.evaluate),
    "ASD": LabelledSet(servers.load, servers.evaluate),
    "TEP": LabelledSet(tep.load, tep.evaluate),
}
