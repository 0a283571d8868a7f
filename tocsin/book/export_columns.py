"""The columns of an exported table; text that a spreadsheet would take for a formula is defused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.columns import iso
from tocsin.terminal import printable

if TYPE_CHECKING:
    from contracts.alert import Alert
    from contracts.anomaly import Contribution
    from storage.exporting import ExportedAnomaly

Cell = str | int | float | None
_CAUSES = 3
_METRICS = 3
_FORMULA = ("=", "+", "-", "@")  # tab and line ends, which do the same, are not kept at all
_ALERT = (
    "incident",
    "device",
    "run",
    "status",
    "verdict",
    "severity",
    "kind",
    "opened_at",
    "closed_at",
    "duration_s",
    "score",
    "peak",
    "confidence",
    "readings",
    "label",
    "reason",
    "explained_by",
)
_ANOMALY = ("anomaly", "phase", "measured_at", "severity", "kind", "score", "decision", "confidence")
_OF_ALERT = ("incident", "device", "run", "status", "verdict", "label", "reason", "explained_by")
_OF_METRIC = ("", "_share", "_observed", "_expected", "_lower", "_upper", "_unit")


def alert_columns() -> list[str]:
    """Name the columns of alerts."""
    return [*_ALERT, *_cause_columns(), *_metric_columns()]


def anomaly_columns() -> list[str]:
    """Name the columns of anomalies: each with its alert, candidates of causes and the metrics that make it up."""
    return [*_ANOMALY, *_OF_ALERT, *_cause_columns(), *_metric_columns()]


def alert_cells(alert: Alert) -> list[Cell]:
    """Write a row of alerts."""
    known = _alert_cells(alert)
    return [*(known[name] for name in _ALERT), *_cause_cells(alert), *_metric_cells(alert.evidence.contributions)]


def anomaly_cells(one: ExportedAnomaly) -> list[Cell]:
    """Write a row of anomalies."""
    own: list[Cell] = [
        one.anomaly,
        one.phase,
        iso(one.measured_at),
        one.severity,
        one.kind,
        one.score,
        one.decision,
        one.confidence,
    ]
    known = _alert_cells(one.alert)
    alert = [known[name] for name in _OF_ALERT]
    return [*own, *alert, *_cause_cells(one.alert), *_metric_cells(one.contributions)]


def safe(text: str | None) -> str | None:
    """Make text harmless to a spreadsheet: no control characters, and a `'` before what would be a formula."""
    if text is None:
        return None
    shown = printable(text).replace("\n", " ")
    return "'" + shown if shown.lstrip().startswith(_FORMULA) else shown


def _alert_cells(alert: Alert) -> dict[str, Cell]:
    closed = alert.closed_at
    return {
        "incident": alert.incident,
        "device": safe(alert.device),
        "run": safe(alert.run),
        "status": alert.status,
        "verdict": alert.verdict,
        "severity": alert.severity,
        "kind": alert.evidence.kind,
        "opened_at": iso(alert.opened_at),
        "closed_at": iso(closed) if closed else None,
        "duration_s": (closed - alert.opened_at).total_seconds() if closed else None,
        "score": alert.evidence.score,
        "peak": alert.evidence.peak,
        "confidence": alert.confidence,
        "readings": alert.evidence.readings,
        "label": safe(alert.label),
        "reason": safe(alert.reason),
        "explained_by": safe(alert.explanation.model or alert.explanation.source),
    }


def _cause_columns() -> list[str]:
    return [name for n in range(1, _CAUSES + 1) for name in (f"cause_{n}", f"cause_{n}_confidence")]


def _cause_cells(alert: Alert) -> list[Cell]:
    cells: list[Cell] = []
    for cause in alert.causes[:_CAUSES]:
        cells += [safe(cause.cause), cause.confidence]
    return cells + [None] * (2 * _CAUSES - len(cells))


def _metric_columns() -> list[str]:
    return [f"metric_{n}{what}" for n in range(1, _METRICS + 1) for what in _OF_METRIC]


def _metric_cells(contributions: tuple[Contribution, ...]) -> list[Cell]:
    cells: list[Cell] = []
    for one in sorted(contributions, key=lambda part: -part.share)[:_METRICS]:
        cells += [safe(one.metric), one.share, one.observed, one.expected, one.lower, one.upper, safe(one.unit)]
    return cells + [None] * (len(_OF_METRIC) * _METRICS - len(cells))
