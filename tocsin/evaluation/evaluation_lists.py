"""Lists every fault with what became of it, and every incident with what was said and the fault it opened in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from explainer.evidence import leading_contributions
from explainer.words.usual import seen_and_expected
from explainer.words.wording import quantity
from tocsin.terminal import counted, output, printable
from tocsin.time_words import span_words_s

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from contracts.alert import Alert
    from tocsin.evaluation.evaluation import Evaluation
    from tocsin.evaluation.faults import Fault, Judgement
    from tocsin.evaluation.track import Incident

_SHOWN = 20
_NO_VALUE = frozenset({"stuck", "dropout", "silence"})  # what was seen is in their label, or was not seen


@dataclass(frozen=True, slots=True)
class _Line:
    start: float
    device: str
    cells: tuple[str, ...]


def fault_list(evaluations: Sequence[Evaluation], *, everything: bool) -> Iterator[RenderableType]:
    """Yield a table of faults in the order of their time, and how many more there are."""
    lines = [
        _Line(judgement.fault.start, one.track.device, _fault_cells(one, judgement))
        for one in evaluations
        for judgement in one.faults
    ]
    yield from _list(lines, ("fault", "from (UTC)", "to", "what became of it"), len(evaluations), everything=everything)


def incident_list(evaluations: Sequence[Evaluation], *, everything: bool) -> Iterator[RenderableType]:
    """Yield a table of incidents in the order of their time, and how many more there are."""
    lines = [
        _Line(one.track.times[incident.first], one.track.device, _incident_cells(one, incident, fault))
        for one in evaluations
        for incident, fault in one.incidents
    ]
    columns = ("incident from (UTC)", "to", "kind", "in fault", "what was said")
    yield from _list(lines, columns, len(evaluations), everything=everything)


def _list(lines: list[_Line], columns: Sequence[str], devices: int, *, everything: bool) -> Iterator[RenderableType]:
    if not lines:
        return
    lines.sort(key=lambda line: line.start)
    shown = lines if everything else lines[:_SHOWN]
    console = output()
    table = Table(box=box.SIMPLE_HEAD if console.is_terminal else None, pad_edge=False, header_style="bold")
    for name in (*(["device"] if devices > 1 else []), *columns):
        table.add_column(name, no_wrap=not console.is_terminal, overflow="fold")
    for line in shown:
        cells = (*([line.device] if devices > 1 else []), *line.cells)
        table.add_row(*(Text(printable(cell)) for cell in cells))
    if not console.is_terminal:
        yield ""
    yield table
    if len(shown) < len(lines):
        yield f"and {len(lines) - len(shown):,} more: --all lists them"


def _fault_cells(one: Evaluation, judgement: Judgement) -> tuple[str, ...]:
    fault = judgement.fault
    return _named(one, fault), _clock(fault.start), _clock_after(fault.start, fault.end), _became(one, judgement)


def _became(one: Evaluation, judgement: Judgement) -> str:
    if judgement.outcome == "already_ringing" and judgement.incident is not None:
        return f"already ringing, since {_clock(one.track.times[judgement.incident.first])}"
    if judgement.outcome == "found" and judgement.delay is not None:
        rows, seconds = judgement.delay
        return f"found after {span_words_s(seconds)} ({counted(rows, 'row')})"
    if judgement.outcome == "found":
        return "found: nothing was sent meanwhile"
    return "missed" if judgement.outcome == "missed" else "not counted: over before verdicts count"


def _incident_cells(one: Evaluation, incident: Incident, fault: Fault | None) -> tuple[str, ...]:
    times, early = one.track.times, incident.first < one.track.judged_from
    return (
        _clock(times[incident.first]),
        _clock_after(times[incident.first], times[incident.last]) if incident.over else "still open",
        incident.kind.replace("_", " "),
        ("false" if fault is None else _named(one, fault)) + (", early" if early else ""),
        "" if incident.alert is None else _said(incident.alert),
    )


def _said(alert: Alert) -> str:
    """Say what was wrong and, where there are such figures, what was seen and what was expected."""
    leading = leading_contributions(alert.evidence.contributions)
    if not leading:
        return alert.label
    first = leading[0]
    if alert.evidence.kind not in _NO_VALUE:
        return f"{alert.label}: {seen_and_expected(first)}"
    return alert.label if first.expected is None else f"{alert.label}, expected {quantity(first.expected, first.unit)}"


def _named(one: Evaluation, fault: Fault) -> str:
    number = next(number for number, other in enumerate(one.faults, 1) if other.fault is fault)
    return f"{number} {fault.name}".rstrip()


def _clock(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S}"


def _clock_after(start: float, end: float) -> str:
    """Write the end of what began at `start`: its day only where that is another one."""
    same = datetime.fromtimestamp(start, UTC).date() == datetime.fromtimestamp(end, UTC).date()
    return f"{datetime.fromtimestamp(end, UTC):%H:%M:%S}" if same else _clock(end)
