"""Which of two anomalies of an incident has the last word: on its phase, and on its evidence."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from storage.columns import iso
from storage.rows import SEVERITY_RANK

if TYPE_CHECKING:
    from contracts.anomaly import Anomaly, Severity

_BETTER_KNOWN = (4, 12, 25, 50, 100)  # abnormal readings
_PHASE_RANK = {"open": 0, "update": 1, "reopen": 3, "close": 4}  # 2 was a close, in books that are kept
REOPENED = f" {_PHASE_RANK['reopen']} "


def phase_order(anomaly: Anomaly) -> str:
    """Order the phases of an incident, as text: by abnormal readings so far, among equals by their natural order.

    Every opening counts its reading, so the count grows from one life to the next, whatever the clocks do.
    """
    incident = anomaly.incident
    return f"{incident.readings:012d} {_PHASE_RANK[incident.phase]} {iso(anomaly.received_at)}"


def evidence_order(anomaly: Anomaly) -> str:
    """Rank evidence, as text: none is the least, then by life, severity, what is known better, the earliest.

    Of an incident that opened again, people want to know what it is now. A trouble shows only with time whether it is a
    spike, a shift or a drift: evidence after more abnormal readings replaces that of the first ones, in a few steps, so
    that the text does not change with every reading. A closing one tells of the whole.
    """
    closes = anomaly.incident.phase == "close"
    shows = int(not closes or bool(anomaly.contributions))
    step = 2 * bisect_right(_BETTER_KNOWN, anomaly.incident.readings) + closes
    countdown = 10**18 - round(anomaly.received_at.timestamp() * 1e6)
    return f"{shows} {_life(anomaly)} {rank(anomaly.severity)} {step:x} {countdown:019d} {anomaly.id[:8]}"


def begins_anew(anomaly: Anomaly, shown: str) -> bool:
    """Tell whether an anomaly belongs to another life of its incident than the evidence of the order `shown`."""
    return f" {_life(anomaly)} " not in shown


def _life(anomaly: Anomaly) -> str:
    return iso(anomaly.incident.began_at or anomaly.incident.opened_at)


def rank(severity: Severity) -> int:
    """Return how bad a severity is, from 0."""
    return SEVERITY_RANK[severity]
