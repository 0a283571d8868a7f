from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest

from storage import explaining
from storage.records import Attempt, BudgetStop, Spending
from tests.unit.storage.alert_records import START, record

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from storage.book import AlertBook
    from storage.records import AlertRecord


def owed_by(engine: Engine, limit: int) -> list[AlertRecord]:
    """Return what is owed."""
    with engine.connect() as connection:
        return explaining.owed(connection, limit)


def spent(engine: Engine, since: datetime) -> Spending:
    """Return what was spent."""
    with engine.connect() as connection:
        return explaining.spent_since(connection, since)


def attempt(of: AlertRecord, **what: object) -> Attempt:
    """Make an attempt that ended well."""
    made = Attempt(incident=of.alert.incident, started_at=START, provider="p", model="m", template="t")
    return replace(made, **({"outcome": "explained", "requests": 1, "prompt_tokens": 10} | what))  # type: ignore[arg-type]


def test_devices_are_named_once_each(book: AlertBook, engine: Engine) -> None:
    """However many alerts a device has, its name comes once, by name; an empty book has none."""
    with engine.connect() as connection:
        assert explaining.devices(connection, 10) == ()
    with book.writing() as entry:
        entry.save([record(name, device=device) for name in ("one", "two") for device in ("fan", "boiler", "pump")])
    with engine.connect() as connection:
        assert explaining.devices(connection, 10) == ("boiler", "fan", "pump")
        assert explaining.devices(connection, 2) == ("boiler", "fan")


def test_owed_explanations_come_by_severity_then_newest(book: AlertBook, engine: Engine) -> None:
    """The most severe comes first, among equals the newest; settled ones do not come, old ones can be told."""
    saved = [
        record("old", severity="critical", state="owed", minutes=-100),
        record("minor", severity="minor", state="owed", minutes=3),
        record("first", state="owed", minutes=1),
        record("second", state="owed", minutes=2),
        record("done", state="done"),
    ]
    with book.writing() as entry:
        entry.save(saved)
    owed = owed_by(engine, 3)
    assert [one.alert.incident for one in owed] == [
        saved[0].alert.incident,
        saved[3].alert.incident,
        saved[2].alert.incident,
    ]
    assert book.owed_before(START + timedelta(minutes=1), 10) == [saved[0].alert.incident]
    assert book.owed_count() == 4


def test_an_attempt_cut_off_is_owed_again_and_counted(book: AlertBook, engine: Engine) -> None:
    """What was being fetched when the service died counts as a request and is fetched again."""
    owing = record(state="owed")
    attempt = Attempt(incident=owing.alert.incident, started_at=START, provider="p", model="m", template="t")
    with book.writing() as entry:
        entry.save([owing])
        entry.start_attempt(attempt)
    assert owed_by(engine, 1) == []
    assert spent(engine, START) == Spending(requests=1, tokens=0)
    with book.writing() as entry:
        assert entry.interrupt_attempts() == 1
    assert owed_by(engine, 1) == [owing]
    assert spent(engine, START) == Spending(requests=1, tokens=0)


def test_spending_is_summed_since_a_moment(book: AlertBook, engine: Engine) -> None:
    """Requests and tokens of earlier attempts do not count."""
    saved = record()
    with book.writing() as entry:
        entry.save([saved])
        for hours in (0, 2):
            started = START + timedelta(hours=hours)
            attempt = Attempt(incident=saved.alert.incident, started_at=started, provider="p", model="m", template="t")
            number = entry.start_attempt(attempt)
            entry.finish_attempt(
                number, replace(attempt, outcome="explained", requests=2, prompt_tokens=100, answer_tokens=30)
            )
    assert spent(engine, START + timedelta(hours=1)) == Spending(requests=2, tokens=130)


def test_only_the_first_of_a_site_incident_is_asked_about(book: AlertBook, engine: Engine) -> None:
    """The others wait for it, and come with it once it has an answer or never will."""
    first, *others = [record(f"site {i}", state="owed", minutes=i) for i in range(4)]
    site = first.alert.incident
    saved = [replace(one, alert=msgspec.structs.replace(one.alert, site_incident=site)) for one in (first, *others)]
    with book.writing() as entry:
        entry.save(saved)
    assert owed_by(engine, 9) == saved[:1]
    with engine.connect() as connection:
        assert explaining.followers(connection, 9) == []
        assert explaining.site_incident(connection, site).devices == len({one.alert.device for one in saved})
    done = replace(saved[0], explanation_state="done")
    with book.writing() as entry:
        entry.save([done])
    with engine.connect() as connection:
        assert explaining.followers(connection, 9) == [(one, done) for one in saved[1:]]


@pytest.mark.parametrize(("outcome", "found"), [("explained", True), ("ungrounded", False), ("cached", False)])
def test_an_answer_is_found_by_its_question(book: AlertBook, engine: Engine, outcome: str, found: bool) -> None:  # noqa: FBT001
    """Only one that was grounded and not itself taken from memory, and only for so long."""
    one = record()
    with book.writing() as entry:
        entry.save([one])
        entry.start_attempt(attempt(one, outcome=outcome, answer="[]", fingerprint="f"))
    with engine.connect() as connection:
        known = explaining.known_answer(connection, "f", START)
        assert (known is not None) == found
        assert explaining.known_answer(connection, "g", START) is None
        assert explaining.known_answer(connection, "f", START + timedelta(seconds=1)) is None


def test_costs_are_summed_by_day_model_and_device(book: AlertBook, engine: Engine) -> None:
    """Calls, tokens and money, and the calls that were saved."""
    one = record()
    with book.writing() as entry:
        entry.save([one])
        entry.start_attempt(attempt(one, cost=0.5, answer_tokens=5))
        entry.start_attempt(attempt(one, cost=0.25, started_at=START + timedelta(days=1)))
        entry.start_attempt(attempt(one, outcome="cached", requests=0, prompt_tokens=0))
        entry.start_attempt(attempt(one, outcome="shared", requests=0, prompt_tokens=0))
    with engine.connect() as connection:
        (whole,) = explaining.costs(connection, START, ())
        days = explaining.costs(connection, START, ("day", "model"))
        assert [row["device"] for row in explaining.costs(connection, START, ("device",))] == [one.alert.device]
    told = ("calls", "prompt_tokens", "answer_tokens", "cost", "grounded", "cached", "shared")
    assert [whole[name] for name in told] == [2, 20, 5, 0.75, 2, 1, 1]
    assert [(row["day"], row["model"], row["cost"]) for row in days] == [
        (str(START.date()), "m", 0.5),
        (str((START + timedelta(days=1)).date()), "m", 0.25),
    ]


def test_when_a_budget_was_used_up_is_remembered(book: AlertBook, engine: Engine) -> None:
    """With what was used, what is allowed, and how many incidents waited."""
    stop = BudgetStop(START, "calls an hour", 60, 60, 12)
    with book.writing() as entry:
        explaining.note_stop(entry.connection, stop)
    with engine.connect() as connection:
        assert explaining.budget_stops(connection, START) == [stop]
        assert explaining.budget_stops(connection, START + timedelta(seconds=1)) == []
