"""Prints the digest of a week."""

from __future__ import annotations

from datetime import datetime

from explainer.upkeep.calendar import week_of
from explainer.upkeep.digest import digest_text
from storage.week import figures
from tocsin.book.alert_database import reading
from tocsin.terminal import CommandError, output, printable


def print_digest(url: str, week: str | None) -> None:
    """Print it.

    Raises:
        CommandError: the database cannot be read, or the week is none.
    """
    try:
        start, end = week_of(week, datetime.now().astimezone())
    except ValueError as error:
        raise CommandError(f"--week {error}", code=2) from error
    with reading(url) as engine, engine.connect() as connection:
        text = digest_text(figures(connection, start, end), start, end)
    output().print(printable(text), end="")
