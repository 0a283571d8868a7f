"""A real browser for tests: Debian's Chromium, driven by Playwright, with axe to look for barriers."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

# What axe finds is weighed by it; these two keep people out.
GRAVE = {"serious", "critical"}


def browser() -> Iterator[Any]:
    """Start Chromium; without it or without Playwright the test is skipped, but fails in CI."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 - may be missing
    except ImportError:
        program = None
    if program is None:
        said = "no Chromium with Playwright here (Debian: apt install chromium): the page is not looked at"
        if os.environ.get("CI"):
            pytest.fail(said)
        pytest.skip(said)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield running
        running.close()


@dataclass
class Window:
    """One page of the browser; `complaints` are errors of its console and of its scripts."""

    page: Any
    complaints: list[str] = field(default_factory=list)

    def open(self, address: str) -> None:
        """Go to an address and wait for its heading."""
        self.page.goto(address)
        self.page.wait_for_selector("#main h1", state="attached", timeout=60_000)

    def barriers(self) -> list[str]:
        """Let axe look; name what it finds grave."""
        from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 - may be missing

        found = Axe().run(self.page).response["violations"]
        return [
            f"{each['id']}: {each['help']}: {[node['html'][:150] for node in each['nodes'][:3]]}"
            for each in found
            if each["impact"] in GRAVE
        ]


def window(browser: Any, *, width: int = 1280, height: int = 900, scheme: str = "light") -> Window:
    """Open a page whose errors are noted."""
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, bypass_csp=False)
    context.set_default_timeout(60_000)
    made = Window(context.new_page())
    made.page.on("console", lambda said: made.complaints.append(said.text) if said.type == "error" else None)
    made.page.on("pageerror", lambda error: made.complaints.append(str(error)))
    return made
