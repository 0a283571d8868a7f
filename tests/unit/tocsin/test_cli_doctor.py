"""The checks of `tocsin doctor`, each on a part that is well and on one that is not."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from alembic.script import ScriptDirectory

from contracts.codec import encode
from contracts.service import DeadLetter, DeviceStatus, ServiceNotice, ServiceStatus
from contracts.topics import Topics
from detector.models.model_files import ModelFileError
from runtime.bus import Message
from runtime.version import version
from storage.book import AlertBook
from storage.database import open_engine
from storage.migrate import configuration, migrate
from tests.llm_server import LlmServer, hang, says, status
from tests.unit.tocsin.command_line import tocsin
from tocsin.doctor import database, machine, services
from tocsin.doctor.dead_letters import dead_letters
from tocsin.doctor.examination import finding_text
from tocsin.doctor.finding import bad, good, skipped
from tocsin.doctor.language_model import language_model
from tocsin.doctor.models import models

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.llm_server import Exchange
    from tocsin.doctor.finding import Finding

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def outcomes(url: str) -> dict[str, str]:
    """Examine a database."""
    return {finding.name: finding.outcome for finding in database.findings(url)}


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """A sound, empty alert database."""
    file = tmp_path / "alerts.db"
    engine = open_engine(f"sqlite:///{file}")
    migrate(engine)
    engine.dispose()
    file.chmod(0o644)
    return file


def test_a_sound_database_is_well(stored: Path) -> None:
    """File, soundness and tables are looked at, and nothing is written."""
    before = stored.read_bytes()
    assert outcomes(f"sqlite:///{stored}") == {
        "database file": "good",
        "database soundness": "good",
        "database tables": "good",
    }
    assert stored.read_bytes() == before


def test_the_newest_migration_is_found() -> None:
    """What the code expects is what the migrations themselves call their head."""
    assert database.newest_migration() == ScriptDirectory.from_config(configuration()).get_current_head()


def test_an_older_database_is_said(stored: Path) -> None:
    """A database that was not migrated yet is bad until the explainer has started."""
    with closing(sqlite3.connect(stored)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    assert outcomes(f"sqlite:///{stored}")["database tables"] == "bad"


def test_a_damaged_database_is_said(stored: Path) -> None:
    """Overwritten pages are found."""
    with closing(sqlite3.connect(stored)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    raw = bytearray(stored.read_bytes())
    raw[4 * size : 12 * size] = b"\xa5" * (8 * size)
    stored.write_bytes(raw)
    assert "bad" in outcomes(f"sqlite:///{stored}").values()


@pytest.mark.parametrize(("mode", "outcome"), [(0o644, "good"), (0o664, "doubtful"), (0o444, "bad")])
def test_rights_of_the_database_are_looked_at(stored: Path, mode: int, outcome: str) -> None:
    """The explainer must be able to write, and nobody else should."""
    stored.chmod(mode)
    assert outcomes(f"sqlite:///{stored}")["database file"] == outcome


def test_a_missing_database_ends_its_checks(tmp_path: Path) -> None:
    """Where no file is, only that is said."""
    assert outcomes(f"sqlite:///{tmp_path}/none.db") == {"database file": "bad"}
    assert not (tmp_path / "none.db").exists()


def with_dead_letters(file: Path, *letters: tuple[str, str, int]) -> Finding:
    """Store dead letters, each with its device, reason and age in minutes, and look at them."""
    book = AlertBook(open_engine(f"sqlite:///{file}"))
    with book.writing() as entry:
        entry.add_dead_letters(
            (
                f"{number:032}",
                DeadLetter(
                    reason=reason,
                    detail=f"field 'temperature' of {device} is 'hot'",
                    topic=f"tocsin/readings/{device}",
                    payload=b"{}",
                    size=2,
                    service="detector",
                    received_at=NOW - timedelta(minutes=age),
                ),
            )
            for number, (device, reason, age) in enumerate(letters)
        )
    book.close()
    return dead_letters(f"sqlite:///{file}", Topics(), NOW)


def test_without_dead_letters_all_is_well(stored: Path) -> None:
    """Those of more than an hour ago are history."""
    assert with_dead_letters(stored, ("boiler", "invalid", 61)).outcome == "good"


def test_dead_letters_are_counted_by_reason_and_device(stored: Path) -> None:
    """A warning says how many, of whom and why, gives an example, and where all of them are."""
    finding = with_dead_letters(stored, ("boiler", "invalid", 1), ("boiler", "invalid", 59), ("fan", "bad_time", 5))
    assert finding.outcome == "doubtful"
    assert finding.seen == (
        "3 messages of the last hour could not be used: boiler 2 (invalid), fan 1 (bad_time);"
        " such as: field 'temperature' of boiler is 'hot'"
    )
    assert f"sqlite3 {stored} 'select " in finding.remedy


def test_an_error_of_our_own_is_a_failure(stored: Path) -> None:
    """A message that met an error in Tocsin is no device's fault."""
    letters = [("boiler", "invalid", 1)] * 3 + [("pump", "internal_error", 2)]
    finding = with_dead_letters(stored, *letters)
    assert finding.outcome == "bad"
    assert "pump 1 (internal_error), boiler 3 (invalid); such as: field 'temperature' of pump" in finding.seen
    assert "the log of the detector" in finding.remedy


def test_of_a_flood_not_every_message_is_kept(stored: Path) -> None:
    """Where some may have been counted only, the number is called a least one."""
    finding = with_dead_letters(stored, *[("boiler", "invalid", 1)] * 60)
    assert finding.seen.startswith("at least 60 messages of the last hour")


def test_dead_letters_need_the_database(tmp_path: Path) -> None:
    """Without the database there is nothing to count; its own check says so."""
    assert dead_letters(f"sqlite:///{tmp_path}/none.db", Topics()).outcome == "skipped"


def test_packages_are_compared_with_what_is_needed() -> None:
    """Missing and outdated packages are named with what is needed; extras that nobody needs here are left out."""
    assert machine.packages(["typer>=0.15", 'ruff>=999; extra == "dev"']).outcome == "good"
    wrong = machine.packages(["typer>=999", 'no-such-thing>=1; extra == "detector"', "rich<1,>=0.1"])
    assert wrong.outcome == "bad"
    assert "no-such-thing is missing (extra detector)" in wrong.seen
    assert "needed is >=999" in wrong.seen
    assert "rich is" in wrong.seen


def test_this_environment_is_well() -> None:
    """Where the tests run, everything is installed."""
    assert [finding.outcome for finding in machine.python()] == ["good", "good"]


def test_the_disk_is_looked_at_where_the_data_will_be(tmp_path: Path) -> None:
    """A directory that is not there yet is judged by the one that will hold it."""
    assert f"free at {tmp_path}" in machine.disk(tmp_path / "not" / "yet").seen


def said(topic: str, payload: bytes, *, retained: bool = True) -> Message:
    """Make a delivery."""
    return Message(topic, payload, retained=retained, duplicate=False, received_at=NOW, delivery=None)


def service(name: str, state: str = "online", *, age: float = 1.0, retained: bool = True, **more: object) -> Message:
    """Make a service's word of some seconds ago."""
    words = {"version": version(), "at": NOW - timedelta(seconds=age), **more}
    status_ = ServiceStatus(service=name, instance="1", state=state, **words)  # type: ignore[arg-type]
    return said(f"tocsin/services/{name}/1", encode(status_), retained=retained)


def judged(*messages: Message) -> dict[str, str]:
    """Examine what was heard."""
    heard = services.Heard()
    for message in messages:
        heard.take(message)
    return {finding.name: finding.outcome for finding in services.findings(heard)}


def test_services_that_are_online_are_well() -> None:
    """Two services are needed; the producer is only for the simulator."""
    assert judged(service("detector", retained=False, age=0.01), service("explainer")) == {
        "detector": "good",
        "explainer": "good",
        "producer": "skipped",
        "devices": "skipped",
        "clocks": "good",
    }


def test_services_that_are_not_well_are_said() -> None:
    """A service that went, that is of another version, that fell silent, or whose clock differs is found."""
    assert judged(service("detector", "offline"), service("explainer", version="0.0.9"))["detector"] == "bad"
    assert judged(service("explainer", version="0.0.9"))["explainer"] == "doubtful"
    assert judged(service("explainer", age=300))["explainer"] == "doubtful"
    assert judged(service("detector", retained=False, age=5))["clocks"] == "bad"
    assert judged()["detector"] == "bad"


def test_devices_are_counted_by_state() -> None:
    """States are counted; a message that is none is left out."""
    heard = services.Heard()
    for name, state in (("a", "ready"), ("b", "ready"), ("c", "learning")):
        device = DeviceStatus(device=name, state=state, since=NOW, readings=1)  # type: ignore[arg-type]
        heard.take(said(f"tocsin/devices/{name}", encode(device)))
    heard.take(said("tocsin/devices/d", b"?"))
    assert [finding.seen for finding in services.findings(heard) if finding.name == "devices"] == [
        "1 learning, 2 ready"
    ]


def test_what_the_detector_noticed_is_said() -> None:
    """Notices of devices are shown by their reason, the newest first, with what to do."""
    notices = tuple(
        ServiceNotice(device=f"radio-{day}", reason="too_many_devices", words="left out", at=NOW + timedelta(days=day))
        for day in range(5)
    )
    heard = services.Heard()
    heard.take(service("detector", notices=notices))
    [finding] = [one for one in services.findings(heard) if one.name == "noticed"]
    assert finding.outcome == "doubtful"
    assert finding.seen.startswith("radio-4: left out; radio-3: left out")
    assert finding.seen.endswith("and 2 more")
    assert "limits" in finding.remedy


def test_models_that_are_not_what_was_saved_are_said(tmp_path: Path) -> None:
    """A model file without its manifest, or changed since, is bad."""
    assert models(tmp_path).outcome == "skipped"
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "x.joblib").write_bytes(b"?")
    assert models(tmp_path).outcome == "bad"


def test_a_model_that_is_replaced_meanwhile_is_not_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The detector deletes old versions while the doctor looks: what is gone by then is not called damaged."""

    def deleted(file: Path) -> None:
        file.unlink()
        raise ModelFileError("no readable manifest")

    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "x.joblib").write_bytes(b"?")
    monkeypatch.setattr("tocsin.doctor.models.load_model", deleted)
    assert models(tmp_path).outcome == "good"


def test_an_installation_that_asks_for_no_packages_says_nothing_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """In an image, whose packages were pinned when it was built, there is nothing to compare."""
    monkeypatch.setattr("tocsin.doctor.machine.requires", lambda _: None)
    assert [finding.name for finding in machine.python()] == ["Python"]


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(
    ("behaviour", "outcome", "remedy"),
    [
        (says('{"ready": true}'), "good", ""),
        (status(401), "bad", "the key is not accepted"),
        (status(404), "bad", "is the model's name right?"),
        (status(429), "bad", "limit"),
        (status(500), "bad", "is the server there?"),
        (hang, "bad", "is the server there?"),
    ],
)
def test_the_language_model_is_asked_once(
    behaviour: Callable[[Exchange], None], outcome: str, remedy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One short question goes to the configured server; what is wrong is said with what to do."""
    with LlmServer([behaviour]) as server:
        monkeypatch.setenv("TOCSIN_LLM_BASE_URL", server.url)
        monkeypatch.setenv("TOCSIN_LLM_TIMEOUT_S", "0.5" if behaviour is hang else "10")
        finding = language_model()
        assert finding.outcome == outcome
        assert remedy in finding.remedy
        assert len(server.requests) == 1


@pytest.mark.usefixtures("place")
def test_without_a_language_model_nothing_is_wrong() -> None:
    """No model is configured by default, which is a way to live."""
    assert language_model().outcome == "skipped"


def test_findings_are_lines() -> None:
    """A mark, a name, what was seen; below it what to do."""
    assert str(finding_text(good("disk", "enough"))) == "✔ disk                enough"
    assert str(finding_text(bad("disk", "full", "make room"))) == f"✘ disk                full\n{'':22}→ make room"
    assert str(finding_text(skipped("models", "none"))) == "· models              none"


@pytest.mark.usefixtures("place")
def test_whatever_is_wrong_is_an_exit_code() -> None:
    """Without broker and database the examination goes on to its end, and its exit code is 1."""
    answer = tocsin("doctor", "--port", 1)
    assert answer.exit_code == 1
    assert "✘ broker              nothing listens on localhost:1" in answer.stdout
    assert "✘ database file       there is none at data/alerts.db" in answer.stdout
    assert "✔ disk" in answer.stdout
    assert answer.stdout.endswith("2 things are wrong.\n")
    assert "\x1b" not in answer.stdout
