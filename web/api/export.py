"""Alerts as files: CSV that a spreadsheet may open, JSON lines for programs."""

from __future__ import annotations

import csv
import io
from itertools import islice
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
_BATCH = 500
_encoder = msgspec.json.Encoder()


def csv_lines(alerts: Iterable[Alert]) -> Iterator[bytes]:
    """Write alerts as CSV, a header first; what a spreadsheet would take for a formula begins with an apostrophe."""
    yield _lines([COLUMNS])
    for some in _batches(alerts):
        yield _lines([_cell(value) for value in _row(alert)] for alert in some)


def json_lines(alerts: Iterable[Alert]) -> Iterator[bytes]:
    """Write alerts as they stand on the bus, one a line."""
    for some in _batches(alerts):
        yield b"".join(_encoder.encode(alert) + b"\n" for alert in some)


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


def _lines(rows: Iterable[Iterable[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _batches(alerts: Iterable[Alert]) -> Iterator[list[Alert]]:
    """Take some at a time: what is sent costs more for each piece than for each byte."""
    source = iter(alerts)
    while some := list(islice(source, _BATCH)):
        yield some
