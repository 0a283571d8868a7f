"""The course of an open incident: the rows before it and since, so that its kind can be told from the whole of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from detector.verdicts import confidence
from detector.verdicts.evidence import Bounds, leading
from detector.verdicts.findings import RULED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from detector.rows.features import Floats
    from detector.rows.stream import Stream

_MOST_CELLS = 6144  # values held, 48 kB ...
_LEAST_ROWS = 128  # ... or so many rows, of a device of many metrics
EARLY = 16  # rows since the opening that are never thinned: noise shows in them, from reading to reading
_MOST_DECADES = 20.0  # that one reading adds to the blame, so that none outweighs the rest
_RULED = confidence.decades(RULED)  # no reading counts for more than one that a rule finds wrong


class Course:
    """Rows of one incident, with the values that were carried forward; thinned when it lasts.

    Attributes:
        before: rows that were there when it began.
        last: index of the newest abnormal row.
        incoherent: abnormal rows in which the metrics disagreed rather than were odd, of `abnormal` ones.
        blame: how much each metric has added to the evidence, over all abnormal rows.
        named: the metric that a rule found to be at fault last; the empty text while none has.
        found: (C,) the row in which it did.
        shaped, ruled: decades of the rows that the model found odd, and of those that a rule did.
        decision: the lowest of the model's on an abnormal row; None without a model.
        usual: what was expected of the metrics when it began; None without a model.
    """

    __slots__ = (
        "_rows",
        "_skipped",
        "_stride",
        "abnormal",
        "before",
        "blame",
        "decision",
        "found",
        "incoherent",
        "last",
        "named",
        "ruled",
        "shaped",
        "usual",
    )

    def __init__(self) -> None:
        self._rows: Floats = np.zeros((0, 0))
        self._stride = 1
        self._skipped = 0
        self.before = 0
        self.last = -1
        self.abnormal = self.incoherent = 0
        self.blame: dict[str, float] = {}
        self.named = ""
        self.found: Floats = np.zeros(0)
        self.shaped = self.ruled = 0.0
        self.decision: float | None = None
        self.usual: Bounds | None = None

    def begin(self, stream: Stream, *, incoherent: bool) -> None:
        """Take the newest rows of a stream; the last of them is the one that opens the incident."""
        _, rows = stream.recent.newest()
        self._rows = carried(rows)
        self._stride, self._skipped = 1, 0
        self.abnormal, self.incoherent = 1, int(incoherent)
        self.last = len(rows) - 1
        self.before = max(self.last, 0)
        self.blame = {}
        self.named, self.found, self.decision, self.usual = "", np.zeros(0), None, None
        self.shaped = self.ruled = 0.0

    def add(self, stream: Stream, *, abnormal: bool, incoherent: bool) -> None:
        """Take the newest row."""
        self._skipped += 1
        if self._skipped >= self._stride:
            self._skipped = 0
            self._widen(len(stream.roster))
            self._rows = np.concatenate([self._rows, stream.features.features[:1]])
        if abnormal:
            self.last = len(self._rows) - 1
            self.abnormal += 1
            self.incoherent += incoherent
        if len(self._rows) > max(_MOST_CELLS // max(self._rows.shape[1], 1), _LEAST_ROWS):
            self._thin()

    def name(self, metric: str, row: Floats) -> None:
        """Note that a rule found a metric to be at fault in a row (C,)."""
        self.named, self.found = metric, row.copy()

    def accuse(
        self, weights: Mapping[str, float], decades: float, decision: float | None, *, ruled: bool = False
    ) -> None:
        """Add what each metric adds to an abnormal row, by its weight; a rarer row says more, up to a bound."""
        if ruled:
            self.ruled += min(decades, _RULED)
        else:
            self.shaped += min(decades, _RULED)
        if decision is not None:
            self.decision = decision if self.decision is None else min(decision, self.decision)
        for name, weight in weights.items():
            self.blame[name] = self.blame.get(name, 0.0) + weight * min(decades, _MOST_DECADES)

    @property
    def lead(self) -> str:
        """The metric that has added most; the empty text where none has."""
        return leading(self.blame)

    def _widen(self, metrics: int) -> None:
        if metrics > self._rows.shape[1]:
            wider = np.full((len(self._rows), metrics), np.nan)
            wider[:, : self._rows.shape[1]] = self._rows
            self._rows = wider

    def rows(self) -> Floats:
        """Return the rows (n, C) up to the newest abnormal one."""
        return self._rows[: self.last + 1]

    def rows_before(self) -> Floats:
        """Return the rows (n, C) that were there when it began."""
        return self._rows[: self.before]

    @property
    def mostly_incoherent(self) -> bool:
        """Whether the metrics disagreed in most of the abnormal rows."""
        return 2 * self.incoherent > self.abnormal

    def state(self) -> dict[str, Any]:
        """Return what `restored` needs."""
        return {
            "rows": self._rows,
            "thinned": [self._stride, self._skipped],
            "blame": self.blame,
            "named": self.named,
            "decision": self.decision,
            "found": self.found,
            "usual": None if self.usual is None else asdict(self.usual),
            "parts": [self.shaped, self.ruled],
            "counts": [self.before, self.last, self.abnormal, self.incoherent],
        }

    @classmethod
    def restored(cls, state: Mapping[str, Any]) -> Course:
        """Rebuild from `state`."""
        course = cls()
        course._rows = state["rows"]
        course.blame = dict(state.get("blame", {}))
        course.named, course.found = state.get("named", ""), state.get("found", np.zeros(0))
        course.decision = state.get("decision")
        course.usual = Bounds(**usual) if (usual := state.get("usual")) else None
        course.shaped, course.ruled = state.get("parts", (0.0, 0.0))
        course._stride, course._skipped = state["thinned"]
        course.before, course.last, course.abnormal, course.incoherent = state["counts"]
        return course

    def _thin(self) -> None:
        whole = self.before + EARLY
        self._rows = np.concatenate([self._rows[:whole], self._rows[whole::2]])
        self.last = min(self.last, whole + max(self.last - whole, 0) // 2)
        self._stride *= 2


def carried(rows: Floats) -> Floats:
    """Carry values of rows (n, C) forward over the readings that did not hold them."""
    filled = rows.copy()
    for row in range(1, len(filled)):
        missing = np.isnan(filled[row])
        filled[row, missing] = filled[row - 1, missing]
    return filled
