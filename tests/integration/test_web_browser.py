"""The live page in a real browser, with the real pipeline behind it."""

from __future__ import annotations

import re
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests import browser as browsers
from tests.page_plant import PagePlant
from tests.plant import wait_for
from tests.web_site import running_site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.browser import Window

pytestmark = [pytest.mark.broker, pytest.mark.slow]

FAST = ("fast-1", "fast-2", "fast-3")
HOSTILE = '<img src=x onerror="document.title=1">'
TOKEN = "a-token-of-some-length"  # noqa: S105 - of a test
LOOKS = {"desktop, light": (1280, 900, "light"), "phone, dark": (390, 844, "dark")}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, for all tests here."""
    yield from browsers.browser()


@pytest.fixture(scope="module")
def plant(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PagePlant]:
    """A pipeline that has learned a few devices; one of them is in trouble."""
    assert browser
    with PagePlant(tmp_path_factory.mktemp("plant")) as running:
        running.teach("press", HOSTILE, *FAST)
        for _ in range(3):
            running.say("press", temperature=95.0)
            running.say(HOSTILE, current=60.0)
        wait_for(lambda: len(running.alerts()) >= 2, 60, "two alerts are stored")
        yield running


@pytest.fixture
def window(browser: Any) -> Iterator[Window]:
    """A window of desktop size; at its end nothing may have been complained of."""
    made = browsers.window(browser)
    yield made
    made.page.context.close()
    assert made.complaints == []


def tile(window: Window, device: str) -> Any:
    return window.page.locator(f'.tile[data-device="{device}"]')


def test_a_live_anomaly_is_on_the_page_within_two_seconds_of_its_reading(plant: PagePlant, window: Window) -> None:
    """A reading that is out of bounds shows as an incident at once; the best of three tries counts."""
    window.open(plant.page + "/")
    tile(window, FAST[-1]).wait_for()
    took = []
    for device in FAST:
        begin = time.monotonic()
        plant.say(device, current=70.0)
        window.page.locator(".incident-card", has_text=device).first.wait_for()
        took.append(time.monotonic() - begin)
        window.page.wait_for_function(
            "name => document.querySelector(`.tile[data-device='${name}'] .badge`).textContent === 'anomalous'",
            arg=device,
        )
    assert min(took) < 2.0


@pytest.mark.parametrize("look", LOOKS)
def test_no_view_has_a_grave_barrier_or_an_error(plant: PagePlant, browser: Any, look: str) -> None:
    """Axe finds nothing serious on any view, nothing is wider than the window, and the console stays empty."""
    incident = plant.alerts()[0][0]
    width, height, scheme = LOOKS[look]
    shown = browsers.window(browser, width=width, height=height, scheme=scheme)
    for view in ("/#/", "/#/alerts", "/#/pipeline", "/#/devices/press", f"/#/incidents/{incident}", "/api"):
        shown.page.goto("about:blank")
        shown.open(plant.page + view)
        assert shown.barriers() == [], view
        wide = shown.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, view
    shown.page.context.close()
    assert shown.complaints == []


def test_what_people_say_goes_through_the_pipeline_and_comes_back(plant: PagePlant, window: Window) -> None:
    """Acknowledge and false positive change the alert that is stored, and the page shows it by itself."""
    incident = next(each for each, _, reason in plant.alerts() if "press" in reason)
    window.open(f"{plant.page}/#/incidents/{incident}")
    for button, shows in (("Acknowledge", "acknowledged"), ("False positive", "false positive")):
        window.page.get_by_role("button", name=button, exact=True).click()
        window.page.get_by_label("Note (may be left empty)").fill("seen by a test")
        window.page.get_by_role("button", name="Send", exact=True).click()
        window.page.locator(".page-head .badge", has_text=shows).wait_for()


def test_a_retraining_is_ordered_and_its_answer_shown(plant: PagePlant, window: Window) -> None:
    """The detector's answer to an order appears as a message, and the new version in the list."""
    window.open(f"{plant.page}/#/devices/{FAST[0]}")
    before = window.page.locator("tbody tr").count()
    window.page.get_by_role("button", name="Retrain", exact=True).click()
    window.page.locator(".toast", has_text="done").wait_for()
    window.page.reload()
    wait_for(lambda: window.page.locator("tbody tr").count() > before, 60, "a version more is listed")


def test_a_live_chart_moves_pauses_and_goes_back(plant: PagePlant, window: Window) -> None:
    """New values appear by themselves; paused they do not; back in time the span is told."""
    window.open(f"{plant.page}/#/devices/press")
    now = window.page.locator(".chart", has_text="temperature").locator("strong")

    def shown_when_said() -> bool:
        plant.say("press", temperature=71.25)
        window.page.wait_for_timeout(1200)  # the detector tells of a device at most once a second
        return bool(window.page.get_by_text("71.25").first.is_visible())

    wait_for(shown_when_said, 60, "a value appears by itself")
    window.page.get_by_role("button", name="Pause", exact=True).click()
    shown = now.first.text_content()
    time.sleep(1.1)  # the detector tells of a device at most once a second
    plant.say("press", temperature=72.5)
    window.page.wait_for_timeout(1500)
    assert now.first.text_content() == shown
    window.page.get_by_role("button", name="Back in time").click()
    window.page.get_by_role("button", name="Back to now").click()
    window.page.get_by_text("72.5").first.wait_for()


def test_text_from_outside_stays_text(plant: PagePlant, window: Window) -> None:
    """A device whose name is markup is shown as its name, in every view, and runs nothing."""
    window.open(plant.page + "/")
    window.page.locator(".tile", has_text=HOSTILE).click()
    window.page.get_by_role("heading", name=HOSTILE).wait_for()
    window.page.goto(f"{plant.page}/#/alerts?q=onerror")
    window.page.get_by_role("link", name=HOSTILE).first.wait_for()
    assert window.page.locator("img[src=x]").count() == 0
    assert window.page.title() != "1"


def test_alerts_are_searched_and_opened_by_keyboard_alone(plant: PagePlant, window: Window) -> None:
    """From the skip link to an incident no mouse is needed."""
    window.open(f"{plant.page}/#/alerts")
    window.page.keyboard.press("Tab")
    assert window.page.evaluate("document.activeElement.textContent") == "Skip to the content"
    window.page.get_by_label("Search").focus()
    window.page.keyboard.type("press")
    wait_for(lambda: window.page.locator(".alert-row").count() == 1, 60, "one alert fits")
    window.page.locator(".alert-row a.title").focus()
    window.page.keyboard.press("Enter")
    window.page.get_by_role("button", name="Confirm", exact=True).wait_for()


def test_a_login_lets_in_and_out(browser: Any, tmp_path: Path) -> None:
    """With a token the page asks for it, refuses a wrong one, and asks again after leaving."""
    shown = browsers.window(browser).page
    with running_site(tmp_path, web_token=TOKEN) as site:
        shown.goto(site.address)
        shown.get_by_label("Token").fill("wrong")
        shown.get_by_role("button", name="Log in").click()
        shown.get_by_text("That is not right.").wait_for()
        shown.get_by_label("Token").fill(TOKEN)
        shown.keyboard.press("Enter")
        shown.get_by_role("link", name="All alerts").wait_for()
        shown.get_by_role("button", name="Log out").click()
        shown.get_by_label("Token").wait_for()
        shown.context.close()


def test_the_page_connects_again_by_itself(plant: PagePlant, browser: Any) -> None:
    """After a kill of the page's service the open page says so, then is live again and up to date."""
    shown = browsers.window(browser)
    shown.open(plant.page + "/")
    shown.page.locator("#live-words", has_text="Live").wait_for()
    plant.kill("web")
    shown.page.locator("#live-words", has_text="Reconnecting").wait_for()
    wait_for(partial(plant.ready, "web"), 60, "the page is served again")
    shown.page.locator("#live-words", has_text="Live").wait_for()
    tile(shown, "press").wait_for()
    shown.page.context.close()
    assert all(re.search("ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY|fetch", each) for each in shown.complaints)
