"""`tocsin alerts show`, `export`, `backup` and `digest`."""

from __future__ import annotations

import csv
import gzip
import json
import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.alert import Cause
from contracts.codec import encode
from contracts.service import Feedback
from explainer.upkeep.calendar import newest_due, week_of
from storage.book import AlertBook
from storage.database import open_engine
from storage.migrate import migrate
from storage.records import StoredAnomaly
from tests.unit.explainer.anomalies import anomaly
from tests.unit.storage.alert_records import START, record
from tests.unit.tocsin.command_line import tocsin
from tocsin.book.export_columns import safe

if TYPE_CHECKING:
    from pathlib import Path

BOILER = "boiler"


def fill(file: Path) -> str:
    """Fill a database with two incidents of the boiler, with an anomaly and a word; return the second's id."""
    engine = open_engine(f"sqlite:///{file}")
    migrate(engine)
    book = AlertBook(engine)
    first, second = record("zero", status="closed"), record("one", minutes=30)
    second = replace(
        second,
        alert=msgspec.structs.replace(
            second.alert, label="=HYPERLINK(1)", causes=(Cause(cause="@evil", confidence=0.4),), verdict=None
        ),
    )
    seen = anomaly()
    assert seen.incident.id == second.alert.incident
    word = Feedback(incident=first.alert.incident, verdict="confirmed", at=START, by="kim", note="the belt was torn")
    with book.writing() as entry:
        entry.save([first, second])
        entry.add_anomalies([StoredAnomaly(seen, encode(seen).decode(), START)])
        entry.add_feedback([("d", word)])
    book.close()
    return second.alert.incident


@pytest.fixture
def incident(place: Path) -> str:
    """The newer of two incidents in the default database."""
    return fill(place / "data" / "alerts.db")


@pytest.mark.parametrize("words", [("ack", "0"), ("snooze", "0", "--for", "2h"), ("feedback", "0", "confirmed")])
def test_whoever_says_something_may_name_the_database(place: Path, words: tuple[str, ...]) -> None:
    """An incident's first characters are looked up there, as a missing default database suggests it."""
    assert "--database" in tocsin(*words).stderr
    fill(place / "demo.db")
    answer = tocsin(*words, "--database", place / "demo.db")
    assert answer.exit_code == 1
    assert "no alert begins so" in answer.stderr


def test_show_tells_all_of_an_incident(incident: str) -> None:
    """Anomalies and the earlier incident it resembles, with what was said of that, stand below the alert."""
    answer = tocsin("alerts", "show", incident[:8])
    assert answer.exit_code == 0
    assert "anomalies    1 stored\n" in answer.stdout
    assert "open   level shift, score 0.980, temperature 80%" in answer.stdout
    assert "like it      100%" in answer.stdout
    assert "the belt was torn" in answer.stdout


def test_show_as_json_holds_the_anomalies_as_they_came(incident: str) -> None:
    """The document has the alert, its anomalies, words, attempts and earlier incidents."""
    document = json.loads(tocsin("alerts", "show", incident, "--json").stdout)
    assert document["alert"]["incident"] == incident
    assert document["anomalies"][0]["id"] == anomaly().id
    assert document["earlier"][0]["said"][0]["by"] == "kim"
    assert tocsin("alerts", "show").exit_code == 2


@pytest.mark.usefixtures("incident")
def test_filters_and_pages() -> None:
    """Words, status, severity and kind choose; a cut list goes on with what `--after` is given."""
    assert "No alerts that fit" in tocsin("alerts", "--search", "nonsense").stderr
    assert len(tocsin("alerts", "--search", "hyperl", "--json").stdout.splitlines()) == 1
    assert len(tocsin("alerts", "--status", "closed", "--severity", "minor", "--json").stdout.splitlines()) == 1
    assert len(tocsin("alerts", "--kind", "level-shift", "--json").stdout.splitlines()) == 2
    assert tocsin("alerts", "--kind", "odd").exit_code == 2
    assert tocsin("alerts", "--after", "odd").exit_code == 2


@pytest.mark.usefixtures("incident")
def test_csv_has_anomalies_with_causes_and_metrics(place: Path) -> None:
    """Each anomaly is a row with candidates of causes and the metrics behind it; a formula is defused."""
    assert tocsin("export", "out.csv").exit_code == 0
    with (place / "out.csv").open(encoding="utf-8", newline="") as stream:
        (row,) = list(csv.DictReader(stream))
    assert row["anomaly"] == anomaly().id
    assert (row["cause_1"], row["cause_1_confidence"], row["cause_2"]) == ("'@evil", "0.4", "")
    assert (row["metric_1"], row["metric_1_share"], row["metric_1_unit"]) == ("temperature", "0.8", "°C")
    assert row["label"] == "'=HYPERLINK(1)"
    assert (place / "out.csv").stat().st_mode & 0o077 == 0


@pytest.mark.usefixtures("incident")
def test_alerts_and_packed_files(place: Path) -> None:
    """`--rows alerts` gives a row an alert; `.gz` packs; options choose rows."""
    answer = tocsin("export", "alerts.csv.gz", "--rows", "alerts", "--until", "2026-11-22T06:10:00Z")
    assert "1 alerts written" in answer.stderr
    with gzip.open(place / "alerts.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        (row,) = list(csv.DictReader(stream))
    assert (row["status"], row["duration_s"]) == ("closed", "420.0")


@pytest.mark.usefixtures("incident")
def test_json_lines_hold_everything(place: Path) -> None:
    """A header, then each alert before what belongs to it, the anomaly as the very JSON it came as."""
    tocsin("export", "book.jsonl")
    lines = [json.loads(line) for line in (place / "book.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["type"] for line in lines] == ["header", "alert", "alert", "anomaly", "feedback"]
    assert lines[3]["body"] == json.loads(encode(anomaly()))


@pytest.mark.usefixtures("incident")
def test_wrong_exports_are_wrong_use(place: Path) -> None:
    """A name that says no format, unknown rows and a folder that is not there are refused; no file is left."""
    assert tocsin("export", "out.xlsx").exit_code == 2
    assert tocsin("export", "out.csv", "--rows", "cells").exit_code == 2
    assert "No such file" in tocsin("export", "none/out.csv").stderr
    assert sorted(path.name for path in place.iterdir()) == ["data"]


def test_a_backup_is_made_while_somebody_writes(incident: str, place: Path) -> None:
    """The copy is sound, holds what was committed, is private, and replaces nothing."""
    writer = sqlite3.connect(place / "data" / "alerts.db", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("DELETE FROM anomalies")
    answer = tocsin("backup", "copy.db")
    writer.execute("ROLLBACK")
    writer.close()
    assert (answer.exit_code, "2 alerts, 1 anomalies" in answer.stdout) == (0, True), answer.stderr
    assert (place / "copy.db").stat().st_mode & 0o077 == 0
    assert incident in tocsin("alerts", "show", incident, "--database", "copy.db").stdout
    assert "exists already" in tocsin("backup", "copy.db").stderr
    assert sorted(path.name for path in place.iterdir() if "part" in path.name) == []


@pytest.mark.usefixtures("incident")
def test_the_digest_of_a_week() -> None:
    """It counts what opened in the week, names the devices, and lists what nobody takes care of."""
    text = tocsin("digest", "--week", "2026-W47").stdout
    assert text.startswith("Tocsin, 2026-11-16 to 2026-11-22: 2 incidents\n")
    assert "By severity: 2 major. The week before had 0 incidents." in text
    assert "boiler: 2 incidents, 2 of them major or critical, 7 min in all" in text
    assert "Open and not taken care of: 1" in text
    assert "Nothing rang. The week before had 2 incidents." in tocsin("digest", "--week", "2026-W48").stdout
    assert tocsin("digest", "--week", "2026-W60").exit_code == 2


@given(st.text(max_size=20))
def test_no_text_starts_a_formula(text: str) -> None:
    """Whatever a device calls itself, a spreadsheet takes it for text."""
    made = safe(text) or ""
    assert not made.lstrip().startswith(("=", "+", "-", "@"))
    assert made.isprintable()


@given(st.datetimes(datetime(2001, 1, 1), datetime(2099, 1, 1)), st.integers(0, 6), st.integers(0, 23))  # noqa: DTZ001 - a wall clock
def test_a_digest_is_due_once_a_week(now: datetime, weekday: int, hour: int) -> None:
    """The newest due time is on its day and hour, not after now, and less than a week ago."""
    due = newest_due(now, weekday, hour)
    assert (due.weekday(), due.hour) == (weekday, hour)
    assert timedelta(0) <= now - due < timedelta(days=7)
    assert week_of(None, now) == (now - timedelta(days=7), now)
