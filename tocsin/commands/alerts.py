"""`tocsin alerts`."""

from __future__ import annotations

from typing import Annotated, Any, get_args

import typer

from tocsin.terminal import CommandError

DATABASE = Annotated[
    str | None,
    typer.Option(help="File or URL of the database [TOCSIN_DATABASE_URL, data/alerts.db].", show_default=False),
]
SINCE = Annotated[str | None, typer.Option(help="Opened since: 30m, 2h, 7d, or a time such as 2026-11-22T06:30.")]
UNTIL = Annotated[str | None, typer.Option(help="Opened before, in the same words.")]
DEVICE = Annotated[str | None, typer.Option(help="Of this device.")]


def alerts(  # noqa: PLR0913 - one parameter an option
    *,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[show] [INCIDENT]",
            help="Show this one with all about it: its id, or its first characters.",
            show_default=False,
        ),
    ] = None,
    since: SINCE = None,
    until: UNTIL = None,
    device: DEVICE = None,
    status: Annotated[
        list[str] | None, typer.Option(help="open, closed, acknowledged or snoozed; may be given more than once.")
    ] = None,
    only_open: Annotated[bool, typer.Option("--open", help="Those that are not over.")] = False,
    severity: Annotated[str | None, typer.Option(help="At least: info, minor, major, critical.")] = None,
    kind: Annotated[
        list[str] | None, typer.Option(help="spike, drift, stuck, silence …; may be given more than once.")
    ] = None,
    search: Annotated[
        str | None, typer.Option(help="Words, or beginnings of words, in device, label, reason and causes.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 50,
    after: Annotated[str | None, typer.Option(help="Go on after a list that was cut, with what it said.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON a line.")] = False,
    database: DATABASE = None,
) -> None:
    """List the alerts of the database, newest first, or show one with all about it."""
    from tocsin.book import alert_listing  # noqa: PLC0415 - help must not wait for it
    from tocsin.book.alert_database import asked_database  # noqa: PLC0415

    incident = _incident(words or [])
    url = asked_database(database)
    if incident is not None:
        alert_listing.show_alert(url, incident, as_json=json)
        return
    choice = alert_listing.Choice(
        since=since,
        until=until,
        device=device,
        status=_known("--status", status),
        only_open=only_open,
        severity=next(iter(_known("--severity", [severity] if severity else None)), None),
        kinds=_known("--kind", kind),
        text=search,
        limit=limit,
        after=after,
    )
    alert_listing.list_alerts(url, choice, as_json=json)


def _incident(words: list[str]) -> str | None:
    """Read `INCIDENT` or `show INCIDENT`."""
    given = words[1:] if words[:1] == ["show"] else words
    if len(given) > 1 or (words and not given):
        raise CommandError("expected one incident", "tocsin alerts show INCIDENT", code=2)
    return given[0] if given else None


def _known(option: str, given: list[str] | None) -> Any:  # noqa: ANN401 - as many literals as options
    from contracts.alert import Status  # noqa: PLC0415 - help must not wait for it
    from contracts.anomaly import Kind, Severity  # noqa: PLC0415

    allowed = get_args({"--status": Status, "--severity": Severity, "--kind": Kind}[option])
    names = [one.strip().lower().replace("-", "_") for one in given or []]
    for name in names:
        if name not in allowed:
            raise CommandError(f"{option} {name}: expected one of {', '.join(allowed)}", code=2)
    return names
