"""Draws what the detector said of a recording: values and bounds, incidents, scores, and a view of the rows in a plane.

matplotlib comes with the extra `plot`.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from tocsin.evaluation.evaluation import spans
from tocsin.evaluation.figure_page import page
from tocsin.evaluation.plane import in_a_plane, thinned
from tocsin.terminal import CommandError, printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from tocsin.evaluation.judging import Track

    Floats = NDArray[np.float64]

INK, FAINT, GRID = "#1f2933", "#7b8794", "#e4e7eb"
LINE, BAND, ALARM, INCIDENT, TRUTH = "#2364aa", "#bcd4ee", "#d1350f", "#f8d3c8", "#3a9d6e"
ALARM_LEVEL = 0.5
MOST_METRICS = 6
_MOST_POINTS = 2_000
_LISTED = 6
_ROW_INCHES, _SCORE_INCHES, _WIDTH_INCHES = 1.45, 1.1, 12.0


def save_figure(track: Track, path: Path, metrics: Sequence[str] = ()) -> None:
    """Draw a device's recording as a PNG or, by the ending of the name, as an HTML page.

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
    return list(metrics) or list(dict.fromkeys([*first, *known]))[:MOST_METRICS]


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
        _draw_metric(panel, track, metric, times)
    _draw_scores(panels[-1], track, times)
    _dress_times(panels, track, times)
    if several:
        square = max(min(len(heights) - 1, round(len(heights) * 0.62)), 1)
        _draw_plane(figure.add_subplot(grid[:square, 1]), track)
        _list_incidents(figure.add_subplot(grid[square:, 1]), track)
    figure.suptitle(_title(track), x=0.01, ha="left", fontsize=13, fontweight="bold", color=INK)
    _legend(figure, panels, track)
    return figure


def _draw_metric(panel: Any, track: Track, metric: str, times: Any) -> None:  # noqa: ANN401 - matplotlib's
    values = np.array([row.get(metric) if row.get(metric) is not None else np.nan for row in track.values], dtype=float)
    lower = np.array([np.nan if band is None else band.lower.get(metric, np.nan) for band in track.bands])
    upper = np.array([np.nan if band is None else band.upper.get(metric, np.nan) for band in track.bands])
    keep = thinned(values, _MOST_POINTS)
    wide = slice(None, None, max(len(values) // _MOST_POINTS, 1))
    panel.fill_between(times[wide], lower[wide], upper[wide], color=BAND, alpha=0.75, linewidth=0, label="expected")
    panel.plot(times[keep], values[keep], color=LINE, linewidth=0.9, label="measured")
    alarms = np.array(track.alarms)[keep]
    abnormal = np.where(alarms, values[keep], np.nan)
    panel.plot(times[keep], abnormal, "-", color=ALARM, linewidth=1.1, marker="o", markersize=1.6, label="alarm")
    seen = values[~np.isnan(values)]
    if len(seen):  # the bounds of the first rows are wide: they must not flatten the rest
        low, high = float(seen.min()), float(seen.max())
        margin = 0.12 * (high - low) or max(abs(high) * 0.05, 1.0)
        panel.set_ylim(low - margin, high + margin)
    panel.set_title(printable(metric)[:60], loc="left", fontsize=9.5, color=INK, pad=3)
    _dress(panel)


def _draw_scores(panel: Any, track: Track, times: Any) -> None:  # noqa: ANN401 - matplotlib's
    scores = np.array(track.scores)
    keep = thinned(scores, _MOST_POINTS)
    panel.plot(times[keep], scores[keep], color=FAINT, linewidth=0.8)
    panel.axhline(ALARM_LEVEL, color=ALARM, linewidth=0.8, linestyle=(0, (4, 3)))
    panel.set_ylim(0, 1.05)
    panel.set_title("score; an alarm from the dashed line on", loc="left", fontsize=9.5, color=INK, pad=3)
    _dress(panel)


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


def _draw_plane(panel: Any, track: Track) -> None:  # noqa: ANN401 - matplotlib's
    points, explained = in_a_plane(track)
    alarms = np.array(track.alarms)
    keep = thinned(np.arange(len(points), dtype=float), 4 * _MOST_POINTS)
    normal = keep[~alarms[keep]]
    panel.plot(*points[normal].T, "o", color=LINE, markersize=2.4, alpha=0.28, markeredgewidth=0, label="normal")
    panel.plot(*points[alarms].T, "o", color=ALARM, markersize=3.2, alpha=0.75, markeredgewidth=0, label="alarm")
    reach = np.nanquantile(np.abs(points), 0.999, axis=0) * 1.15 if len(points) else (1, 1)
    panel.set_xlim(-reach[0], reach[0])
    panel.set_ylim(-reach[1], reach[1])
    panel.axhline(0, color=GRID, linewidth=0.8, zorder=0)
    panel.axvline(0, color=GRID, linewidth=0.8, zorder=0)
    panel.set_title("all readings in the plane of their two\nprincipal components", loc="left", fontsize=9.5, color=INK)
    panel.set_xlabel(f"first component ({explained[0]:.0%} of the variance)", fontsize=8.5, color=FAINT)
    panel.set_ylabel(f"second component ({explained[1]:.0%})", fontsize=8.5, color=FAINT)
    panel.legend(loc="upper right", fontsize=8, frameon=False, labelcolor=INK)
    _dress(panel)


def _list_incidents(panel: Any, track: Track) -> None:  # noqa: ANN401 - matplotlib's
    panel.axis("off")
    shown = sorted(track.incidents, key=lambda one: -one.peak)[:_LISTED]
    panel.set_title("highest incidents" if shown else "no incident", loc="left", fontsize=9.5, color=INK)
    for line, one in enumerate(sorted(shown, key=lambda one: one.first)):
        words = f"{_clock(track.times[one.first])}  {one.kind.replace('_', ' ')}"
        about = printable(", ".join(one.metrics))[:44]
        top = 0.96 - line * 0.98 / _LISTED
        panel.text(0.0, top, words, fontsize=8.5, color=ALARM, va="top", transform=panel.transAxes)
        panel.text(0.0, top - 0.07, about, fontsize=8, color=FAINT, va="top", transform=panel.transAxes)


def _clock(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%m-%d %H:%M:%S}"


def _dress(panel: Any) -> None:  # noqa: ANN401 - matplotlib's
    panel.grid(axis="y", color=GRID, linewidth=0.8)
    panel.set_axisbelow(True)
    panel.tick_params(labelsize=8, colors=FAINT, length=0)
    for side in panel.spines.values():
        side.set_visible(False)


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
