"""`tocsin feedback`."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.broker.options import with_broker_options
from tocsin.commands.alerts import DATABASE  # noqa: TC001 - typer reads it

if TYPE_CHECKING:
    from tocsin.broker.options import BrokerOptions


class Said(StrEnum):
    """What can be said of an incident."""

    CONFIRMED = "confirmed"
    FALSE_POSITIVE = "false-positive"
    UNDO = "undo"


@with_broker_options
def feedback(
    *,
    broker: BrokerOptions,
    incident: Annotated[
        str, typer.Argument(help="Its id, or the first characters as `tocsin alerts` shows them.", show_default=False)
    ],
    verdict: Annotated[
        Said,
        typer.Argument(
            help="confirmed: it was a trouble, never learn from it. false-positive: it was none, be silent about the "
            "like of it on this device. undo: forget what was said.",
            show_default=False,
        ),
    ],
    note: Annotated[str | None, typer.Option(help="A few words for those who read the alert later.")] = None,
    database: DATABASE = None,
) -> None:
    """Say whether an incident was a trouble; the detector and the alert book take note."""
    from tocsin.book import feedback_words  # noqa: PLC0415 - help must not wait for it
    from tocsin.book.alert_database import named_database  # noqa: PLC0415

    settings = broker.settings(database_url=named_database(database))
    feedback_words.say_of(settings, incident, verdict.value.replace("-", "_"), note)
