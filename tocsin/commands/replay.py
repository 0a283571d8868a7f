"""`tocsin replay`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.broker_options import with_broker_options

if TYPE_CHECKING:
    from tocsin.broker_options import BrokerOptions

_COLUMNS = "Columns, where they are not found by themselves"
_PACE = "Pace"
FILES = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE", help="CSV or JSON lines, plain or gzip.", exists=True, dir_okay=False, readable=True
    ),
]
DEVICE = Annotated[
    str | None, typer.Option(help="Name of the device; else each file's name.", rich_help_panel=_COLUMNS)
]
DEVICE_COLUMN = Annotated[str | None, typer.Option(help="Column that names the device.", rich_help_panel=_COLUMNS)]
TIME_COLUMN = Annotated[
    list[str] | None,
    typer.Option(help="Column of the time; twice for day and clock.", show_default=False, rich_help_panel=_COLUMNS),
]
TIME_FORMAT = Annotated[
    str | None, typer.Option(help="iso, s, ms, us, ns, or such as '%d.%m.%Y %H:%M'.", rich_help_panel=_COLUMNS)
]
TIMEZONE = Annotated[
    str | None, typer.Option(help="Of times that name none, such as Europe/Berlin; else UTC.", rich_help_panel=_COLUMNS)
]
INTERVAL = Annotated[
    float | None,
    typer.Option(help="Seconds between rows that have no time.", metavar="SECONDS", rich_help_panel=_COLUMNS),
]
TRUTH_COLUMN = Annotated[
    list[str] | None,
    typer.Option(help="Column of ground truth; it goes to truth/ alone.", show_default=False, rich_help_panel=_COLUMNS),
]
LEAVE_OUT = Annotated[
    list[str] | None, typer.Option(help="Column that is not wanted.", show_default=False, rich_help_panel=_COLUMNS)
]


@with_broker_options
def replay(  # noqa: PLR0913 - one parameter an option
    files: FILES,
    *,
    broker: BrokerOptions,
    device: DEVICE = None,
    device_column: DEVICE_COLUMN = None,
    time_column: TIME_COLUMN = None,
    time_format: TIME_FORMAT = None,
    timezone: TIMEZONE = None,
    interval: INTERVAL = None,
    truth_column: TRUTH_COLUMN = None,
    leave_out: LEAVE_OUT = None,
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
    from tocsin import replaying  # noqa: PLC0415 - help must not wait for it

    columns = replaying.Columns(
        device=device,
        device_column=device_column,
        time=time_column or (),
        time_format=time_format,
        timezone=timezone,
        interval=interval,
        truth=truth_column or (),
        leave_out=leave_out or (),
    )
    pace = replaying.Pace(speed=speed, fastest=fastest, recorded=recorded)
    raise typer.Exit(replaying.replay_files(broker.settings(), files, columns, pace, restart=restart))
