"""Ways to write the times that an alert tells: when its incident began, and since when it is so."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from explainer.words.wording import moment

if TYPE_CHECKING:
    from contracts.alert import Alert

_SINCE = re.compile(r"\bsince (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC")
_FORM = "%Y-%m-%d %H:%M:%S"


def moments_of(alert: Alert) -> tuple[str, ...]:
    """Return ways to write when the incident began, and since when it is so, where the evidence tells another time."""
    since = [time for found in _SINCE.findall(alert.evidence.text) if (time := _read(found)) is not None]
    return tuple(dict.fromkeys(way for time in (alert.opened_at, *since) for way in _ways(time)))


def _read(written: str) -> datetime | None:
    try:
        return datetime.strptime(written, _FORM).replace(tzinfo=UTC)
    except ValueError:  # in the name of a metric, anything may stand
        return None


def _ways(time: datetime) -> tuple[str, ...]:
    whole = moment(time)
    day, clock, zone = whole.split(" ")
    short = clock[:-3]
    month = f"{time:%B}"
    return (
        whole,
        f"{month} {time.day}, {time.year}",
        f"{time.day} {month} {time.year}",
        f"{month} {time.day}",
        f"{time.day} {month}",
        f"{time:%d.%m.%Y}",
        f"{day} {short} {zone}",
        f"{day} {clock}",
        f"{day}T{clock}Z",
        f"{day} {short}",
        f"{clock} {zone}",
        f"{short} {zone}",
        day,
        clock,
        short,
    )
