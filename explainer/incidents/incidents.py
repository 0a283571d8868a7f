"""The state of an incident, merged from the detector's anomalies and people's words in whatever order they arrive.

Delivery repeats and reorders, so every part of the state is a maximum over what was seen: the same
messages give the same alert, however they arrived.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from contracts.alert import Alert, Evidence, Explanation
from explainer.incidents.handling import Change, with_alert, with_status
from explainer.incidents.precedence import begins_anew, evidence_order, phase_order, rank
from explainer.words.earlier import earlier_words
from explainer.words.labels import direction_of
from storage.records import AlertRecord
from storage.rows import SEVERITY_RANK

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from contracts.alert import Cause
    from contracts.anomaly import Anomaly
    from explainer.incidents.handling import News


@dataclass(frozen=True, slots=True)
class Wording:
    """What the deterministic text says of an anomaly."""

    label: str
    reason: str
    text: str
    causes: tuple[Cause, ...]
    actions: tuple[str, ...]


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
        phase_order=phase_order(anomaly) if anomaly.incident.phase != "update" else "",
        evidence_order=evidence_order(anomaly),
    )


def _with_extremes(record: AlertRecord, anomaly: Anomaly) -> AlertRecord:
    alert, incident = record.alert, anomaly.incident
    evidence = msgspec.structs.replace(
        alert.evidence,
        readings=max(alert.evidence.readings, incident.readings),
        peak=max(alert.evidence.peak, incident.peak, anomaly.score),
    )
    return with_alert(
        record,
        opened_at=min(alert.opened_at, incident.opened_at),
        updated_at=max(alert.updated_at, anomaly.measured_at),
        severity=max(alert.severity, anomaly.severity, key=SEVERITY_RANK.__getitem__),
        evidence=evidence,
    )


def _with_evidence(record: AlertRecord, anomaly: Anomaly, describe: Callable[[Anomaly], Wording]) -> AlertRecord:
    """Show the evidence of the most severe anomaly, among equals the better known."""
    order = evidence_order(anomaly)
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
    changed = with_alert(record, evidence=evidence, confidence=anomaly.confidence)
    if begins_anew(anomaly, record.evidence_order) and _looks_like(alert.evidence) != _looks_like(evidence):
        # What a model said of it is about another trouble.
        changed = with_alert(changed, explanation=msgspec.structs.replace(alert.explanation, source="evidence"))
    if changed.alert.explanation.source == "evidence":
        changed = with_alert(
            changed, label=wording.label, reason=wording.reason, causes=wording.causes, actions=wording.actions
        )
    return replace(changed, evidence_order=order)


def _looks_like(evidence: Evidence) -> tuple[object, ...]:
    """Return what a model's words hang on: the kind, the leading metric and its direction."""
    lead = max(evidence.contributions, key=lambda one: one.share, default=None)
    return evidence.kind, *(() if lead is None else (lead.metric, direction_of(lead)))


def _with_phase(record: AlertRecord, anomaly: Anomaly) -> AlertRecord:
    order = phase_order(anomaly)
    if anomaly.incident.phase == "update" or order <= record.phase_order:
        return record
    closed = anomaly.incident.phase == "close"
    changed = replace(record, phase="closed" if closed else "open", phase_at=anomaly.received_at, phase_order=order)
    return with_alert(changed, closed_at=_closing_time(anomaly) if closed else None)


def _news(before: AlertRecord, after: AlertRecord) -> News:
    if before == after:
        return "none"
    if before.alert.status != after.alert.status:
        if after.alert.status == "closed":
            return "closed"
        return "reopened" if after.alert.status == "open" else "handled"
    return "worsened" if rank(after.alert.severity) > rank(before.alert.severity) else "updated"


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
