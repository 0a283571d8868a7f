"""A page of its own for a figure: the drawing, and a line for each incident; no script, nothing from elsewhere."""

from __future__ import annotations

import html
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tocsin.terminal import printable

if TYPE_CHECKING:
    from tocsin.evaluation.track import Track

_HEAD = "<tr><th>from</th><th>to</th><th>kind</th><th>first metrics</th><th>highest score</th></tr>"
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tocsin: {name}</title><style>
body {{ font: 15px/1.5 system-ui, sans-serif; color: #1f2933; margin: 2rem auto; max-width: 1200px; padding: 0 1rem; }}
svg {{ width: 100%; height: auto; }} table {{ border-collapse: collapse; margin-top: 1rem; }}
th, td {{ text-align: left; padding: .3rem 1.2rem .3rem 0; border-bottom: 1px solid #e4e7eb; }} th {{ color: #7b8794; }}
</style></head><body><h1>{name}</h1>{drawing}<h2>Incidents</h2>{table}<p>Times are UTC.</p></body></html>
"""


def page(track: Track, drawing: str) -> str:
    """Write the page around an SVG."""
    rows = "".join(
        f"<tr><td>{_clock(track.times[one.first])}</td><td>{_clock(track.times[one.last])}</td>"
        f"<td>{html.escape(one.kind.replace('_', ' '))}</td>"
        f"<td>{html.escape(printable(', '.join(one.metrics)))}</td><td>{one.peak:.2f}</td></tr>"
        for one in track.incidents
    )
    table = f"<table>{_HEAD}{rows}</table>" if rows else "<p>No incident.</p>"
    name = html.escape(printable(track.device))
    return _PAGE.format(name=name, drawing=drawing[drawing.index("<svg") :], table=table)


def _clock(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S}"
