"""Incidents as a person hears of them: labelled spans with an incident, false incidents a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.quality.recording import spans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.quality.recording import Judged


def spans_found(title: str, judged: Sequence[Judged], *, of_truth: bool = False) -> dict[str, float]:
    """Return the share of labelled spans in which an incident opened, and incidents a day outside of them."""
    found, events, false, days = 0, 0, 0, 0.0
    for recording, verdicts in judged:
        if verdicts.opened is None:
            return {}
        labelled = spans(recording.truth) if of_truth else recording.spans
        counted = [row for row in verdicts.opened if row >= recording.first]
        found += sum(any(a <= row <= b for row in counted) for a, b in labelled)
        false += sum(not any(a <= row <= b for a, b in labelled) for row in counted)
        events += len(labelled)
        days += recording.days
    if not events:
        return {}
    return {f"{title} incidents: events found": found / events, f"{title} incidents: false a day": false / days}


def false_per_day(title: str, judged: Sequence[Judged]) -> dict[str, float]:
    """Return alarm rows in percent, and incidents a day, of recordings without any anomaly."""
    if not judged:
        return {}
    rows = sum(len(r.rows) - r.first for r, _ in judged)
    figures = {f"{title} alarm rows %": 100.0 * sum(int(v.alarms[r.first :].sum()) for r, v in judged) / rows}
    if all(v.opened is not None for _, v in judged):
        opened = sum(row >= r.first for r, v in judged for row in v.opened or ())
        figures[f"{title} incidents a day"] = opened / sum(r.days for r, _ in judged)
        figures[f"{title} incidents"] = float(opened)
    return figures
