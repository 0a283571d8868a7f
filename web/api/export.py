"""Alerts as files: CSV that a spreadsheet may open, JSON lines for programs."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from contracts.alert import Alert

CSV = "text/csv"
JSON_LINES = "application/x-ndjson"
COLUMNS = (
    "opened_at", "closed_at", "device", "severity", "status", "verdict", "kind", "label", "reason", "confidence",
    "score", "peak", "readings", "causes", "actions", "explained_by", "run", "incident",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_encoder = msgspec.json.Encoder()


def csv_lines(alerts: Iterable[Alert]) -> Iterator[str]:
    """Write alerts as CSV, a header first; what a spreadsheet would take for a formula begins with an apostrophe."""
    yield _line(COLUMNS)
    for alert in alerts:
        yield _line([_cell(value) for value in _row(alert)])


def json_lines(alerts: Iterable[Alert]) -> Iterator[bytes]:
    """Write alerts as they stand on the bus, one a line."""
    for alert in alerts:
        yield _encoder.encode(alert) + b"\n"


def _row(alert: Alert) -> list[object]:
    evidence, explanation = alert.evidence, alert.explanation
    return [
        alert.opened_at.isoformat(),
        alert.closed_at.isoformat() if alert.closed_at else None,
        alert.device,
        alert.severity,
        alert.status,
        alert.verdict,
        evidence.kind,
        alert.label,
        alert.reason,
        alert.confidence,
        evidence.score,
        evidence.peak,
        evidence.readings,
        "; ".join(f"{cause.cause} ({cause.confidence:.0%})" for cause in alert.causes),
        "; ".join(alert.actions),
        explanation.model or explanation.source,
        alert.run,
        alert.incident,
    ]


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _line(cells: Iterable[object]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()
