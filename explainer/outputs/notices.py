"""What outputs are told: one notice of a change, or one summary of many."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from contracts.alert import Alert
from contracts.anomaly import Severity
from explainer.bell import bell_text
from storage.records import Notification
from storage.rows import SEVERITY_RANK

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from explainer.incidents.handling import Change
    from explainer.outputs.rules import Output

_LISTED = 20


class Notice(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A message as people read it, and the alert as programs do; `news` says what happened."""

    title: str
    text: str
    news: str
    severity: Severity = "info"
    device: str | None = None
    alert: Alert | None = None
    count: int = 1


def notice_of(change: Change) -> Notice:
    """Say what a change is; the words are those of the bell."""
    alert = change.record.alert
    words = bell_text(alert, change.news) or f"👤 {alert.device}: {alert.label} [{alert.verdict or alert.status}]"
    title, _, text = words.partition("\n")
    return Notice(title=title, text=text, news=change.news, severity=alert.severity, device=alert.device, alert=alert)


def summary(notices: Sequence[Notice]) -> Notice:
    """Put many notices into one: how many, the most severe and newest by title."""
    worst = max((notice.severity for notice in notices), key=SEVERITY_RANK.__getitem__)
    devices = {notice.device for notice in notices if notice.device}
    title = f"🚨 {len(notices)} messages about {len(devices)} device{'' if len(devices) == 1 else 's'} [{worst}]"
    worst_last = sorted(notices, key=lambda notice: SEVERITY_RANK[notice.severity])  # among equals the newest last
    lines = [notice.title for notice in worst_last[: -_LISTED - 1 : -1]]
    lines += [f"and {len(notices) - _LISTED} more"] if len(notices) > _LISTED else []
    return Notice(title=title, text="\n".join(lines), news="summary", severity=worst, count=len(notices))


def written(notice: Notice) -> str:
    """Write a notice as the database keeps it."""
    return msgspec.json.encode(notice).decode()


def read(notification: Notification) -> Notice:
    """Read the notice of a notification."""
    return msgspec.json.decode(notification.body, type=Notice)


@dataclass(frozen=True, slots=True)
class OutputNotifier:
    """Chooses the outputs that shall hear of a change, and when."""

    outputs: Sequence[Output]

    def notifications(self, change: Change, now: datetime) -> list[Notification]:
        """Return a notification for each output that wants the change."""
        if change.news in {"none", "updated"}:
            return []
        alert = change.record.alert
        rank = SEVERITY_RANK[alert.severity]
        chosen = [output for output in self.outputs if output.wants(change.news, alert.device, rank)]
        body = written(notice_of(change)) if chosen else ""
        return [
            Notification(
                output=output.name,
                news=change.news,
                severity_rank=rank,
                body=body,
                queued_at=now,
                next_at=output.told_at(now, rank),
                incident=alert.incident,
            )
            for output in chosen
        ]

    def digest(self, text: str, now: datetime) -> list[Notification]:
        """Return a digest for each output that wants digests."""
        title, _, rest = text.partition("\n")
        body = written(Notice(title=title, text=rest.strip("\n"), news="digest"))
        chosen = [output for output in self.outputs if output.wants("digest", None, 0)]
        owed = partial(Notification, news="digest", severity_rank=0, body=body, queued_at=now)
        return [owed(output=output.name, next_at=output.told_at(now, 0)) for output in chosen]
