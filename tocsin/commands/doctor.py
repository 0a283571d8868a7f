"""`tocsin doctor`."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.broker.options import with_broker_options

if TYPE_CHECKING:
    from tocsin.broker.options import BrokerOptions


@with_broker_options
def doctor(
    *,
    broker: BrokerOptions,
    database: Annotated[
        str | None, typer.Option(help="File or URL of the database; else TOCSIN_DATABASE_URL, data/alerts.db.")
    ] = None,
    state_dir: Annotated[
        Path | None, typer.Option(help="Directory of the detector's state; else TOCSIN_STATE_DIR, data/detector.")
    ] = None,
    send: Annotated[bool, typer.Option("--send", help="Send each webhook and mail address a test message.")] = False,
) -> None:
    """Look at every part and say what is wrong and what to do; exit code 1 if something is."""
    from tocsin.book.alert_database import database_url  # noqa: PLC0415 - help must not wait for it
    from tocsin.doctor.examination import examine  # noqa: PLC0415

    url = database_url(database) if database else None
    raise typer.Exit(examine(broker.settings(database_url=url, state_dir=state_dir), send=send))
