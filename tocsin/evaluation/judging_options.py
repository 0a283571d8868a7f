"""The options of every command that judges readings, about what is known of them beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.option_groups import OptionGroup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import tzinfo

    from tocsin.evaluation.judging import Judging, Labelled

_PANEL = "What is known beforehand"


@dataclass(frozen=True, slots=True)
class JudgingOptions:
    """What the command line says of the readings to judge."""

    faults: Path | None = None
    train_until: str | None = None

    def judged(self, readings: Iterable[Labelled], only: str | None, zone: tzinfo) -> Judging:
        """Judge readings by what is known of them; `zone` is that of times that name none.

        Raises:
            CommandError: an option is wrong, or the readings cannot be judged.
        """
        from tocsin.evaluation.fault_times import fault_times  # noqa: PLC0415 - help must not wait for it
        from tocsin.evaluation.judged_streams import judged  # noqa: PLC0415
        from tocsin.evaluation.training_part import training_part  # noqa: PLC0415

        given = None if self.faults is None else fault_times(self.faults, zone)
        part = None if self.train_until is None else training_part(self.train_until, zone)
        return judged(readings, only, given, part)


_GROUP = OptionGroup(
    "known",
    JudgingOptions,
    {
        "faults": Annotated[
            Path | None,
            typer.Option(
                metavar="FILE",
                help="Faults by their times: CSV or JSON lines with start, end and perhaps device and fault.",
                exists=True,
                dir_okay=False,
                readable=True,
                show_default=False,
                rich_help_panel=_PANEL,
            ),
        ],
        "train_until": Annotated[
            str | None,
            typer.Option(
                metavar="7d|TIME|READINGS",
                help="Learn the beginning as the normal course, as tocsin train does, and judge the rest.",
                show_default=False,
                rich_help_panel=_PANEL,
            ),
        ],
    },
)


def with_judging_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options about what is known; it gets them as one argument `known: JudgingOptions`."""
    return _GROUP.give_to(command)
