"""`tocsin evaluate` and `tocsin plot`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.evaluation.judging_options import with_judging_options
from tocsin.recordings.column_options import with_column_options
from tocsin.terminal import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.evaluation.judging import Labelled
    from tocsin.evaluation.judging_options import JudgingOptions
    from tocsin.recordings.column_options import ColumnOptions

_FILES = Annotated[
    list[Path] | None,
    typer.Argument(metavar="FILE", help="CSV or JSON lines, or gzip.", exists=True, dir_okay=False, readable=True),
]
_SCENARIO = Annotated[
    str | None, typer.Option(help="The simulator instead of files: factory, quiet, storm, fleet, or a TOML file.")
]
_HOURS = Annotated[float, typer.Option(help="Simulated time of a scenario.")]
_SEED = Annotated[int, typer.Option(min=0, help="Of what the scenario draws.")]
_DEVICE = Annotated[
    str | None, typer.Option(help="This device alone; of files without a device column: their device's name.")
]


@with_judging_options
@with_column_options
def evaluate(  # noqa: PLR0913 - one parameter an option
    *,
    columns: ColumnOptions,
    known: JudgingOptions,
    files: _FILES = None,
    scenario: _SCENARIO = None,
    hours: _HOURS = 1.0,
    seed: _SEED = 1,
    device: _DEVICE = None,
    plot: Annotated[
        Path | None, typer.Option(help="Draw it: a name that ends with .png, .svg or .html.", show_default=False)
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="List every fault and incident, not the first 20.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Figures, faults and incidents as JSON.")] = False,
) -> None:
    """Say how right the detector is about labelled recordings, or about the simulator's faults."""
    from tocsin.evaluation.evaluation_screen import evaluate as show  # noqa: PLC0415 - help must not wait for it

    readings, only = _readings(files, scenario, hours, seed, device, columns)
    show(known.judged(readings, only, columns.columns().zone()), plot, as_json=json, everything=everything)


@with_judging_options
@with_column_options
def plot(  # noqa: PLR0913 - one parameter an option
    *,
    columns: ColumnOptions,
    known: JudgingOptions,
    files: _FILES = None,
    scenario: _SCENARIO = None,
    hours: _HOURS = 1.0,
    seed: _SEED = 1,
    device: _DEVICE = None,
    metric: Annotated[
        list[str] | None,
        typer.Option(help="Draw it; else those that incidents were about.", show_default=False),
    ] = None,
    out: Annotated[Path, typer.Option(help="A name that ends with .png, .svg or .html.")] = Path("tocsin.png"),
) -> None:
    """Draw a recording with what the detector expects, its alarms and incidents, and its rows in a plane."""
    from tocsin.evaluation.evaluation_screen import draw  # noqa: PLC0415 - help must not wait for it

    readings, only = _readings(files, scenario, hours, seed, device, columns)
    draw(known.judged(readings, only, columns.columns().zone()), out, only, metric or ())


def _readings(  # noqa: PLR0913, PLR0917 - what both commands are told
    files: list[Path] | None, scenario: str | None, hours: float, seed: int, device: str | None, columns: ColumnOptions
) -> tuple[Iterator[Labelled], str | None]:
    """Return labelled readings and the one device that is wanted of them, None for all."""
    from tocsin.evaluation.judged_streams import recorded, simulated  # noqa: PLC0415 - help must not wait for it

    if bool(files) == bool(scenario):
        raise CommandError("give files or --scenario, one of both", code=2)
    if not hours > 0:
        raise CommandError(f"--hours {hours:g}: expected more than 0", code=2)
    if scenario:
        return simulated(scenario, seed, hours * 3600), device
    name = None if columns.device_column else device
    return recorded(files or [], name, columns.columns().layout()), device if columns.device_column else None
