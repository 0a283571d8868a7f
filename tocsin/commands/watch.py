"""`tocsin watch`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.broker.options import with_broker_options
from tocsin.terminal import CommandError

if TYPE_CHECKING:
    from tocsin.broker.options import BrokerOptions


@with_broker_options
def watch(
    *,
    broker: BrokerOptions,
    alerts: Annotated[bool, typer.Option("--alerts", help="One line for each change of an alert.")] = False,
    json: Annotated[bool, typer.Option("--json", help="The alerts themselves, one JSON a line.")] = False,
) -> None:
    """Show what rings, as it rings, until Ctrl-C."""
    from tocsin.book import watching  # noqa: PLC0415 - help must not wait for it

    if alerts and json:
        raise CommandError("--alerts and --json exclude each other", code=2)
    watching.watch(broker.settings(), "json" if json else "alerts" if alerts else "bell")
