"""A comparison of templates and models as tables in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

from tocsin.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from contracts.alert import Alert
    from explainer.llm.comparing import Score, Trial

COLUMNS = (
    "template · model",
    "answered",
    "grounded",
    "labels agree",
    "label words",
    "reason words",
    "calls",
    "tokens",
    "seconds",
    "cost of 1,000",
)


def score_cells(score: Score) -> tuple[str, ...]:
    """Write a score as the cells of a row, in the order of COLUMNS."""
    return (
        printable(score.contender),
        f"{score.answered:.0%}",
        f"{score.grounded:.0%}",
        f"{score.agreement:.0%}",
        f"{score.label_words:.1f}",
        f"{score.reason_words:.1f}",
        f"{score.requests:.1f}",
        f"{score.tokens:.0f}",
        f"{score.latency_s:.1f}",
        "none" if score.cost is None else f"{1000 * score.cost:.2f}",
    )


def scores_table(found: Iterable[Score]) -> Table:
    """Lay out how the contenders did, one a row."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    for index, name in enumerate(COLUMNS):
        table.add_column(name, justify="left" if index == 0 else "right", overflow="fold")
    for score in found:
        table.add_row(*score_cells(score))
    return table


def answers_table(alert: Alert, trials: Sequence[Trial]) -> Table:
    """Lay out what was said of one incident, one contender a row."""
    title = printable(f"{alert.device}, {alert.evidence.kind}, incident {alert.incident[:8]}")
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in ("template · model", "verdict", "label", "reason"):
        table.add_column(name, overflow="fold")
    table.add_row("evidence", "", printable(alert.evidence.text.partition(". ")[0]), "")
    for trial in trials:
        verdict = trial.outcome if trial.error is None else f"{trial.outcome}: {trial.error}"
        table.add_row(*(printable(text) for text in (trial.contender, verdict, trial.label, trial.reason)))
    return table
