"""The state of an incident, merged from the detector's anomalies and people's words in whatever order they arrive.

Delivery repeats and reorders, so every part of the state is a maximum over what was seen: the same
messages give the same alert, however they arrived.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import msgspec

from contracts.alert import Alert, Evidence, Explanation
from explainer.earlier import earlier_words
from storage.columns import iso
from storage.records import AlertRecord
from storage.rows import SEVERITY_RANK

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from contracts.alert import Cause, Status
    from contracts.anomaly import Anomaly, Severity
    from contracts.service import Feedback

News = Literal[
    "opened",
    "worsened",
    "closed",
    "reopened",
    "woken",
    "reminded",
    "handled",
    "explained",
    "unexplained",
    "updated",
    "none",
]

_BETTER_KNOWN = (4, 12, 25, 50, 100)  # abnormal readings
_PHASE_RANK = {"open": 0, "update": 1, "close": 2, "reopen": 3}
_REOPENED = f" {_PHASE_RANK['reopen']} "


@dataclass(frozen=True, slots=True)
class Wording:
    """What the deterministic text says of an anomaly."""

    label: str
    reason: str
    text: str
    causes: tuple[Cause, ...]
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A record after a message, and what a person should hear of it (`updated` and `none`: nothing)."""

    record: AlertRecord
    news: News


def merge(record: AlertRecord | None, anomaly: Anomaly, describe: Callable[[Anomaly], Wording]) -> Change:
    """Merge an anomaly into the alert of its incident, or begin that alert.

    Args:
        record: what is known of the incident.
        anomaly: any anomaly of it, seen before or not.
        describe: words for an anomaly's evidence.
    """
    if record is None:
        first = _first(anomaly, describe)
        return Change(first, "closed" if first.phase == "closed" else "opened")
    merged = _with_evidence(_with_extremes(record, anomaly), anomaly, describe)
    merged = with_status(_with_phase(merged, anomaly))
    return Change(merged, _news(record, merged))


def apply_feedback(record: AlertRecord, word: Feedback) -> Change:
    """Apply what a person said, unless the same or a later word is known already."""
    if record.handled_at is not None and word.at <= record.handled_at:
        return Change(record, "none")
    handling: dict[str, AlertRecord] = {
        "acknowledged": replace(record, handling="acknowledged", snoozed_until=None),
        "snoozed": replace(record, handling="snoozed", snoozed_until=word.until),
        "confirmed": replace(record, handling="acknowledged", snoozed_until=None, verdict="confirmed"),
        "false_positive": replace(record, handling="acknowledged", snoozed_until=None, verdict="false_positive"),
        "undo": replace(record, handling=None, snoozed_until=None, verdict=None),
    }
    changed = with_status(replace(handling[word.verdict], handled_at=word.at))
    return Change(changed, "none" if changed == record else "handled")


def wake(record: AlertRecord, now: datetime) -> Change:
    """End a snooze whose time has come."""
    if record.handling != "snoozed" or record.snoozed_until is None or record.snoozed_until > now:
        return Change(record, "none")
    woken = with_status(replace(record, handling=None, snoozed_until=None))
    return Change(woken, "woken" if woken.alert.status == "open" else "updated")


def with_status(record: AlertRecord) -> AlertRecord:
    """Derive the alert's status from the detector's last word and the person's."""
    status: Status = "closed"
    if record.phase == "open":
        # Handling speaks of the trouble as it was: one that came back afterwards is open again.
        came_back = _REOPENED in record.phase_order
        outdated = came_back and record.handled_at is not None and record.handled_at < record.phase_at
        status = "open" if outdated or record.handling is None else record.handling
    until = record.snoozed_until if status == "snoozed" else None
    return _with_alert(record, status=status, verdict=record.verdict, snoozed_until=until)


def _first(anomaly: Anomaly, describe: Callable[[Anomaly], Wording]) -> AlertRecord:
    wording = describe(anomaly)
    closed = anomaly.incident.phase == "close"
    alert = Alert(
        incident=anomaly.incident.id,
        device=anomaly.device,
        status="closed" if closed else "open",
        opened_at=anomaly.incident.opened_at,
        updated_at=anomaly.measured_at,
        closed_at=_closing_time(anomaly) if closed else None,
        severity=anomaly.severity,
        confidence=anomaly.confidence,
        label=wording.label,
        reason=wording.reason,
        causes=wording.causes,
        actions=wording.actions,
        evidence=_evidence(anomaly, wording.text),
        explanation=Explanation(source="evidence"),
        run=anomaly.run,
    )
    return AlertRecord(
        alert=alert,
        phase="closed" if closed else "open",
        phase_at=anomaly.received_at,
        phase_order=_phase_order(anomaly) if anomaly.incident.phase != "update" else "",
        evidence_order=_evidence_order(anomaly),
    )


def _with_extremes(record: AlertRecord, anomaly: Anomaly) -> AlertRecord:
    alert, incident = record.alert, anomaly.incident
    evidence = msgspec.structs.replace(
        alert.evidence,
        readings=max(alert.evidence.readings, incident.readings),
        peak=max(alert.evidence.peak, incident.peak, anomaly.score),
    )
    return _with_alert(
        record,
        opened_at=min(alert.opened_at, incident.opened_at),
        updated_at=max(alert.updated_at, anomaly.measured_at),
        severity=max(alert.severity, anomaly.severity, key=SEVERITY_RANK.__getitem__),
        evidence=evidence,
    )


def _with_evidence(record: AlertRecord, anomaly: Anomaly, describe: Callable[[Anomaly], Wording]) -> AlertRecord:
    """Show the evidence of the most severe anomaly, among equals the better known; a closing one has none."""
    order = _evidence_order(anomaly)
    if order <= record.evidence_order:
        return record
    alert, wording = record.alert, describe(anomaly)
    evidence = _evidence(anomaly, wording.text)
    earlier = alert.evidence.earlier
    evidence = msgspec.structs.replace(
        evidence,
        text=" ".join(part for part in (evidence.text, earlier_words(earlier)) if part),
        readings=alert.evidence.readings,
        peak=alert.evidence.peak,
        earlier=earlier,
    )
    changed = _with_alert(record, evidence=evidence, confidence=anomaly.confidence)
    if alert.explanation.source == "evidence":
        changed = _with_alert(
            changed, label=wording.label, reason=wording.reason, causes=wording.causes, actions=wording.actions
        )
    return replace(changed, evidence_order=order)


def _with_phase(record: AlertRecord, anomaly: Anomaly) -> AlertRecord:
    order = _phase_order(anomaly)
    if anomaly.incident.phase == "update" or order <= record.phase_order:
        return record
    closed = anomaly.incident.phase == "close"
    changed = replace(record, phase="closed" if closed else "open", phase_at=anomaly.received_at, phase_order=order)
    return _with_alert(changed, closed_at=_closing_time(anomaly) if closed else None)


def _news(before: AlertRecord, after: AlertRecord) -> News:
    if before == after:
        return "none"
    if before.alert.status != after.alert.status:
        if after.alert.status == "closed":
            return "closed"
        return "reopened" if after.alert.status == "open" else "handled"
    return "worsened" if _rank(after.alert.severity) > _rank(before.alert.severity) else "updated"


def _phase_order(anomaly: Anomaly) -> str:
    """Order the phases of an incident, as text: by abnormal readings so far, among equals by their natural order.

    Every opening counts its reading, so the count grows from one life to the next, whatever the clocks do.
    """
    incident = anomaly.incident
    return f"{incident.readings:012d} {_PHASE_RANK[incident.phase]} {iso(anomaly.received_at)}"


def _evidence_order(anomaly: Anomaly) -> str:
    """Rank evidence, as text: closing is the least, then by severity, then what is known better, then the earliest.

    A trouble shows only with time whether it is a spike, a shift or a drift: evidence after more abnormal readings
    replaces that of the first ones, in a few steps, so that the text does not change with every reading.
    """
    shows = int(anomaly.incident.phase != "close")
    step = bisect_right(_BETTER_KNOWN, anomaly.incident.readings)
    countdown = 10**18 - round(anomaly.received_at.timestamp() * 1e6)
    return f"{shows} {_rank(anomaly.severity)} {step} {countdown:019d} {anomaly.id[:8]}"


def _rank(severity: Severity) -> int:
    return SEVERITY_RANK[severity]


def _closing_time(anomaly: Anomaly) -> datetime:
    return max(anomaly.measured_at, anomaly.incident.opened_at)


def _evidence(anomaly: Anomaly, text: str) -> Evidence:
    return Evidence(
        kind=anomaly.kind,
        text=text,
        score=anomaly.score,
        confidence=anomaly.confidence,
        contributions=anomaly.contributions,
        decision=anomaly.decision,
        rarity_days=anomaly.rarity_days,
        watched_days=anomaly.watched_days,
        readings=anomaly.incident.readings,
        peak=max(anomaly.incident.peak, anomaly.score),
    )


def _with_alert(record: AlertRecord, **changes: object) -> AlertRecord:
    return replace(record, alert=msgspec.structs.replace(record.alert, **changes))
