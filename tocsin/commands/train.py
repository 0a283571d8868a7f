"""`tocsin train`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.recordings.column_options import with_column_options
from tocsin.terminal import CommandError

if TYPE_CHECKING:
    from tocsin.recordings.column_options import ColumnOptions

_DB = "db"


@with_column_options
def train(  # noqa: PLR0913 - one parameter an option
    *,
    columns: ColumnOptions,
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE", help="CSV or JSON lines, plain or gzip.", exists=True, dir_okay=False, readable=True
        ),
    ] = None,
    scenario: Annotated[
        str | None, typer.Option(help="The simulator instead of files: factory, quiet, storm, fleet, or a TOML file.")
    ] = None,
    source: Annotated[
        str | None,
        typer.Option("--from", metavar="FILE|db", help="A file, or db: what the detector remembers of the last hours."),
    ] = None,
    hours: Annotated[float, typer.Option(help="Simulated time of a scenario.")] = 1.0,
    seed: Annotated[int, typer.Option(min=0, help="Of what the scenario draws.")] = 1,
    device: Annotated[
        str | None, typer.Option(help="Train this device alone; of files without a device column: their device's name.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Directory of the models; else trained/ in TOCSIN_STATE_DIR (data/detector).", show_default=False
        ),
    ] = None,
) -> None:
    """Fit models from recorded files or from the simulator, for the detector to start from."""
    files = [*(files or []), *([Path(source)] if source not in {None, _DB} and source else [])]
    if sum((bool(files), bool(scenario), source == _DB)) != 1:
        raise CommandError(
            "give files, --scenario or --from db, one of them",
            "tocsin train FILE…",
            "tocsin train --scenario factory",
            code=2,
        )
    if not hours > 0:
        raise CommandError(f"--hours {hours:g}: expected more than 0", code=2)
    from tocsin.command_settings import command_settings  # noqa: PLC0415 - help must not wait for it
    from tocsin.models.training_screen import train_from_detector, train_from_files, train_from_scenario  # noqa: PLC0415

    folder = out or command_settings().state_dir / "trained"
    if source == _DB:
        raise typer.Exit(train_from_detector(command_settings().state_dir, device, folder))
    if scenario:
        raise typer.Exit(train_from_scenario(scenario, seed, hours, device, folder))
    raise typer.Exit(train_from_files(files, device, columns.columns().layout(), folder))
