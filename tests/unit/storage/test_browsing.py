from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from alembic import command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.beginnings import words_that_begin
from storage.browsing import Filters, page
from storage.database import writing
from storage.errors import BadCursorError
from storage.migrate import configuration, migrate
from tests.unit.storage.alert_records import START, record

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from storage.book import AlertBook
    from storage.records import AlertRecord


def worded(name: str, label: str, *, device: str = "boiler", minutes: float = 0) -> AlertRecord:
    """Make an alert with a label of its own."""
    made = record(name, device=device, minutes=minutes)
    return replace(made, alert=msgspec.structs.replace(made.alert, label=label))


def labels(engine: Engine, text: str, **filters: object) -> list[str]:
    """Return the labels that a search finds, in its order."""
    return [alert.label for alert in page(engine, Filters(text=text, **filters)).alerts]  # type: ignore[arg-type]


@pytest.mark.parametrize("limit", [1, 3, 7, 50])
def test_pages_give_every_alert_once_newest_first(book: AlertBook, engine: Engine, limit: int) -> None:
    """Page by page comes what one page would hold, also where alerts opened at the same time."""
    saved = [record(str(i), minutes=i // 3) for i in range(11)]
    with book.writing() as entry:
        entry.save(saved)
    found, after = [], None
    while True:
        one = page(engine, after=after, limit=limit)
        found += one.alerts
        after = one.next
        if after is None:
            break
    assert len(one.alerts) > 0
    expected = sorted(saved, key=lambda each: each.alert.opened_at, reverse=True)
    assert [alert.opened_at for alert in found] == [each.alert.opened_at for each in expected]
    assert {alert.incident for alert in found} == {each.alert.incident for each in saved}
    assert len(found) == len(saved)


def test_alerts_that_come_meanwhile_do_not_move_the_next_page(book: AlertBook, engine: Engine) -> None:
    """A cursor stays right while newer alerts are stored."""
    with book.writing() as entry:
        entry.save([record(str(i), minutes=i) for i in range(4)])
    first = page(engine, limit=2)
    with book.writing() as entry:
        entry.save([record("new", minutes=9)])
    assert [alert.opened_at.minute for alert in page(engine, after=first.next, limit=2).alerts] == [1, 0]


def test_each_filter_narrows_the_list(book: AlertBook, engine: Engine) -> None:
    """Device, status, least severity, kind and both bounds of time choose; unset ones do not."""
    saved = [
        record("a", minutes=0, severity="minor"),
        record("b", minutes=1, severity="critical", device="pump"),
        record("c", minutes=2, severity="major", status="closed"),
    ]
    with book.writing() as entry:
        entry.save(saved)
    ids = {each.alert.incident: name for each, name in zip(saved, "abc", strict=True)}
    expected = {
        "cba": Filters(),
        "ca": Filters(device="boiler"),
        "ba": Filters(status=["open", "snoozed"]),
        "cb": Filters(severity="major"),
        "b": Filters(since=START + timedelta(minutes=1), until=START + timedelta(minutes=2)),
        "": Filters(kinds=["spike"]),
    }
    for names, filters in expected.items():
        assert "".join(ids[alert.incident] for alert in page(engine, filters).alerts) == names


def test_words_are_found_by_their_beginnings(book: AlertBook, engine: Engine) -> None:
    """All words must stand in the alert, in any case and order; those that stand nowhere may begin words there."""
    with book.writing() as entry:
        entry.save(
            [
                worded("a", "Temperature has risen", device="press-1"),
                worded("b", "pressure dropped by 23.5 bar", device="boiler", minutes=1),
                worded("c", "Durchfluß gefallen: Kühlung", device="press-2", minutes=2),
            ]
        )
    assert labels(engine, "press") == ["Durchfluß gefallen: Kühlung", "Temperature has risen"]
    assert len(labels(engine, "pres")) == 3
    assert labels(engine, "press-1") == ["Temperature has risen"]
    assert labels(engine, "RISEN temp") == ["Temperature has risen"]
    assert labels(engine, "23.5 bar") == ["pressure dropped by 23.5 bar"]
    assert labels(engine, "kühl") == ["Durchfluß gefallen: Kühlung"]
    assert labels(engine, "press", device="press-2") == ["Durchfluß gefallen: Kühlung"]
    assert labels(engine, "risen dropped") == []
    assert labels(engine, "…") == []


def test_letters_that_the_index_does_not_know_are_no_error(book: AlertBook, engine: Engine) -> None:
    """A word with a letter that came late into Unicode is looked for in parts."""
    with book.writing() as entry:
        entry.save([worded("a", "Temperature of tank", device="x")])
    assert labels(engine, "tank\N{NEW TAI LUE VOWEL SIGN VOWEL SHORTENER}temperature") == ["Temperature of tank"]


def test_the_index_of_words_is_made_of_what_is_there(book: AlertBook, engine: Engine) -> None:
    """Alerts stored before a step of migration are found by their words after it, changed and deleted ones too."""
    with book.writing() as entry:
        entry.save([worded("a", "Temperature has risen", device="x"), worded("b", "Kiln has cooled", device="x")])
    with writing(engine).begin() as connection:
        config = configuration()
        config.attributes["connection"] = connection
        command.downgrade(config, "0005")
    migrate(engine)
    with book.writing() as entry:
        entry.save([worded("b", "Kiln is cold", device="x")])
    assert (labels(engine, "has risen"), labels(engine, "cooled")) == (["Temperature has risen"], [])
    assert labels(engine, "cold") == ["Kiln is cold"]


def test_the_words_that_begin_so_are_looked_up_each_once(book: AlertBook, engine: Engine) -> None:
    """Words of the index by their beginning; none where the index folds letters, or where they are too many."""
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL searches beginnings by itself")
    with book.writing() as entry:
        entry.save([worded("a", "Temperature template", device="x"), worded("b", "temper Temperature", device="x")])
        entry.save([worded("many", " ".join(f"q{number}" for number in range(30)), device="x")])
    with engine.connect() as connection:
        assert words_that_begin(connection, "temp") == ["temper", "temperature", "template"]
        assert words_that_begin(connection, "nothing") == []
        assert words_that_begin(connection, "ü") == []
        assert len(words_that_begin(connection, "q")) == 30
        assert words_that_begin(connection, "q", most=29) == []
    assert len(labels(engine, "templ")) == 1
    assert len(labels(engine, "q1 q2")) == 1


def test_words_and_other_filters_choose_together(book: AlertBook, engine: Engine) -> None:
    """Few alerts of other filters, or many: those that hold the words come, newest first, page by page."""
    opened = [record(str(i), minutes=i, status="open" if i % 100 == 0 else "closed") for i in range(610)]
    with book.writing() as entry:
        entry.save(opened)
    assert len(page(engine, Filters(text="temp", status=["open"])).alerts) == 7
    assert labels(engine, "temperature", since=START + timedelta(minutes=608)) == ["temperature has shifted up"] * 2
    assert labels(engine, "else", status=["open"]) == []
    first = page(engine, Filters(text="shifted", status=["closed"]), limit=600)
    rest = page(engine, Filters(text="shifted", status=["closed"]), after=first.next, limit=600)
    assert [len(first.alerts), len(rest.alerts), rest.next] == [600, 3, None]
    few = page(engine, Filters(text="shifted", status=["open"]), limit=6)
    last = page(engine, Filters(text="shifted", status=["open"]), after=few.next, limit=6)
    assert [alert.opened_at for alert in last.alerts] == [START]


def test_search_follows_a_changed_text(book: AlertBook, engine: Engine) -> None:
    """After an alert was explained anew, its new words are found and its old ones are not."""
    with book.writing() as entry:
        entry.save([worded("a", "old words")])
        entry.save([worded("a", "fresh phrase")])
    assert labels(engine, "fresh") == ["fresh phrase"]
    assert labels(engine, "old") == []


@pytest.mark.parametrize("text", ["temperature", "temp"])
def test_a_search_is_paged_too(book: AlertBook, engine: Engine, text: str) -> None:
    """Page by page, a search gives every match once."""
    with book.writing() as entry:
        entry.save([record(str(i), minutes=i) for i in range(7)])
    found, after = [], None
    for _ in range(4):
        one = page(engine, Filters(text=text), after=after, limit=2)
        found += [alert.opened_at.minute for alert in one.alerts]
        after = one.next
    assert (found, after) == ([6, 5, 4, 3, 2, 1, 0], None)


@pytest.mark.parametrize("cursor", ["", "x", "%%%", "MTIgeA", "MSAyMDI2LTAxLTAx", "é"])
def test_a_cursor_that_is_none_is_refused(engine: Engine, cursor: str) -> None:
    """Whatever a caller sends as a cursor gives an error of ours."""
    with pytest.raises(BadCursorError):
        page(engine, after=cursor)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=40))
def test_any_text_may_be_searched_for(engine: Engine, text: str) -> None:
    """No text breaks the search, whatever it means to the database."""
    assert page(engine, Filters(text=text)).alerts == []
