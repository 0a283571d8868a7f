"""The alert as a few lines for a terminal or a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explainer.evidence import leading_contributions
from explainer.words.earlier import earlier_words
from explainer.words.labels import name
from explainer.words.usual import seen_and_expected
from explainer.words.wording import clean, span

if TYPE_CHECKING:
    from contracts.alert import Alert
    from explainer.incidents.handling import News

_MAX_LINE = 400
_SHOWN_CAUSES = 2
_OF_DEVICE = frozenset(("silence", "clock", "schema"))  # the label names the device
_HEADS = {
    "opened": "🚨",
    "worsened": "🚨 Worse:",
    "reopened": "🚨 Again:",
    "woken": "⏰ Still there:",
    "reminded": "⏰ Still there:",
    "explained": "🔎",
    "unexplained": "🔎",
    "closed": "✅ Over:",
}


def bell_text(alert: Alert, news: News) -> str | None:
    """Write the lines for a piece of news, None when nobody needs to hear of it.

    The lines hold no control character but the line feed, and nothing that changes the direction of writing.
    """
    head = _HEADS.get(news)
    if head is None or (news == "worsened" and alert.status == "snoozed"):
        return None
    if news == "unexplained" and alert.explanation.doubtful is None:
        return None  # nothing is said that was not said before
    lines = [f"{head} {_what(alert)} [{alert.severity}]"]
    lines += _ending(alert) if news == "closed" else _body(alert, news)
    return "\n".join(clean(line, _MAX_LINE) for line in lines)


def _what(alert: Alert) -> str:
    device = name(alert.device)
    told = alert.evidence.kind in _OF_DEVICE and device in alert.label  # "fan 2 has gone silent"
    return alert.label if told else f"{device}: {alert.label}"


def _body(alert: Alert, news: News) -> list[str]:
    lines = [f"Why: {alert.reason}"]
    if alert.explanation.source != "evidence":
        lines += _seen(alert)
    if alert.explanation.devices is not None:
        lines.append(f"With it: {alert.explanation.devices} devices failed in the same minute.")
    if news in {"opened", "reopened"} and alert.evidence.earlier:
        lines.append(earlier_words(alert.evidence.earlier))
    if alert.explanation.doubtful is not None:
        lines.append(f"A model says, and the evidence does not bear it out: {alert.explanation.doubtful}")
    if news == "explained" or not alert.explanation.pending:
        lines += [f"Maybe: {'; '.join(cause.cause for cause in alert.causes[:_SHOWN_CAUSES])}"] if alert.causes else []
        lines += [f"First: {alert.actions[0]}"] if alert.actions else []
    return lines


def _seen(alert: Alert) -> list[str]:
    leading = leading_contributions(alert.evidence.contributions)
    if not leading:
        return []
    return ["Seen: " + "; ".join(f"{name(one.metric)} {seen_and_expected(one)}" for one in leading)]


def _ending(alert: Alert) -> list[str]:
    length = "" if alert.closed_at is None else f"Lasted {span(alert.closed_at - alert.opened_at)}, "
    readings = alert.evidence.readings
    counted = f"{readings} abnormal reading{'' if readings == 1 else 's'}, " if readings else ""
    return [f"{length}{counted}peak score {alert.evidence.peak:.3f}"]
