"""An evaluation as JSON; docs/evaluate.md says what each part means."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from explainer.evidence import leading_contributions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contracts.alert import Alert
    from tocsin.evaluation.evaluation import Evaluation, Figures
    from tocsin.evaluation.faults import Fault, Judgement
    from tocsin.evaluation.track import Incident, Track

_COMPUTED = (
    "missed",
    "precision",
    "recall",
    "f1",
    "delay_rows",
    "delay_s",
    "false_per_day",
    "ringing_share",
    "faulty_share",
)


def as_json(evaluations: Sequence[Evaluation], whole: Figures) -> str:
    """Write what was found of each device, and the figures of all together; faults and incidents name each other."""
    plain = [*map(_plain_evaluation, evaluations), _plain_figures(whole)]
    return msgspec.json.encode(plain).decode()


def _plain_figures(figures: Figures) -> dict[str, Any]:
    plain = asdict(figures)
    del plain["delays"]
    return {**plain, **{name: getattr(figures, name) for name in _COMPUTED}}


def _plain_evaluation(one: Evaluation) -> dict[str, Any]:
    numbers = {id(judgement.fault): number for number, judgement in enumerate(one.faults, 1)}
    return {
        **_plain_figures(one.figures),
        "fault_list": [_plain_fault(judgement, number) for number, judgement in enumerate(one.faults, 1)],
        "incident_list": [
            _plain_incident(one.track, incident, fault, numbers.get(id(fault))) for incident, fault in one.incidents
        ],
    }


def _plain_fault(judgement: Judgement, number: int) -> dict[str, Any]:
    fault, incident = judgement.fault, judgement.incident
    rows, seconds = judgement.delay or (None, None)
    return {
        "number": number,
        "name": fault.name,
        "start": _time(fault.start),
        "end": _time(fault.end),
        "rows": fault.last - fault.first + 1,
        "outcome": judgement.outcome,
        "incident": None if incident is None or incident.alert is None else incident.alert.incident,
        "delay_rows": rows,
        "delay_s": seconds,
    }


def _plain_incident(track: Track, incident: Incident, fault: Fault | None, number: int | None) -> dict[str, Any]:
    return {
        "incident": None if incident.alert is None else incident.alert.incident,
        "opened_at": _time(track.times[incident.first]),
        "closed_at": _time(track.times[incident.last]) if incident.over else None,
        "reopened": len(incident.lives) - 1,
        "device": track.device,
        "kind": incident.kind,
        "fault": number,
        "false": fault is None,
        "early": incident.first < track.judged_from,
        **({} if incident.alert is None else _plain_alert(incident.alert)),
    }


def _plain_alert(alert: Alert) -> dict[str, Any]:
    first = next(iter(leading_contributions(alert.evidence.contributions)), None)
    fields = ("metric", "observed", "expected", "lower", "upper", "unit")
    return {
        "severity": alert.severity,
        "label": alert.label,
        "reason": alert.reason,
        **{name: None if first is None else getattr(first, name) for name in fields},
    }


def _time(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
