"""`tocsin cost`: what explaining took, and when a budget was used up."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table

from storage import explaining
from tocsin.book.alert_database import reading
from tocsin.terminal import CommandError, output, printable
from tocsin.time_words import day_and_clock, moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from storage.records import BudgetStop

GROUPS = ("day", "provider", "model", "template", "device")
_SHOWN = ("calls", "prompt_tokens", "answer_tokens", "cost", "grounded", "ungrounded", "cached", "shared")
_HEADS = ("calls", "tokens asked", "tokens answered", "cost", "grounded", "not grounded", "from memory", "shared")
_SHOWN_STOPS = 10


@dataclass(frozen=True, slots=True)
class CostReport:
    """Rows of sums, their total, and when budgets were used up."""

    rows: list[dict[str, Any]]
    total: dict[str, Any]
    stops: list[BudgetStop]

    @property
    def hit_rate(self) -> float | None:
        """Share of explanations that asked nobody, 0 to 1; None where nothing was explained."""
        saved = (self.total["cached"] or 0) + (self.total["shared"] or 0)
        explained = saved + (self.total["grounded"] or 0)
        return saved / explained if explained else None


def show_costs(url: str, since: str, by: Sequence[str], *, as_json: bool) -> None:
    """Show what explaining took.

    Raises:
        CommandError: `since` or `by` is none, or the database cannot be read.
    """
    try:
        start = moment(since, datetime.now(UTC))
    except ValueError as error:
        raise CommandError(f"--since {error}", code=2) from error
    if wrong := [name for name in by if name not in GROUPS]:
        raise CommandError(f"--by {', '.join(wrong)}: expected some of {', '.join(GROUPS)}", code=2)
    with reading(url) as engine, engine.connect() as connection:
        rows = explaining.costs(connection, start, by)
        (total,) = explaining.costs(connection, start, ())
        report = CostReport(rows, total, explaining.budget_stops(connection, start))
    if as_json:
        stops = [asdict(one) | {"at": one.at.isoformat()} for one in report.stops]
        print(json.dumps({"rows": rows, "total": total, "hit_rate": report.hit_rate, "budget_stops": stops}))  # noqa: T201
    else:
        _show(report, by)


def _show(report: CostReport, by: Sequence[str]) -> None:
    screen = output()
    if not report.total["attempts"]:
        screen.print("No model was asked in this time.")
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold", show_footer=True)
    for index, name in enumerate(by):
        table.add_column(name, footer="all" if index == 0 else "", overflow="fold")
    for name, total in zip(_HEADS, _figures(report.total), strict=True):
        table.add_column(name, justify="right", footer=total)
    for row in report.rows:
        table.add_row(*(printable(str(row[name])) for name in by), *_figures(row))
    screen.print(table)
    if report.hit_rate is not None:
        saved = (report.total["cached"] or 0) + (report.total["shared"] or 0)
        screen.print(f"\nCalls saved: {saved:,}, {report.hit_rate:.0%} of what was explained.")
    for line in _stop_words(report.stops):
        screen.print(line)


def _figures(row: dict[str, Any]) -> list[str]:
    return [f"{row[name] or 0:,.4f}" if name == "cost" else f"{row[name] or 0:,}" for name in _SHOWN]


def _stop_words(stops: Sequence[BudgetStop]) -> Iterable[str]:
    if stops:
        yield "\nBudgets used up; explanations waited, alerts did not:"
    for stop in stops[-_SHOWN_STOPS:]:
        yield (
            f"  {day_and_clock(stop.at)}  {stop.budget}: {stop.used:g} of {stop.allowed:g}, "
            f"{stop.owed:,} incidents waited"
        )
    if len(stops) > _SHOWN_STOPS:
        yield f"  and {len(stops) - _SHOWN_STOPS} times before"
