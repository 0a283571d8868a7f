"""One incident with all that the book holds of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
from rich.text import Text

from contracts.anomaly import Anomaly
from tocsin.book.alert_table import SHOWN_ID, alert_fields
from tocsin.terminal import printable
from tocsin.time_words import day_and_clock, shortly, span_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.service import Feedback
    from storage.incident import WholeIncident
    from storage.records import Attempt
    from storage.similar import Earlier

_SHOWN_ANOMALIES = 10
_decoder = msgspec.json.Decoder(Anomaly)


def incident_in_full(whole: WholeIncident) -> Text:
    """Write all that is known of an incident, a name before each part."""
    lines = []
    for name, value in (*alert_fields(whole.alert), *_fields(whole)):
        first, *rest = printable(value).split("\n")
        lines.append(Text.assemble((f"{name:<12} ", "bold"), first))
        lines += [Text(f"{'':<12} {line}") for line in rest]
    return Text("\n").join(lines)


def _fields(whole: WholeIncident) -> Iterator[tuple[str, str]]:
    if whole.said:
        yield "people said", "\n".join(_said(word) for word in whole.said)
    if whole.attempts:
        yield "asked", "\n".join(_attempt(attempt) for attempt in whole.attempts)
    yield "anomalies", "\n".join(_anomalies(whole))
    if whole.earlier:
        yield "like it", "\n".join(_earlier(one) for one in whole.earlier)


def _said(word: Feedback) -> str:
    words = f"{day_and_clock(word.at)} {word.verdict.replace('_', ' ')}"
    words += f" until {day_and_clock(word.until)}" if word.until else ""
    words += f", {_line(word.by)}" if word.by else ""
    return words + (f": {_line(word.note)}" if word.note else "")


def _attempt(attempt: Attempt) -> str:
    words = f"{day_and_clock(attempt.started_at)} {attempt.provider} {attempt.model} ({attempt.template})"
    words += f": {attempt.outcome}"
    words += f", {attempt.latency_ms / 1000:.1f} s" if attempt.latency_ms is not None else ""
    words += f", {attempt.prompt_tokens + attempt.answer_tokens} tokens"
    words += f", cost {attempt.cost:.4g}" if attempt.cost is not None else ""
    return words + (f"; {attempt.error}" if attempt.error else "")


def _anomalies(whole: WholeIncident) -> Iterator[str]:
    yield f"{whole.anomaly_count:,} stored"
    for body in whole.anomalies[:_SHOWN_ANOMALIES]:
        one = _decoder.decode(body)
        leading = max(one.contributions, key=lambda part: part.share, default=None)
        metric = f", {_line(leading.metric)} {leading.share:.0%}" if leading else ""
        kind = one.kind.replace("_", " ")
        yield f"{day_and_clock(one.measured_at)} {one.incident.phase:<6} {kind}, score {one.score:.3f}{metric}"
    if whole.anomaly_count > _SHOWN_ANOMALIES:
        yield f"… all: tocsin alerts show {whole.alert.incident[:SHOWN_ID]} --json"


def _earlier(one: Earlier) -> str:
    alert = one.alert
    lasted = f", lasted {span_words(alert.closed_at - alert.opened_at)}" if alert.closed_at else ""
    words = f"{one.likeness:>4.0%}  {alert.incident[:SHOWN_ID]}  {shortly(alert.opened_at, datetime.now(UTC))}  "
    words += f"{_line(alert.label)}{lasted}"
    words += f", {alert.verdict.replace('_', ' ')}" if alert.verdict else ""
    notes = [_line(word.note) for word in one.said if word.note]
    return words + (f": {notes[-1]}" if notes else "")


def _line(text: str) -> str:
    return text.replace("\n", " ")
