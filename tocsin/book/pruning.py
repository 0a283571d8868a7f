"""Has the explainer delete old alerts."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from storage.upkeep import prunable
from tocsin.book.alert_database import reading
from tocsin.book.orders import explainer_orders
from tocsin.terminal import CommandError, errors, output
from tocsin.time_words import day_and_clock, moment

if TYPE_CHECKING:
    from tocsin.command_settings import CommandSettings

_PATIENCE_S = 3600.0
_DAY_S = 86_400.0


def prune(settings: CommandSettings, older_than: str, *, ask: bool) -> None:
    """Delete what ended longer ago.

    Raises:
        CommandError: the span is none, somebody says no, or the explainer does not answer.
    """
    now = datetime.now(UTC)
    try:
        before = moment(older_than, now)
    except ValueError as error:
        raise CommandError(f"--older-than {error}", code=2) from error
    days = (now - before).total_seconds() / _DAY_S
    if days <= 0:
        raise CommandError(f"--older-than {older_than}: expected a time that is over", code=2)
    if ask:
        _confirm(settings, before)
    with explainer_orders(settings) as explainer:
        result = explainer.order("prune", {"older_than_days": days}, _PATIENCE_S).result or {}
    output().print(f"Deleted: {result.get('alerts', 0):,} alerts, {result.get('dead_letters', 0):,} refused messages")


def _confirm(settings: CommandSettings, before: datetime) -> None:
    with reading(settings.database_url) as engine, engine.connect() as connection:
        count = prunable(connection, before)
    question = f"Delete {count:,} alerts that ended before {day_and_clock(before)}, with all about them?"
    if not sys.stdin.isatty():
        raise CommandError(question, "--yes deletes them without a question", code=2)
    errors().print(f"{question} [y/N] ", end="")
    if input().strip().lower() not in {"y", "yes"}:
        raise CommandError("nothing deleted")
