"""Pictures of every view, from a running demo: `python -m benchmarks.web.pictures` while `make demo` runs.

It waits for an incident that is open, so that there is something to see.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WIDE, NARROW = (1280, 860), (390, 844)
PATIENCE_S = 300.0
COLOURS = 128


def main() -> int:
    """Take the pictures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.web.pictures", description=__doc__)
    parser.add_argument("--page", default="http://127.0.0.1:8088", help="where the page is (%(default)s)")
    parser.add_argument("--to", type=Path, default=Path("docs/pictures"), help="folder of the pictures (%(default)s)")
    asked = parser.parse_args()
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        print("no Chromium here: apt install chromium", file=sys.stderr)
        return 1
    asked.to.mkdir(parents=True, exist_ok=True)
    alert = _open_alert(asked.page)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for name, path, size, scheme in _views(alert):
            _take(browser, asked.page + path, asked.to / f"{name}.png", size, scheme)
        browser.close()
    return 0


def _views(alert: dict[str, Any]) -> list[tuple[str, str, tuple[int, int], str]]:
    incident, device = f"/#/incidents/{alert['incident']}", f"/#/devices/{alert['device']}"
    return [
        ("overview", "/#/", WIDE, "light"),
        ("overview-dark", "/#/", WIDE, "dark"),
        ("overview-phone", "/#/", NARROW, "light"),
        ("incident", incident, (1280, 1250), "light"),
        ("incident-phone", incident, NARROW, "dark"),
        ("device", device, (1280, 1980), "light"),
        ("device-dark", device, WIDE, "dark"),
        ("alerts", "/#/alerts", WIDE, "light"),
        ("pipeline", "/#/pipeline", WIDE, "light"),
        ("api", "/api", WIDE, "light"),
    ]


def _open_alert(page: str) -> dict[str, Any]:
    """Wait for an open alert about several metrics, some seconds old."""
    give_up = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up:
        with urllib.request.urlopen(f"{page}/api/v1/alerts?status=open&limit=20", timeout=10) as answer:  # noqa: S310 - a page of ours
            alerts = json.load(answer)["items"]
        found = [alert for alert in alerts if len(alert["evidence"].get("contributions", [])) > 1]
        if found:
            time.sleep(8)  # so that something of it is to be seen
            return dict(found[0])
        time.sleep(0.5)
    raise TimeoutError(f"no open incident within {PATIENCE_S:.0f} s")


def _take(browser: Browser, address: str, file: Path, size: tuple[int, int], scheme: str) -> None:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector("#main h1", state="attached")
    page.wait_for_timeout(2500)
    page.screenshot(path=str(file))
    context.close()
    picture = Image.open(file).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    picture.save(file, optimize=True)  # a third of the size


if __name__ == "__main__":
    sys.exit(main())
