"""Shows how right the detector was, and draws it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table
from rich.text import Text

from tocsin.evaluation.evaluation import Figures, evaluated, together
from tocsin.evaluation.figures import save_figure
from tocsin.evaluation.judged_streams import judged
from tocsin.terminal import CommandError, errors, output, printable
from tocsin.time_words import span_words_s

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from tocsin.evaluation.judged_streams import Labelled
    from tocsin.evaluation.judging import Judging, Track


def evaluate(readings: Iterable[Labelled], only: str | None, picture: Path | None, *, as_json: bool) -> None:
    """Judge labelled readings and print the figures, of each device and of all together.

    Raises:
        CommandError: the readings cannot be read or have no labels, or the picture cannot be drawn.
    """
    judging = judged(readings, only)
    if not any(track.labelled for track in judging.tracks.values()):
        raise CommandError(
            "the readings have no labels", "name the column: --truth-column NAME", "without labels: tocsin plot"
        )
    figures = [evaluated(track) for _, track in sorted(judging.tracks.items())]
    whole = together(figures)
    if as_json:
        output().print_json(json.dumps([_plain(one) for one in (*figures, whole)]))
    else:
        output().print(_table([*figures, *([whole] if len(figures) > 1 else [])]))
    if whole.rows == 0:
        errors().print("No model came of it: too few normal rows; TOCSIN_WARM_UP lowers that.", style="yellow")
    if picture is not None:
        draw(judging, picture, None, ())


def draw(judging: Judging, picture: Path, device: str | None, metrics: Sequence[str]) -> None:
    """Draw one device: the one that is named, else the one with the most incidents.

    Raises:
        CommandError: there is no such device, or it cannot be drawn.
    """
    tracks = judging.tracks
    if device is not None and device not in tracks:
        raise CommandError(f"no device {device!r}; there are: {', '.join(sorted(tracks))}", code=2)
    track: Track = tracks[device] if device else max(tracks.values(), key=lambda one: len(one.incidents))
    save_figure(track, picture, metrics)
    errors().print(f"{printable(track.device)} is drawn in {picture}.")


def _plain(figures: Figures) -> dict[str, Any]:
    plain = asdict(figures)
    del plain["delays"]
    names = ("precision", "recall", "f1", "delay_rows", "delay_s", "false_per_day")
    return {**plain, **{name: getattr(figures, name) for name in names}}


def _table(figures: Sequence[Figures]) -> Table:
    table = Table(box=box.SIMPLE_HEAD if output().is_terminal else None, pad_edge=False, header_style="bold")
    columns = ("device", "rows", "precision", "recall", "F1", "faults found", "delay", "false incidents", "a day")
    for name in columns:
        table.add_column(name, no_wrap=True, justify="left" if name == "device" else "right")
    for one in figures:
        table.add_row(
            Text(printable(one.device)),
            f"{one.rows:,}",
            _share(one.precision),
            _share(one.recall),
            _share(one.f1),
            f"{one.found} of {one.faults}",
            _delay(one),
            str(one.false_incidents),
            "" if one.false_per_day is None else f"{one.false_per_day:.2f}",
        )
    return table


def _delay(figures: Figures) -> str:
    if figures.delay_s is None or figures.delay_rows is None:
        return ""
    return f"{span_words_s(figures.delay_s)} ({figures.delay_rows:g} rows)"


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:.2f}"
