"""Shows how right the detector was, and draws it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from tocsin.evaluation.evaluation import evaluated, together
from tocsin.evaluation.evaluation_json import as_json as written
from tocsin.evaluation.evaluation_lists import fault_list, incident_list
from tocsin.evaluation.figures import save_figure
from tocsin.terminal import CommandError, counted, errors, output, printable
from tocsin.time_words import span_words_s

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tocsin.evaluation.evaluation import Evaluation, Figures
    from tocsin.evaluation.judging import Judging
    from tocsin.evaluation.track import Track

_COLUMNS = (
    "device",
    "rows",
    "precision",
    "recall",
    "F1",
    "faults found",
    "delay",
    "false incidents",
    "a day",
    "ringing",
)
_FOLDED = {"device": 6, "faults found": 6, "delay": 10, "false incidents": 9}  # to so many characters at least
_WIDE = 110  # a terminal that has room between columns


def evaluate(judging: Judging, picture: Path | None, *, as_json: bool, everything: bool) -> None:
    """Print how right the detector was, of each device and of all together, with every fault and incident.

    Raises:
        CommandError: the readings have no labels, or the picture cannot be drawn.
    """
    if not any(track.labelled for track in judging.tracks.values()):
        raise CommandError(
            "the readings have no labels", "name the column: --truth-column NAME", "without labels: tocsin plot"
        )
    evaluations = [evaluated(track) for _, track in sorted(judging.tracks.items())]
    whole = together([one.figures for one in evaluations])
    if as_json:
        output().print_json(written(evaluations, whole))
    else:
        _show(evaluations, whole, everything=everything)
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


def _show(evaluations: Sequence[Evaluation], whole: Figures, *, everything: bool) -> None:
    console = output()
    figures = [one.figures for one in evaluations]
    console.print(_table([*figures, *([whole] if len(figures) > 1 else [])]))
    for remark in _remarks(whole):
        console.print(remark)
    for line in (*fault_list(evaluations, everything=everything), *incident_list(evaluations, everything=everything)):
        console.print(line)


def _remarks(whole: Figures) -> Iterator[str]:
    """Say what the figures leave out."""
    if whole.ringing_share is not None and whole.faulty_share is not None:
        ringing, faulty = f"{whole.ringing_share:.1%}", f"{whole.faulty_share:.1%}"
        yield f"An incident was open for {ringing} of the time; by the labels something was wrong for {faulty}."
    if whole.already_ringing:
        yield (
            f"Already ringing: {counted(whole.already_ringing, 'fault')}, begun while an incident was open. Nobody is "
            "told anew, so that is neither found nor missed."
        )
    if whole.early_incidents:
        yield (
            f"Before verdicts count: {counted(whole.early_incidents, 'incident')}, "
            f"{whole.early_false_incidents} of them false."
        )


def _table(figures: Sequence[Figures]) -> Table:
    console = output()
    people = console.is_terminal
    padding = (0, int(not people or console.width >= _WIDE))
    table = Table(box=box.SIMPLE_HEAD if people else None, pad_edge=False, padding=padding, header_style="bold")
    for name in _COLUMNS:
        left, least = name == "device", _FOLDED.get(name) if people else None
        table.add_column(
            name, no_wrap=least is None, min_width=least, overflow="fold", justify="left" if left else "right"
        )
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
            "" if one.ringing_share is None else f"{one.ringing_share:.1%}",
        )
    return table


def _delay(figures: Figures) -> str:
    if figures.delay_s is None or figures.delay_rows is None:
        return ""
    rows = "row" if figures.delay_rows == 1 else "rows"
    return f"{span_words_s(figures.delay_s)} ({figures.delay_rows:g} {rows})"


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:.2f}"
