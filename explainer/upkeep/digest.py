"""The weekly digest: what rang, what is open, what people said of it, in plain text."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from explainer.words.wording import clean, number, span

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from storage.week import SpanFigures

_SEVERITIES = ("critical", "major", "minor", "info")
_NAME = 40


def digest_text(figures: SpanFigures, start: datetime, end: datetime) -> str:
    """Write the digest of a span of time.

    Args:
        figures: what happened in it.
        start: where the span begins, in the zone that the text shall speak of.
        end: where it ends.
    """
    lines = [f"Tocsin, {_day(start)} to {_day(end - timedelta(seconds=1))}: {_counted(figures.incidents, 'incident')}"]
    lines += ["", *_overview(figures), "", *_devices(figures), *_open(figures, end), *_rest(figures)]
    return "\n".join(lines).rstrip() + "\n"


def _overview(figures: SpanFigures) -> Iterator[str]:
    if not figures.incidents:
        yield f"Nothing rang. The week before had {_counted(figures.before, 'incident')}."
        return
    severities = [f"{figures.by_severity[name]} {name}" for name in _SEVERITIES if name in figures.by_severity]
    yield f"By severity: {', '.join(severities)}. The week before had {_counted(figures.before, 'incident')}."
    kinds = [f"{count} {kind.replace('_', ' ')}" for kind, count in figures.by_kind.items()]
    yield f"By kind: {', '.join(kinds)}."
    confirmed, false = (figures.verdicts.get(name, 0) for name in ("confirmed", "false_positive"))
    unsaid = figures.incidents - confirmed - false
    yield f"What people said: {confirmed} confirmed, {false} false positive, {unsaid} without a word."


def _devices(figures: SpanFigures) -> Iterator[str]:
    if not figures.devices:
        return
    yield "Devices that rang most:"
    for one in figures.devices:
        lasted = f", {span(timedelta(seconds=one.seconds))} in all" if one.seconds else ""
        severe = f", {one.severe} of them major or critical" if one.severe else ""
        yield f"  {clean(one.device, _NAME)}: {_counted(one.incidents, 'incident')}{severe}{lasted}"
    yield ""


def _open(figures: SpanFigures, end: datetime) -> Iterator[str]:
    if not figures.open_count:
        yield "Open and not taken care of: none."
        return
    yield f"Open and not taken care of: {figures.open_count}"
    for alert in figures.open:
        since = alert.opened_at.astimezone(end.tzinfo)
        label = f"{clean(alert.device, _NAME)}: {clean(alert.label, 80)} [{alert.severity}]"
        yield f"  {alert.incident[:8]}  {label}, since {since:%Y-%m-%d %H:%M}"
    if figures.open_count > len(figures.open):
        yield f"  and {figures.open_count - len(figures.open)} more: tocsin alerts --status open"


def _rest(figures: SpanFigures) -> Iterator[str]:
    if figures.refused:
        yield ""
        yield "Messages that could not be used:"
        for source, count in figures.refused.items():
            yield f"  {clean(source, _NAME)}: {count}"
    if figures.explained:
        cost = "" if figures.cost is None else f", cost {number(figures.cost)}"
        yield ""
        yield f"Explained by a language model: {figures.explained}{cost}"
    if figures.replayed:
        yield ""
        yield f"Replays of recordings, not counted above: {_counted(figures.replayed, 'incident')}"


def _day(time: datetime) -> str:
    return f"{time:%Y-%m-%d}"


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
