"""`tocsin alerts`."""

from __future__ import annotations

import re
import shlex
import time
from typing import TYPE_CHECKING

import pytest

from contracts.alert import Alert
from contracts.codec import decode
from storage.book import AlertBook
from storage.database import open_engine
from storage.migrate import migrate
from tests.unit.storage.alert_records import record
from tests.unit.tocsin.command_line import tocsin

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def database(place: Path) -> Path:
    """A database with three alerts: two of the boiler, one of them over, and one of the pump."""
    file = place / "data" / "alerts.db"
    engine = open_engine(f"sqlite:///{file}")
    migrate(engine)
    book = AlertBook(engine)
    with book.writing() as entry:
        entry.save(
            [
                record("one", minutes=0, status="closed"),
                record("two", minutes=30),
                record("three", minutes=60, device="pump [2]", severity="critical"),
            ]
        )
    book.close()
    return file


@pytest.mark.usefixtures("database")
def test_lists_the_newest_first() -> None:
    """Without options the default database is listed, one alert a line, the newest first."""
    answer = tocsin("alerts")
    head, *rows = answer.stdout.splitlines()
    assert answer.exit_code == 0
    assert head.split()[:4] == ["opened", "incident", "device", "severity"]
    assert [row.split("  ")[2].strip() for row in rows] == ["pump [2]", "boiler", "boiler"]
    assert "temperature has shifted up" in rows[0]
    assert "7 min" in rows[2]
    assert "\x1b" not in answer.stdout


@pytest.mark.parametrize(
    ("options", "count"),
    [
        (["--open"], 2),
        (["--device", "boiler"], 2),
        (["--device", "boiler", "--open"], 1),
        (["--since", "2026-11-22T06:30:00Z"], 2),
        (["--limit", "1"], 1),
    ],
)
@pytest.mark.usefixtures("database")
def test_options_choose(options: list[str], count: int) -> None:
    """Each option leaves out what it should."""
    answer = tocsin("alerts", "--json", *options)
    assert len(answer.stdout.splitlines()) == count


@pytest.mark.usefixtures("database")
def test_json_lines_are_alerts() -> None:
    """Each line is an alert as it is on the bus."""
    lines = tocsin("alerts", "--json").stdout.splitlines()
    assert [decode(line.encode(), Alert).device for line in lines] == ["pump [2]", "boiler", "boiler"]


@pytest.mark.usefixtures("database")
def test_one_alert_in_full() -> None:
    """The first characters of an incident show all that is known of it."""
    incident = record("two").alert.incident
    answer = tocsin("alerts", incident[:8])
    assert f"incident     {incident}\n" in answer.stdout
    assert "causes        40%  a blocked filter\n" in answer.stdout
    assert "metrics      100%  temperature: 95.2 °C, expected 70 °C\n" in answer.stdout


@pytest.mark.usefixtures("database")
def test_times_of_an_alert_say_their_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason is told in UTC, so a time on this machine's clock says that it is one."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        answer = tocsin("alerts", record("one").alert.incident[:8])
    finally:
        monkeypatch.undo()
        time.tzset()
    assert re.search(r"opened       2026-11-22 \d\d:\d\d:\d\d CET\n", answer.stdout)
    assert re.search(r"closed       2026-11-22 \d\d:\d\d:\d\d CET, after", answer.stdout)


@pytest.mark.usefixtures("database")
def test_an_unknown_incident_is_an_error() -> None:
    """An incident that nobody knows is said to be unknown."""
    answer = tocsin("alerts", "ffff")
    assert answer.exit_code == 1
    assert "incident 'ffff'" in answer.stderr


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("name", ["kettle", "boiler", "pump [2]"])
def test_a_device_where_an_incident_is_expected_is_understood(name: str) -> None:
    """A name that is no incident's id is answered with the option that was meant."""
    answer = tocsin("alerts", name)
    assert answer.exit_code == 1
    assert f"tocsin alerts --device {shlex.quote(name)}" in answer.stderr
    assert "--device" not in tocsin("alerts", "ffff").stderr


@pytest.mark.usefixtures("database")
def test_nothing_found_is_said() -> None:
    """An empty answer is no error, and standard output stays empty."""
    answer = tocsin("alerts", "--device", "mill", "--open")
    assert (answer.exit_code, answer.stdout) == (0, "")
    assert answer.stderr == "No alerts that are not over of device 'mill'.\n"


def test_reading_writes_nothing(database: Path) -> None:
    """Looking at alerts changes no byte of the database."""
    before = database.read_bytes()
    assert tocsin("alerts", "--database", database).exit_code == 0
    assert database.read_bytes() == before


@pytest.mark.usefixtures("place")
def test_a_wrong_since_is_wrong_use() -> None:
    """A time that is none is refused before the database is opened."""
    answer = tocsin("alerts", "--since", "yesterday")
    assert answer.exit_code == 2
    assert "--since 'yesterday'" in answer.stderr


@pytest.mark.usefixtures("place")
def test_a_missing_database_says_who_makes_it() -> None:
    """Without a database the error says where it looked, and what makes one."""
    answer = tocsin("alerts")
    assert answer.exit_code == 1
    assert "no alert database at data/alerts.db" in answer.stderr
    assert "`tocsin demo`, or `make up`" in answer.stderr


def test_where_there_was_only_a_demo_its_alerts_are_listed(database: Path) -> None:
    """Before anything but a demo ran, its database is read, and that is said; one that is named stays the one."""
    (database.parent / "demo").mkdir()
    database.rename(database.parent / "demo" / "alerts.db")
    answer = tocsin("alerts")
    assert len(answer.stdout.splitlines()) == 4
    assert "the demo's, in data/demo/alerts.db" in answer.stderr
    named = tocsin("alerts", "--database", "data/alerts.db")
    assert named.exit_code == 1
    assert "--database data/demo/alerts.db" in named.stderr


def test_a_file_that_is_no_database_is_said(place: Path) -> None:
    """Another file is refused in the database's own words."""
    (place / "notes.txt").write_text("not a database, but long enough to be looked at " * 40)
    answer = tocsin("alerts", "--database", "notes.txt")
    assert answer.exit_code == 1
    assert "cannot read notes.txt: file is not a database" in answer.stderr


@pytest.mark.usefixtures("place")
def test_an_unknown_kind_of_database_is_wrong_use() -> None:
    """A URL of a database that nobody can read is refused."""
    assert tocsin("alerts", "--database", "mysql://somewhere/x").exit_code == 2
