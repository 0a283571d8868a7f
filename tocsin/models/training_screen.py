"""Trains with a counter on the screen, and shows what was learned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from tocsin.models.training import recorded, remembered, simulated, train, training
from tocsin.terminal import CommandError, errors, listed, output, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from contracts.reading import Reading
    from producer.recordings.layout import LayoutOptions
    from tocsin.models.training import Learned

_SHOWN_METRICS = 6


def train_from_files(files: Sequence[Path], device: str | None, options: LayoutOptions, folder: Path) -> int:
    """Train from recordings; return the exit code: 1 when no model came of it."""
    # Where a column names the devices, --device chooses among them; else it names the device of the files.
    only = device if options.device_column else None
    name = None if options.device_column else device
    return _run(recorded(files, name, options), only, folder)


def train_from_detector(state: Path, device: str | None, folder: Path) -> int:
    """Train from what the detector remembers; return the exit code."""
    return _run(remembered(state, device), device, folder)


def train_from_scenario(scenario: str, seed: int, hours: float, device: str | None, folder: Path) -> int:
    """Train from the simulator; return the exit code."""
    return _run(simulated(scenario, seed, hours * 3600), device, folder)


def _run(readings: Iterator[Reading], only: str | None, folder: Path) -> int:
    with errors().status("learning") as status:
        learned = train(training(only), readings, folder, lambda count: status.update(f"learning: {count:,} readings"))
    if not learned:
        raise CommandError(
            f"no reading of device {only!r}" if only else "no readings", "without --device all are taken"
        )
    console = output()
    console.print(_table(learned, for_people=console.is_terminal))
    return _say_end(learned, folder)


def _say_end(learned: Sequence[Learned], folder: Path) -> int:
    console = errors()
    models = sum(one.path is not None for one in learned)
    for one in learned:
        if one.path is None:
            console.print(
                f"{printable(one.device)}: {one.rows} normal rows are too few, {one.needed} are needed; "
                "TOCSIN_WARM_UP lowers that",
                style="yellow",
            )
    if not models:
        return 1
    console.print(
        f"{models} model{'' if models == 1 else 's'} in {folder}; the detector starts a new device from its own."
    )
    return 0


def _table(learned: Sequence[Learned], *, for_people: bool) -> Table:
    table = Table(box=box.SIMPLE_HEAD if for_people else None, pad_edge=False, header_style="bold")
    for name in ("device", "readings", "rows learned", "version"):
        table.add_column(name, no_wrap=True, justify="left" if name == "device" else "right")
    table.add_column("metrics", overflow="fold", no_wrap=not for_people)
    for one in learned:
        numbers = [f"{number:,}" for number in (one.readings, one.rows)]
        version = str(one.version) if one.path else "none"
        metrics = printable(listed(one.metrics, _SHOWN_METRICS))
        table.add_row(Text(printable(one.device)), *numbers, version, Text(metrics))
    return table
