"""Rows: confusion counts; composite F1 without point adjustment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.quality.recording import spans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.quality.recording import Bools


@dataclass(frozen=True, slots=True)
class Confusion:
    """Counts of rows."""

    hits: int
    false_alarms: int
    misses: int
    quiet: int

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 when there is neither a truth nor an alarm."""
        return _share(2 * self.hits, 2 * self.hits + self.false_alarms + self.misses)

    @property
    def false_alarm_rate(self) -> float:
        """Share of normal rows that were alarms."""
        return _share(self.false_alarms, self.false_alarms + self.quiet)

    @property
    def missed_alarm_rate(self) -> float:
        """Share of anomalous rows that were not."""
        return _share(self.misses, self.misses + self.hits)

    @property
    def precision(self) -> float:
        """Share of alarms that were right."""
        return _share(self.hits, self.hits + self.false_alarms)


def confusion(truth: Bools, alarms: Bools) -> Confusion:
    """Count rows (n,) by truth and verdict."""
    return Confusion(
        hits=int(np.sum(truth & alarms)),
        false_alarms=int(np.sum(~truth & alarms)),
        misses=int(np.sum(truth & ~alarms)),
        quiet=int(np.sum(~truth & ~alarms)),
    )


def composite_f1(truths: Sequence[Bools], alarms: Sequence[Bools]) -> float:
    """Return the harmonic mean of the precision of rows and the recall of events, all recordings pooled.

    Garg et al., "An Evaluation of Anomaly Detection and Diagnosis in Multivariate Time Series", 2021: an event is found
    when one of its rows is an alarm, but precision stays that of single rows.
    """
    precision = confusion(np.concatenate(truths), np.concatenate(alarms)).precision
    events = [alarm[a : b + 1].any() for truth, alarm in zip(truths, alarms, strict=True) for a, b in spans(truth)]
    recall = float(np.mean(events)) if events else 0.0
    return 2.0 * precision * recall / (precision + recall) if precision + recall else 0.0


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
