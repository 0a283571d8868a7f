"""`tocsin alerts`."""

from __future__ import annotations

from typing import Annotated

import typer


def alerts(  # noqa: PLR0913 - one parameter an option
    *,
    incident: Annotated[
        str | None, typer.Argument(help="Show this one in full: its id, or its first characters.", show_default=False)
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="Opened since: 30m, 2h, 7d, or a time such as 2026-11-22T06:30.")
    ] = None,
    device: Annotated[str | None, typer.Option(help="Of this device.")] = None,
    only_open: Annotated[bool, typer.Option("--open", help="Those that are not over.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 50,
    json: Annotated[bool, typer.Option("--json", help="One JSON a line.")] = False,
    database: Annotated[
        str | None,
        typer.Option(help="File or URL of the database [TOCSIN_DATABASE_URL, data/alerts.db].", show_default=False),
    ] = None,
) -> None:
    """List the alerts of the database, newest first."""
    from tocsin import alert_listing  # noqa: PLC0415 - help must not wait for it
    from tocsin.alert_database import database_url  # noqa: PLC0415
    from tocsin.command_settings import command_settings  # noqa: PLC0415

    url = database_url(database) if database else command_settings().database_url
    if incident is not None:
        alert_listing.show_alert(url, incident, as_json=json)
    else:
        choice = alert_listing.Choice(since=since, device=device, only_open=only_open, limit=limit)
        alert_listing.list_alerts(url, choice, as_json=json)
