"""Ground truth in recordings: which columns say what is abnormal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from producer.recordings.numbers import is_missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from producer.recordings.rows import Cell

_SURE: Final = re.compile(
    r"^(is_?)?(anomal(y|ies|ous)|outliers?)(_?(label|flag|score_true))?$|^labels?$|^ground_?truth$|^change_?points?$"
    r"|^y_?true$|^normal/attack$|^attack_?(label|flag)?$|^(is_?)?(fault|failure)_?(label|flag)$|^machine_status$"
)
_PERHAPS: Final = re.compile(
    r"^(target|class|y|fault|failure|is_?fault|is_?failure|event|broken|defect|störung|stoerung|fehler|ausfall|d[eé]faut|panne|fallo)$"
)
_HEALTHY: Final = frozenset(
    {"0", "0.0", "false", "no", "n", "normal", "ok", "none", "healthy", "good", "benign", "inlier"}
)
WORDS: Final = _HEALTHY | frozenset(
    {
        "1",
        "1.0",
        "-1",
        "-1.0",
        "true",
        "yes",
        "abnormal",
        "anomaly",
        "attack",
        "fault",
        "failure",
        "broken",
        "bad",
        "outlier",
    }
)
_CHANGE_POINT: Final = re.compile(r"^change_?points?$")


def is_label(name: str, cells: Iterable[Cell]) -> bool:
    """Whether a column is ground truth: by a name that means nothing else, or by name and two-valued content."""
    simple = name.strip().lower().replace(" ", "_").replace("-", "_")
    if _SURE.match(simple):
        return True
    return bool(_PERHAPS.match(simple)) and all(_written(cell) in WORDS for cell in cells if not is_missing(cell))


def is_abnormal(labels: Mapping[str, Cell]) -> bool:
    """Whether a row's labels call it abnormal; a change point marks a moment, not a state, unless it stands alone."""
    states = {name: cell for name, cell in labels.items() if not _CHANGE_POINT.match(name.strip().lower())}
    return any(_marks(cell) for cell in (states or labels).values())


def marked(labels: Mapping[str, Cell]) -> dict[str, str]:
    """The labels of a row that say something, as text; empty for a healthy row."""
    return {name: str(cell) for name, cell in labels.items() if _marks(cell)}


def _marks(cell: Cell) -> bool:
    return not is_missing(cell) and _written(cell) not in _HEALTHY


def _written(cell: Cell) -> str:
    return str(cell).strip().lower()
