"""The parts of a figure: a metric with its bounds, the scores, the rows in a plane, the incidents as text."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from tocsin.evaluation.plane import in_a_plane, thinned
from tocsin.terminal import printable

if TYPE_CHECKING:
    from tocsin.evaluation.track import Track

INK, FAINT, GRID = "#1f2933", "#7b8794", "#e4e7eb"
LINE, BAND, ALARM, INCIDENT, TRUTH = "#2364aa", "#bcd4ee", "#d1350f", "#f8d3c8", "#3a9d6e"
_ALARM_LEVEL = 0.5
_MOST_POINTS = 2_000
_LISTED = 6


def draw_metric(panel: Any, track: Track, metric: str, times: Any) -> None:  # noqa: ANN401 - matplotlib's
    """Draw the values of a metric, the bounds expected of them, and the alarms."""
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


def draw_scores(panel: Any, track: Track, times: Any) -> None:  # noqa: ANN401 - matplotlib's
    """Draw the scores and the level from which they are alarms."""
    scores = np.array(track.scores)
    keep = thinned(scores, _MOST_POINTS)
    panel.plot(times[keep], scores[keep], color=FAINT, linewidth=0.8)
    panel.axhline(_ALARM_LEVEL, color=ALARM, linewidth=0.8, linestyle=(0, (4, 3)))
    panel.set_ylim(0, 1.05)
    panel.set_title("score; an alarm from the dashed line on", loc="left", fontsize=9.5, color=INK, pad=3)
    _dress(panel)


def draw_plane(panel: Any, track: Track) -> None:  # noqa: ANN401 - matplotlib's
    """Draw all rows on their two principal components."""
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


def list_incidents(panel: Any, track: Track) -> None:  # noqa: ANN401 - matplotlib's
    """Name the highest incidents, in the order of their times."""
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
