"""Times as people write and read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.time_words import moment, shortly, span_words

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "ago"),
    [
        ("30s", timedelta(seconds=30)),
        ("30m", timedelta(minutes=30)),
        ("1.5h", timedelta(minutes=90)),
        (" 2 D ", timedelta(days=2)),
        ("1w", timedelta(weeks=1)),
    ],
)
def test_spans_count_back_from_now(words: str, ago: timedelta) -> None:
    """A span is so long ago."""
    assert moment(words, NOW) == NOW - ago


def test_a_time_without_a_zone_is_on_this_clock() -> None:
    """A bare time is what the clock on the wall says."""
    assert moment("2026-11-22T06:30", NOW) == datetime(2026, 11, 22, 6, 30).astimezone(UTC)
    assert moment("2026-11-22T06:30+02:00", NOW) == datetime(2026, 11, 22, 4, 30, tzinfo=UTC)


@pytest.mark.parametrize("words", ["", "yesterday", "2 fortnights", "-1h", "99999999999d", "2026-13-01"])
def test_other_words_are_refused(words: str) -> None:
    """What is no time is refused with examples of what is."""
    with pytest.raises(ValueError, match="expected a span such as"):
        moment(words, NOW)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "0 s"),
        (3.14, "3.1 s"),
        (42, "42 s"),
        (60, "1 min"),
        (303, "5 min 3 s"),
        (7800, "2 h 10 min"),
        (100 * 3600, "4 d 4 h"),
    ],
)
def test_spans_are_written_shortly(seconds: float, words: str) -> None:
    """A duration takes two units at most."""
    assert span_words(timedelta(seconds=seconds)) == words


def test_a_time_is_written_without_what_is_known() -> None:
    """Of today only the clock, of this year no year."""
    assert shortly(NOW, NOW) == f"{NOW.astimezone():%H:%M:%S}"
    assert shortly(NOW - timedelta(days=30), NOW) == f"{(NOW - timedelta(days=30)).astimezone():%m-%d %H:%M}"
    assert shortly(NOW - timedelta(days=900), NOW).startswith("2024-06-0")


@given(st.floats(0, 1e7))
def test_every_span_has_words(seconds: float) -> None:
    """Any duration is written in a few characters."""
    assert 2 < len(span_words(timedelta(seconds=seconds))) < 15
