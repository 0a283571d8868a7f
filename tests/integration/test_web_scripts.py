"""What the page's scripts make of figures, asked in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests import browser as browsers
from tests.web_site import running_site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.browser import Window

pytestmark = [pytest.mark.broker, pytest.mark.slow]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    """The page in Chromium, whose modules answer."""
    for browser in browsers.browser():
        with running_site(tmp_path_factory.mktemp("site")) as site:
            window = browsers.window(browser)
            window.open(site.address)
            yield window
            window.page.context.close()


def asked(shown: Window, module: str, call: str) -> Any:
    """Call a function of a module of the page; nothing (undefined) comes back as the text "-"."""
    words = f"import('/static/js/{module}').then((m) => JSON.stringify(m.{call}, (_, v) => v === undefined ? '-' : v))"
    return shown.page.evaluate(f"{words}.then(JSON.parse)")


def test_a_metric_that_comes_with_every_third_reading_is_a_line(shown: Window) -> None:
    """Between its values there is no gap; where it stayed away far longer than usual there is one."""
    times = list(range(61))
    values = [float(at) if at % 3 == 0 and not 12 < at < 48 else None for at in times]
    line = asked(shown, "chart.js", f"bridged([{times}, {values}])".replace("None", "null"))[1]
    assert line[:4] == [0, "-", "-", 3]
    assert line[12] == 12
    assert line[13:48] == [None] * 35
    assert line[48:52] == [48, "-", "-", 51]


def test_a_metric_of_every_reading_has_gaps_where_it_has_no_value(shown: Window) -> None:
    """A sensor that gives no value for a moment shows it."""
    assert asked(shown, "chart.js", "bridged([[1, 2, 3, 4, 5, 6], [7, 7, null, 7, 7, 7]])")[1][2] is None


@pytest.mark.parametrize(("seconds", "words"), [(0, "0 s"), (22.5, "22 s"), (217, "3 min 37 s"), (7800, "2 h 10 min")])
def test_a_duration_is_told_as_the_bell_tells_it(shown: Window, seconds: float, words: str) -> None:
    """In its two largest units, a half rounded to the even number."""
    assert asked(shown, "format.js", f"length({seconds})") == words


def test_a_moment_says_its_zone_and_hours_of_the_whole_day(shown: Window) -> None:
    """What is said of an incident is in UTC; the page's own times stand on the reader's clock."""
    words = asked(shown, "format.js", "moment('2026-11-22T22:02:08Z')")
    zone = shown.page.evaluate("new Date().toLocaleTimeString('en', {timeZoneName: 'short'}).split(' ').at(-1)")
    assert ":02:08" in words
    assert "PM" not in words
    assert words.endswith(zone)


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [("86.31", "'°C'", "86.31 °C"), ("57.5", "'%'", "57.5%"), ("1", "''", "1"), ("null", "'A'", "\u2013")],
)
def test_a_value_is_told_with_its_unit(shown: Window, value: str, unit: str, words: str) -> None:
    """As the words of an alert do."""
    assert asked(shown, "format.js", f"measured({value}, {unit})") == words


@pytest.mark.parametrize(("number", "words"), [(1, "1 anomaly"), (2, "2 anomalies")])
def test_one_is_not_said_in_the_plural(shown: Window, number: int, words: str) -> None:
    """One anomaly, two anomalies."""
    assert asked(shown, "format.js", f"several({number}, 'anomaly', 'anomalies')") == words
