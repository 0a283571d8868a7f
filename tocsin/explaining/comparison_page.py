"""A comparison of templates and models as one HTML file, without anything from elsewhere."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from tocsin.explaining.comparison_tables import COLUMNS, score_cells

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from contracts.alert import Alert
    from explainer.llm.comparing import Score, Trial

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; color: #1c2733 }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 2rem }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid #d5dde5 }
.number { text-align: right } .explained { color: #17693a } .ungrounded, .invalid, .error { color: #a3261c }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"  # no script, whatever a name or a model says


def page(alerts: Sequence[Alert], trials: Sequence[Trial], found: Iterable[Score]) -> str:
    """Write the page."""
    head = "".join(f"<th>{escape(name)}</th>" for name in COLUMNS)
    rows = "".join(f"<tr>{_cells(score_cells(score))}</tr>" for score in found)
    incidents = "".join(_incident(alert, [one for one in trials if one.incident == alert.incident]) for alert in alerts)
    return (
        "<!doctype html><html lang='en'><meta charset='utf-8'><title>Explanations side by side</title>"
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><style>{_STYLE}</style>'
        f"<h1>Explanations side by side</h1><table><tr>{head}</tr>{rows}</table>{incidents}</html>\n"
    )


def _cells(cells: Sequence[str]) -> str:
    first, *others = cells
    return f"<td>{escape(first)}</td>" + "".join(f"<td class='number'>{escape(one)}</td>" for one in others)


def _incident(alert: Alert, trials: Iterable[Trial]) -> str:
    rows = "".join(_answer(trial) for trial in trials)
    return (
        f"<h2>{escape(alert.device)}: {escape(alert.evidence.kind.replace('_', ' '))}</h2>"
        f"<p>{escape(alert.evidence.text)}</p>"
        f"<table><tr><th>template · model<th>verdict<th>label<th>reason<th>causes</tr>{rows}</table>"
    )


def _answer(trial: Trial) -> str:
    verdict = trial.outcome if trial.error is None else f"{trial.outcome}: {trial.error}"
    causes = "<br>".join(escape(cause) for cause in trial.causes)
    return (
        f"<tr><td>{escape(trial.contender)}<td class='{escape(trial.outcome)}'>{escape(verdict)}"
        f"<td>{escape(trial.label)}<td>{escape(trial.reason)}<td>{causes}</tr>"
    )
