from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from sqlalchemy import text

from contracts.service import DeadLetter, Feedback
from storage import queries
from storage.book import AlertBook
from storage.browsing import page
from storage.columns import iso
from storage.database import open_engine
from storage.errors import UnavailableError, UnknownIncidentError
from tests.unit.storage.alert_records import START, record

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine


def test_an_alert_comes_back_as_it_was_saved(book: AlertBook) -> None:
    """Saving and loading keeps every field, to the microsecond."""
    made = record(status="snoozed")
    alert = structs.replace(made.alert, verdict="confirmed", snoozed_until=START, site_incident="0" * 32)
    saved = replace(made, alert=alert, handling="snoozed", handled_at=START, snoozed_until=START, verdict="confirmed")
    saved = replace(saved, reminded_at=START)
    with book.writing() as entry:
        entry.save([saved])
    with book.writing() as entry:
        assert entry.records([saved.alert.incident]) == {saved.alert.incident: saved}


def test_saving_again_replaces_the_alert_of_the_incident(book: AlertBook, engine: Engine) -> None:
    """An incident has one row, however often it is saved."""
    with book.writing() as entry:
        entry.save([record(), record("two")])
        entry.save([record(status="closed")])
    found = page(engine).alerts
    assert sorted(alert.status for alert in found) == ["closed", "open"]


def test_the_feed_reads_well(book: AlertBook, engine: Engine) -> None:
    """The view shows readable columns, newest first, the duration in plain words."""
    with book.writing() as entry:
        entry.save([record(status="closed"), record("two", minutes=5)])
    with engine.connect() as connection:
        newest, oldest = connection.execute(text("SELECT * FROM alert_feed LIMIT 2")).mappings()
    assert list(newest)[:7] == ["opened_at", "device", "severity", "status", "label", "reason", "causes"]
    assert (newest["label"], newest["severity"]) == ("temperature has shifted up", "major")
    assert (oldest["duration"], newest["duration"]) == ("7 min", "")
    assert oldest["causes"] == "a blocked filter (40%); overload (25%)"


def test_an_alert_is_found_by_the_beginning_of_its_id(book: AlertBook, engine: Engine) -> None:
    """A beginning that fits one incident finds it; one that fits none or several is an error."""
    with book.writing() as entry:
        entry.save([record("one"), record("two")])
    incident = record("one").alert.incident
    assert queries.alert(engine, incident[:8]).incident == incident
    for wrong in ("", "%", "zz"):
        with pytest.raises(UnknownIncidentError):
            queries.alert(engine, wrong)


def test_publications_keep_their_order_and_are_settled_once(book: AlertBook) -> None:
    """The outbox gives what is owed in order, after a number, until it is settled; numbers never come twice."""
    with book.writing() as entry:
        entry.queue([("a", b"1"), ("b", b"2"), ("c", b"3")], START)
    first, second, third = book.publications(10)
    assert (first.topic, second.payload, book.publications(10, after=second.id)) == ("a", b"2", [third])
    with book.writing() as entry:
        entry.settle([first.id, second.id, third.id])
        entry.queue([("d", b"4")], START)
    (fourth,) = book.publications(10)
    assert fourth.id > third.id


def test_what_is_delivered_again_is_stored_once(book: AlertBook, engine: Engine) -> None:
    """Dead letters and feedback with a known digest are not inserted again."""
    letter = DeadLetter(reason="r", detail="d", topic="t", payload=b"\0\xff", size=2, service="s", received_at=START)
    word = Feedback(incident=record().alert.incident, verdict="confirmed", at=START)
    for _ in range(2):
        with book.writing() as entry:
            entry.add_dead_letters([("1", letter)])
            entry.add_feedback([("1", word)])
    assert queries.counts(engine)["feedback"] == 1
    assert queries.dead_letters(engine)[0]["payload"] == b"\0\xff"


def test_a_locked_database_is_unavailable_not_broken(
    book: AlertBook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process's long transaction gives an error that says to try again, and nothing is written."""
    monkeypatch.setattr("storage.database.BUSY_TIMEOUT_MS", 10)
    other = sqlite3.connect(tmp_path / "alerts.db")
    other.execute("BEGIN IMMEDIATE")
    impatient = AlertBook(open_engine(f"sqlite:///{tmp_path}/alerts.db"))
    with pytest.raises(UnavailableError, match="locked"):
        impatient.ping()
    other.rollback()
    other.close()
    impatient.ping()
    impatient.close()
    book.close()


def test_an_exception_undoes_the_whole_entry(book: AlertBook, engine: Engine) -> None:
    """Either everything of a transaction is stored or nothing."""

    def fail_late() -> None:
        with book.writing() as entry:
            entry.save([record()])
            entry.queue([("a", b"1")], START)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_late()
    assert set(queries.counts(engine).values()) == {0}


@given(
    st.lists(st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1)), min_size=2),  # noqa: DTZ001 - the zone is drawn
    st.integers(-14, 14),
)
def test_times_as_text_sort_as_times(times: list[datetime], hours: int) -> None:
    """The text that SQLite keeps sorts as the times do, whatever zone they were given in."""
    zone = timezone(timedelta(hours=hours))
    aware = [time.replace(tzinfo=zone if index % 2 else UTC) for index, time in enumerate(times)]
    assert sorted(iso(time) for time in aware) == [iso(time) for time in sorted(aware)]
    assert all(datetime.fromisoformat(iso(time)) == time for time in aware)
