"""Looks at the messages of the last hour that could not be used."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from storage import queries
from tocsin.book.alert_database import reading, sqlite_file
from tocsin.book.refusals import INTERNAL_ERROR, refused_source
from tocsin.doctor.finding import Finding, bad, doubtful, good, skipped
from tocsin.terminal import CommandError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contracts.topics import Topics

_NAME = "dead letters"
_SHOWN = 5
_MAX_DETAIL = 160
_FLOOD = 60  # of a flood, the explainer keeps so many a minute


def dead_letters(url: str, topics: Topics, now: datetime | None = None) -> Finding:
    """Count them by reason and device; an error of Tocsin's own is wrong, all others are the devices'."""
    since = (now or datetime.now(UTC)) - timedelta(hours=1)
    try:
        with reading(url) as engine:
            rows = queries.dead_letter_counts(engine, since)
    except CommandError:
        return skipped(_NAME, "cannot be seen without the database")
    if not rows:
        return good(_NAME, "none in the last hour: every message could be used")
    return _judged(rows, url, topics)


def _judged(rows: Sequence[dict[str, Any]], url: str, topics: Topics) -> Finding:
    kinds: Counter[tuple[str, str]] = Counter()
    for row in rows:
        kinds[row["reason"], refused_source(row["device"], row["topic"], topics)] += row["count"]
    internal = [row for row in rows if row["reason"] == INTERNAL_ERROR]
    example = (internal or rows)[0]
    total = kinds.total()
    least = "at least " if total >= _FLOOD else ""
    seen = (
        f"{least}{total:,} message{'' if total == 1 else 's'} of the last hour could not be used: {_listed(kinds)};"
        f" such as: {example['detail'][:_MAX_DETAIL]}"
    )
    if internal:
        remedy = f"an error in Tocsin: the log of the {example['service']} says more; please report it; {_all(url)}"
        return bad(_NAME, seen, remedy)
    return doubtful(_NAME, seen, f"mend what is sent; {_all(url)}")


def _listed(kinds: Counter[tuple[str, str]]) -> str:
    most = sorted(kinds.items(), key=lambda one: (one[0][0] != INTERNAL_ERROR, -one[1], one[0]))
    words = ", ".join(f"{source} {count:,} ({reason})" for (reason, source), count in most[:_SHOWN])
    return words if len(most) <= _SHOWN else f"{words} and {len(most) - _SHOWN} other kinds"


def _all(url: str) -> str:
    query = "select * from dead_letters"
    file = sqlite_file(url)
    return f"all of them: {query}" if file is None else f"all of them: sqlite3 {file} '{query}'"
