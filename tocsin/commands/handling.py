"""`tocsin ack` and `tocsin snooze`; verdicts are `tocsin feedback`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.broker.options import with_broker_options
from tocsin.commands.alerts import DATABASE  # noqa: TC001 - typer reads it
from tocsin.terminal import CommandError

if TYPE_CHECKING:
    from tocsin.broker.options import BrokerOptions

_INCIDENT = Annotated[
    str, typer.Argument(help="Its id, or the first characters as `tocsin alerts` shows them.", show_default=False)
]
_NOTE = Annotated[str | None, typer.Option(help="A few words for those who read the alert later.")]


@with_broker_options
def ack(
    *,
    broker: BrokerOptions,
    incident: _INCIDENT,
    note: _NOTE = None,
    undo: Annotated[bool, typer.Option("--undo", help="Take back what was said of it, verdicts too.")] = False,
    database: DATABASE = None,
) -> None:
    """Say that somebody takes care of an incident; it rings no more unless it comes back."""
    from tocsin.book import handling  # noqa: PLC0415 - help must not wait for it
    from tocsin.book.alert_database import named_database  # noqa: PLC0415

    settings = broker.settings(database_url=named_database(database))
    handling.handle(settings, incident, "undo" if undo else "acknowledged", note)


@with_broker_options
def snooze(  # noqa: PLR0913 - one parameter an option
    *,
    broker: BrokerOptions,
    incident: _INCIDENT,
    span: Annotated[str | None, typer.Option("--for", help="So long: 30m, 2h, 7d.", show_default=False)] = None,
    until: Annotated[
        str | None, typer.Option(help="Until a time such as 2026-11-22T18:00.", show_default=False)
    ] = None,
    note: _NOTE = None,
    database: DATABASE = None,
) -> None:
    """Let an incident rest for a while; if it still lasts then, it rings again."""
    from tocsin.book import handling  # noqa: PLC0415 - help must not wait for it
    from tocsin.book.alert_database import named_database  # noqa: PLC0415

    if (span is None) == (until is None):
        raise CommandError("give --for or --until, one of both", "tocsin snooze INCIDENT --for 2h", code=2)
    settings = broker.settings(database_url=named_database(database))
    handling.handle(settings, incident, "snoozed", note, until=handling.snooze_end(span, until))
