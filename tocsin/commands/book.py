"""`tocsin export`, `import`, `backup`, `prune` and `digest`: the alert book as a whole."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.broker.options import with_broker_options
from tocsin.commands.alerts import DATABASE, DEVICE, SINCE, UNTIL  # noqa: TC001 - typer reads the annotations
from tocsin.terminal import CommandError

if TYPE_CHECKING:
    from tocsin.broker.options import BrokerOptions


def export(  # noqa: PLR0913 - one parameter an option
    file: Annotated[Path, typer.Argument(help="CSV, or JSON lines (.jsonl); with .gz packed; - for standard output.")],
    *,
    form: Annotated[
        str | None, typer.Option("--format", help="csv or jsonl, where the file's name does not say it.")
    ] = None,
    rows: Annotated[str, typer.Option(help="Of CSV: anomalies, or alerts.")] = "anomalies",
    since: SINCE = None,
    until: UNTIL = None,
    device: DEVICE = None,
    database: DATABASE = None,
) -> None:
    """Write the book to a file: CSV for a spreadsheet, or JSON lines with everything, for `tocsin import`."""
    from tocsin.book import export as book_export  # noqa: PLC0415 - help must not wait for it
    from tocsin.book.alert_database import asked_database  # noqa: PLC0415
    from tocsin.book.alert_listing import Choice  # noqa: PLC0415

    if rows not in {"anomalies", "alerts"}:
        raise CommandError(f"--rows {rows}: expected anomalies or alerts", code=2)
    filters = Choice(since=since, until=until, device=device).filters()
    shape = book_export.shape_of(file, form, rows)
    book_export.export_book(asked_database(database), file, shape, filters)


@with_broker_options
def import_book(
    *,
    broker: BrokerOptions,
    file: Annotated[
        Path, typer.Argument(help="JSON lines of `tocsin export`, plain or .gz.", exists=True, dir_okay=False)
    ],
) -> None:
    """Take an export into the book, through the explainer; what the book has already stays as it is."""
    from tocsin.book import importing as book_import  # noqa: PLC0415 - help must not wait for it

    book_import.import_book(broker.settings(), file)


def backup(
    file: Annotated[Path, typer.Argument(help="The copy; it must not exist yet.")],
    *,
    database: DATABASE = None,
) -> None:
    """Copy the database while it is in use, and look the copy through."""
    from tocsin.book import backup as book_backup  # noqa: PLC0415 - help must not wait for it
    from tocsin.book.alert_database import asked_database  # noqa: PLC0415

    book_backup.back_up(asked_database(database), file)


@with_broker_options
def prune(
    *,
    broker: BrokerOptions,
    older_than: Annotated[str, typer.Option(help="Ended longer ago than 90d, 52w …", show_default=False)],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete alerts that ended long ago, with all about them; open ones stay. The explainer does it."""
    from tocsin.book import pruning  # noqa: PLC0415 - help must not wait for it

    pruning.prune(broker.settings(), older_than, ask=not yes)


def digest(
    *,
    week: Annotated[
        str | None, typer.Option(help="Such as 2026-W47; else the seven days before now.", show_default=False)
    ] = None,
    database: DATABASE = None,
) -> None:
    """Say what rang in a week, what is open, what people said of it."""
    from tocsin.book import digest as book_digest  # noqa: PLC0415 - help must not wait for it
    from tocsin.book.alert_database import asked_database  # noqa: PLC0415

    book_digest.print_digest(asked_database(database), week)
