"""`tocsin replay`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.broker.options import with_broker_options
from tocsin.recordings.column_options import PANEL, with_column_options

if TYPE_CHECKING:
    from tocsin.broker.options import BrokerOptions
    from tocsin.recordings.column_options import ColumnOptions

_PACE = "Pace"
FILES = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE", help="CSV or JSON lines, plain or gzip.", exists=True, dir_okay=False, readable=True
    ),
]
DEVICE = Annotated[str | None, typer.Option(help="Name of the device; else each file's name.", rich_help_panel=PANEL)]


@with_broker_options
@with_column_options
def replay(  # noqa: PLR0913 - one parameter an option
    files: FILES,
    *,
    broker: BrokerOptions,
    columns: ColumnOptions,
    device: DEVICE = None,
    speed: Annotated[
        str | None, typer.Option(help="So many times the recorded pace; or max.", metavar="N", rich_help_panel=_PACE)
    ] = None,
    fastest: Annotated[
        bool, typer.Option("--max", help="As fast as the detector takes it (default).", rich_help_panel=_PACE)
    ] = False,
    recorded: Annotated[bool, typer.Option("--recorded", help="At the recorded pace.", rich_help_panel=_PACE)] = False,
    restart: Annotated[
        bool, typer.Option("--restart", help="Begin anew where an interrupted replay would go on.")
    ] = False,
) -> None:
    """Publish recorded files as readings: each replay is a run of its own; an interrupted one goes on."""
    from tocsin.recordings import replaying  # noqa: PLC0415 - help must not wait for it

    pace = replaying.Pace(speed=speed, fastest=fastest, recorded=recorded)
    raise typer.Exit(replaying.replay_files(broker.settings(), files, columns.columns(device), pace, restart=restart))
