"""The live page in a real browser, with the real pipeline behind it."""

from __future__ import annotations

import re
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from msgspec import structs

from contracts.alert import EarlierIncident, Explanation
from tests import browser as browsers
from tests.page_plant import PagePlant
from tests.plant import wait_for
from tests.unit.storage.alert_records import record
from tests.web_site import running_site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage.records import AlertRecord
    from tests.browser import Window

pytestmark = [pytest.mark.broker, pytest.mark.slow]

FAST = ("fast-1", "fast-2", "fast-3")
HOSTILE = '<img src=x onerror="document.title=1">'
TOKEN = "a-token-of-some-length"  # noqa: S105 - of a test
SAID = (
    ("Acknowledge", "acknowledged"),
    ("Snooze…", "snoozed"),
    ("Confirm", "confirmed"),
    ("False positive", "false positive"),
)
LOOKS = {"desktop, light": (1280, 900, "light"), "small phone, dark": (320, 640, "dark")}


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
        with lasting_trouble(running):
            yield running


@contextmanager
def lasting_trouble(running: PagePlant) -> Iterator[None]:
    """Let the trouble go on, once a second: a device that fell silent would have another alert."""
    enough = threading.Event()

    def go_on() -> None:
        while not enough.wait(1.0):
            running.say("press", temperature=95.0)
            running.say(HOSTILE, current=60.0)

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        enough.set()
        thread.join(10)


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
    """Every word a person can say changes the alert that is stored, and the page shows it by itself."""
    incident = next(each for each, _, reason in plant.alerts() if "press" in reason)
    window.open(f"{plant.page}/#/incidents/{incident}")
    badges = window.page.locator(".page-head .badge")
    for button, shows in SAID:
        window.page.get_by_role("button", name=button, exact=True).click()
        window.page.get_by_label("Note (may be left empty)").fill("seen by a test")
        window.page.get_by_role("button", name="Send", exact=True).click()
        badges.filter(has_text=shows).wait_for()
        window.page.locator("dialog").wait_for(state="detached")
    window.page.get_by_role("button", name="Undo", exact=True).click()
    window.page.get_by_role("button", name="Cancel", exact=True).click()
    window.page.get_by_role("button", name="Undo", exact=True).click()
    window.page.get_by_role("button", name="Send", exact=True).click()
    badges.filter(has_text=SAID[-1][1]).wait_for(state="detached")


def test_an_order_that_cannot_be_followed_is_said_to_be_so(plant: PagePlant, window: Window) -> None:
    """Explain again without a language model: the explainer's own words appear, not a silence."""
    window.open(f"{plant.page}/#/incidents/{plant.alerts()[0][0]}")
    window.page.get_by_role("button", name="Explain again", exact=True).click()
    window.page.locator(".toast.bad", has_text="no model is set").wait_for()


def test_a_retraining_and_a_rollback_are_ordered_and_their_answers_shown(plant: PagePlant, window: Window) -> None:
    """The detector's answer to an order appears as a message; then the new version is in use, then the old one."""
    window.open(f"{plant.page}/#/devices/{FAST[0]}")
    rows = window.page.locator("section", has_text="Model").locator("tbody tr", has_text="rows")
    before = rows.count()
    window.page.get_by_role("button", name="Retrain", exact=True).click()
    window.page.locator(".toast", has_text="done").first.wait_for()
    window.page.reload()
    wait_for(lambda: rows.count() > before, 60, "a version more is listed")
    assert rows.first.locator(".badge", has_text="in use").count() == 1
    window.page.get_by_role("button", name="Roll back", exact=True).first.click()
    window.page.locator(".toast", has_text="done").first.wait_for()
    window.page.reload()
    rows.nth(1).locator(".badge", has_text="in use").wait_for()
    assert rows.first.get_by_role("button", name="Roll back", exact=True).count() == 1


def test_what_a_model_made_up_is_marked_and_who_failed_together_is_named(browser: Any, tmp_path: Path) -> None:
    """Words that were not borne out stand behind the computed ones; one answer for many devices says so."""
    told = [doubted_record(f"pump-{number}") for number in range(7)]
    shown = browsers.window(browser)
    with running_site(tmp_path, told) as site:
        shown.open(f"{site.address}/#/incidents/{told[0].alert.incident}")  # of a device not heard of for long
        page = shown.page
        doubted = page.get_by_role("complementary", name="Not borne out by the evidence")
        doubted.get_by_text("the valve broke").wait_for()
        page.get_by_text("one answer for 7 devices").wait_for()
        page.get_by_text("no longer stored").wait_for()
        page.get_by_role("link", name="pump-6").wait_for()
        assert not page.get_by_role("link", name="pump-1").is_visible()
        page.get_by_text("2 more").click()
        page.get_by_role("link", name="pump-1").wait_for()
        assert shown.barriers() == []
        page.context.close()
    assert shown.complaints == []


def doubted_record(device: str) -> AlertRecord:
    """Make an alert of a site incident whose model said what the evidence does not bear out."""
    stored = record("jolt", device=device, minutes=int(device[-1]))
    earlier = EarlierIncident(
        incident="b" * 32, opened_at=stored.alert.opened_at, kind="spike", label="a jolt", verdict="confirmed"
    )
    alert = structs.replace(
        stored.alert,
        site_incident="a" * 32,
        evidence=structs.replace(stored.alert.evidence, earlier=(earlier,)),
        explanation=Explanation(
            source="evidence", model="a-model", grounded=False, doubtful="Collapse: the valve broke", devices=7
        ),
    )
    return replace(stored, alert=alert)


def test_a_live_chart_moves_pauses_and_goes_back(plant: PagePlant, window: Window) -> None:
    """New values appear by themselves; paused they do not; back in time the span is told."""
    window.open(f"{plant.page}/#/devices/fast-3")
    now = window.page.locator(".chart", has_text="temperature").locator("strong")

    def shown_when_said() -> bool:
        plant.say("fast-3", temperature=71.25)
        window.page.wait_for_timeout(1200)  # the detector tells of a device at most once a second
        return bool(window.page.get_by_text("71.25").first.is_visible())

    wait_for(shown_when_said, 60, "a value appears by itself")
    window.page.get_by_role("button", name="Pause", exact=True).click()
    shown = now.first.text_content()
    time.sleep(1.1)  # the detector tells of a device at most once a second
    plant.say("fast-3", temperature=72.5)
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
