"""Whether an open page stays smooth: `python -m benchmarks.web.smooth --devices 500`.

Opens the overview in Chromium while every device sends a score each second, and tells what share of its time the
page's own thread is busy, its frames, and its memory. Needs Chromium.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from benchmarks.web.__main__ import page_under_load

_FRAMES = """seconds => new Promise(done => {
  const gaps = []; let last = performance.now(); const end = last + seconds * 1000;
  const turn = now => { gaps.push(now - last); last = now; now < end ? requestAnimationFrame(turn) : done(gaps); };
  requestAnimationFrame(turn);
})"""


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.web.smooth", description=__doc__)
    parser.add_argument("--devices", type=int, default=500)
    parser.add_argument("--seconds", type=int, default=15)
    asked = parser.parse_args()
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        print("no Chromium here: apt install chromium", file=sys.stderr)
        return 1
    with (
        tempfile.TemporaryDirectory() as directory,
        page_under_load(asked.devices, Path(directory)) as (_, port, _empty),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for name, value in _looked_at(browser, port, asked.seconds).items():
            print(f"  {name:44} {value:g}")
        browser.close()
    return 0


def _looked_at(browser: Any, port: int, seconds: int) -> dict[str, float]:  # noqa: ANN401 - of Playwright
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"http://127.0.0.1:{port}/")
    page.wait_for_selector(".tile")
    page.wait_for_timeout(3000)
    client = page.context.new_cdp_session(page)
    client.send("Performance.enable")
    before = _metrics(client)
    gaps = page.evaluate(_FRAMES, seconds)
    after = _metrics(client)
    spent = after["Timestamp"] - before["Timestamp"]
    return {
        "tiles on the page": page.locator(".tile").count(),
        "busy share of the page's thread": round((after["TaskDuration"] - before["TaskDuration"]) / spent, 3),
        "of it scripts": round((after["ScriptDuration"] - before["ScriptDuration"]) / spent, 3),
        "frames a second": round(len(gaps) / spent, 1),
        "longest gap between frames, ms": round(max(gaps), 1),
        "median gap between frames, ms": round(statistics.median(gaps), 1),
        "JavaScript memory, MiB": round(after["JSHeapUsedSize"] / 2**20, 1),
    }


def _metrics(client: Any) -> dict[str, float]:  # noqa: ANN401 - of Playwright
    return {each["name"]: each["value"] for each in client.send("Performance.getMetrics")["metrics"]}


if __name__ == "__main__":
    sys.exit(main())
