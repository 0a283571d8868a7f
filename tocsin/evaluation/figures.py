"""Draws what the detector said of a recording: values and bounds, incidents, scores, and a view of the rows in a plane.

matplotlib comes with the extra `plot`.
"""

from __future__ import annotations

import io
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from tocsin.evaluation.faults import spans
from tocsin.evaluation.figure_page import page
from tocsin.evaluation.figure_panels import (
    FAINT,
    INCIDENT,
    INK,
    TRUTH,
    draw_metric,
    draw_plane,
    draw_scores,
    list_incidents,
)
from tocsin.terminal import CommandError, printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tocsin.evaluation.track import Track

_MOST_METRICS = 6
_ROW_INCHES, _SCORE_INCHES, _WIDTH_INCHES = 1.45, 1.1, 12.0


def save_figure(track: Track, path: Path, metrics: Sequence[str] = ()) -> None:
    """Draw a device's recording: by the ending of the name as PNG, as SVG or as an HTML page.

    Args:
        track: what was said of it.
        path: .png, .svg or .html.
        metrics: those to draw; by default the ones that incidents were about first, six at most.

    Raises:
        CommandError: matplotlib is not installed, a metric is not known, or the file cannot be written.
    """
    if find_spec("matplotlib") is None:
        raise CommandError("a figure needs the extra plot", "pip install 'tocsin[plot]'")
    form = path.suffix.lower().removeprefix(".")
    if form not in {"png", "svg", "html", "htm"}:
        raise CommandError(f"{path.name}: expected a name that ends with .png, .svg or .html", code=2)
    figure = _figure(track, _chosen(track, metrics))
    buffer = io.BytesIO()
    drawn = "png" if form == "png" else "svg"
    stamp = {"Software": None} if drawn == "png" else {"Date": None}
    figure.savefig(buffer, format=drawn, dpi=130, metadata=stamp)
    content = buffer.getvalue()
    if form.startswith("htm"):
        content = page(track, content.decode()).encode()
    try:
        path.write_bytes(content)
    except OSError as error:
        raise CommandError(f"cannot write {path}: {error.strerror}") from error


def _chosen(track: Track, metrics: Sequence[str]) -> list[str]:
    known = track.metrics
    unknown = [name for name in metrics if name not in known]
    if unknown:
        raise CommandError(f"no metric {unknown[0]!r}; there are: {', '.join(known)}", code=2)
    suspects = [name for incident in track.incidents for name in incident.metrics[:2]]
    first = sorted(dict.fromkeys(suspects), key=lambda name: -suspects.count(name))
    return list(metrics) or list(dict.fromkeys([*first, *known]))[:_MOST_METRICS]


def _figure(track: Track, metrics: Sequence[str]) -> Any:  # noqa: ANN401 - matplotlib's
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - of the extra `plot`
    from matplotlib.figure import Figure  # noqa: PLC0415

    several = len(track.metrics) > 1
    heights = [_ROW_INCHES] * len(metrics) + [_SCORE_INCHES]
    height = max(sum(heights) + 1.3, 4.6)
    figure = Figure(figsize=(_WIDTH_INCHES + 4.2 * several, height), facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.add_gridspec(
        len(heights), 2 if several else 1, height_ratios=heights, width_ratios=[3, 1.15] if several else [1]
    )
    times = (1e3 * np.array(track.times)).astype("datetime64[ms]")
    panels = [figure.add_subplot(grid[row, 0]) for row in range(len(heights))]
    for panel in panels[1:]:
        panel.sharex(panels[0])
    for panel, metric in zip(panels, metrics, strict=False):
        draw_metric(panel, track, metric, times)
    draw_scores(panels[-1], track, times)
    _dress_times(panels, track, times)
    if several:
        square = max(min(len(heights) - 1, round(len(heights) * 0.62)), 1)
        draw_plane(figure.add_subplot(grid[:square, 1]), track)
        list_incidents(figure.add_subplot(grid[square:, 1]), track)
    figure.suptitle(_title(track), x=0.01, ha="left", fontsize=13, fontweight="bold", color=INK)
    _legend(figure, panels, track)
    return figure


def _dress_times(panels: Sequence[Any], track: Track, times: Any) -> None:  # noqa: ANN401 - matplotlib's
    from matplotlib import dates  # noqa: PLC0415 - of the extra `plot`

    for panel in panels:
        for incident in track.incidents:
            panel.axvspan(times[incident.first], times[incident.last], color=INCIDENT, alpha=0.6, linewidth=0, zorder=0)
        for first, last in spans(track.truth):
            panel.axvspan(times[first], times[last], ymin=0.0, ymax=0.045, color=TRUTH, linewidth=0, zorder=3)
        if track.learned_at is not None and track.learned_at < len(times):
            panel.axvline(times[track.learned_at], color=FAINT, linewidth=0.8, linestyle=":")
        panel.tick_params(labelbottom=panel is panels[-1])
    locator: Any = dates.AutoDateLocator(minticks=4, maxticks=9)  # type: ignore[no-untyped-call] # matplotlib's
    panels[-1].xaxis.set_major_locator(locator)
    panels[-1].xaxis.set_major_formatter(dates.ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    panels[-1].set_xlim(times[0], times[-1])


def _legend(figure: Any, panels: Sequence[Any], track: Track) -> None:  # noqa: ANN401 - matplotlib's
    from matplotlib.patches import Patch  # noqa: PLC0415 - of the extra `plot`

    handles, labels = panels[0].get_legend_handles_labels()
    handles.append(Patch(color=INCIDENT))
    labels.append("incident")
    if any(track.truth):
        handles.append(Patch(color=TRUTH))
        labels.append("labelled abnormal")
    figure.legend(handles, labels, loc="upper right", ncols=len(labels), fontsize=8.5, frameon=False, labelcolor=INK)


def _title(track: Track) -> str:
    count = len(track.incidents)
    return (
        f"{printable(track.device)[:60]}: {count} incident{'' if count == 1 else 's'} in {len(track.times):,} readings"
    )
