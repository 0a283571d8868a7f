"""The options that every command with recorded files has, about their columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.option_groups import OptionGroup

if TYPE_CHECKING:
    from collections.abc import Callable

    from tocsin.recordings.replaying import Columns

PANEL = "Columns, where they are not found by themselves"


@dataclass(frozen=True, slots=True)
class ColumnOptions:
    """What the command line says about the columns of files; None leaves it to be found."""

    device_column: str | None = None
    time_column: list[str] | None = None
    time_format: str | None = None
    timezone: str | None = None
    interval: float | None = None
    truth_column: list[str] | None = None
    counter: list[str] | None = None
    leave_out: list[str] | None = None

    def columns(self, device: str | None = None) -> Columns:
        """Return them as the reader of recordings takes them; `device` is the name of the files' device."""
        from tocsin.recordings.replaying import Columns  # noqa: PLC0415 - help must not wait for it

        return Columns(
            device=device,
            device_column=self.device_column,
            time=self.time_column or (),
            time_format=self.time_format,
            timezone=self.timezone,
            interval=self.interval,
            truth=self.truth_column or (),
            counters=self.counter or (),
            leave_out=self.leave_out or (),
        )


def _option(kind: Any, words: str, metavar: str | None = None) -> Any:  # noqa: ANN401 - an annotation is what it is
    option = typer.Option(help=words, metavar=metavar, show_default=False, rich_help_panel=PANEL)
    return Annotated[kind | None, option]


_GROUP = OptionGroup(
    "columns",
    ColumnOptions,
    {
        "device_column": _option(str, "Column that names the device."),
        "time_column": _option(list[str], "Column of the time; twice for day and clock."),
        "time_format": _option(str, "iso, s, ms, us, ns, or such as '%d.%m.%Y %H:%M'."),
        "timezone": _option(str, "Of times that name none, such as Europe/Berlin; else UTC."),
        "interval": _option(float, "Seconds between rows that have no time.", "SECONDS"),
        "truth_column": _option(list[str], "Column of ground truth; it goes to truth/ alone."),
        "counter": _option(list[str], "Column that only rises, such as energy: its rate an hour is judged (energy/h)."),
        "leave_out": _option(list[str], "Column that is not wanted."),
    },
)


def with_column_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options about columns; it gets them as one argument `columns: ColumnOptions`."""
    return _GROUP.give_to(command)
