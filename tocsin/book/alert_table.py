"""Alerts as a table, and one alert in full."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from tocsin.book.bell_lines import SEVERITY_STYLES
from tocsin.terminal import printable
from tocsin.time_words import day_and_clock, moment_with_zone, shortly, span_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contracts.alert import Alert
    from contracts.anomaly import Contribution

SHOWN_ID = 8


def alert_table(alerts: Sequence[Alert], *, for_people: bool) -> Table:
    """Lay out alerts, one a row; for a pipe without lines and without folding, but with all columns."""
    table = Table(box=box.SIMPLE_HEAD if for_people else None, pad_edge=False, show_edge=False, header_style="bold")
    for name in ("opened", "incident", "device", "severity", "status", "lasted"):
        table.add_column(name, no_wrap=not for_people or name != "device", overflow="fold")
    table.add_column("label", overflow="fold", no_wrap=not for_people)
    if not for_people:
        table.add_column("reason", no_wrap=True)
    for alert in alerts:
        table.add_row(*_row(alert, for_people=for_people))
    return table


def alert_fields(alert: Alert) -> Iterator[tuple[str, str]]:
    """Name and value of all that an alert itself says."""
    yield "incident", alert.incident
    yield "device", alert.device if alert.run is None else f"{alert.device} (replay {alert.run})"
    yield "status", _status(alert)
    yield "opened", moment_with_zone(alert.opened_at)
    if alert.closed_at is not None:
        yield "closed", f"{moment_with_zone(alert.closed_at)}, after {_lasted(alert)}"
    yield "label", alert.label
    yield "reason", alert.reason
    if alert.causes:
        yield "causes", "\n".join(f"{one.confidence:>4.0%}  {one.cause}" for one in alert.causes)
    if alert.actions:
        yield "actions", "\n".join(f"{number}. {action}" for number, action in enumerate(alert.actions, 1))
    yield "evidence", alert.evidence.text
    if alert.explanation.doubtful is not None:
        yield "not borne out", f"a model says, and the evidence does not bear it out: {alert.explanation.doubtful}"
    yield "metrics", "\n".join(_contribution(one) for one in alert.evidence.contributions) or "none"
    yield "score", f"{alert.evidence.score:.3f}, peak {alert.evidence.peak:.3f}, confidence {alert.confidence:.3f}"
    yield "explained", _explained(alert)


def _row(alert: Alert, *, for_people: bool) -> list[str | Text]:
    cells: list[str | Text] = [
        shortly(alert.opened_at, datetime.now(UTC)) if for_people else day_and_clock(alert.opened_at),
        alert.incident[:SHOWN_ID],
        Text(printable(alert.device)),
        Text(alert.severity, style=SEVERITY_STYLES[alert.severity]),
        alert.status,
        _lasted(alert),
        Text(printable(alert.label)),
    ]
    return cells if for_people else [*cells, Text(printable(alert.reason).replace("\n", " "))]


def _lasted(alert: Alert) -> str:
    if alert.closed_at is not None:
        return span_words(alert.closed_at - alert.opened_at)
    if alert.run is not None:  # the clock of a recording
        return "…"
    return span_words(datetime.now(UTC) - alert.opened_at) + "…"


def _contribution(one: Contribution) -> str:
    unit = f" {one.unit}" if one.unit else ""
    words = f"{one.share:>4.0%}  {one.metric}: " + ("no value" if one.observed is None else f"{one.observed:g}{unit}")
    if one.expected is not None:
        words += f", expected {one.expected:g}{unit}"
    if one.lower is not None and one.upper is not None:
        words += f" ({one.lower:g} to {one.upper:g})"
    return words


def _explained(alert: Alert) -> str:
    explanation = alert.explanation
    words = [f"by {explanation.source}"]
    words += [f"{explanation.provider} {explanation.model}"] if explanation.model else []
    words += [f"for {explanation.devices} devices at once"] if explanation.devices else []
    words += ["a model's answer is still owed"] if explanation.pending else []
    words += [f"without a model: {explanation.error}"] if explanation.error else []
    words += ["not grounded in the evidence"] if explanation.grounded is False else []
    return "; ".join(words)


def _status(alert: Alert) -> str:
    words = f"{alert.status}, {alert.severity}"
    words += f", until {day_and_clock(alert.snoozed_until)}" if alert.snoozed_until else ""
    words += f", {alert.verdict.replace('_', ' ')}" if alert.verdict else ""
    return words + (f", part of site incident {alert.site_incident[:SHOWN_ID]}" if alert.site_incident else "")
