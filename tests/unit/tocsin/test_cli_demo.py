"""The parts of `tocsin demo` that need no process."""

from __future__ import annotations

import errno
import json
import os
import socket
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contracts.anomaly import Model
from contracts.codec import decode, encode
from contracts.service import DeviceStatus
from tests.unit.tocsin.command_line import tocsin
from tocsin.broker.local_broker import BrokerError
from tocsin.demo import hints
from tocsin.demo.child import Child, Part, log_words
from tocsin.demo.environments import model_words
from tocsin.demo.folder import DemoFolder, has_alerts
from tocsin.demo.learning import Learning, learned_words
from tocsin.demo.stage import Stage
from tocsin.demo.warden import left_behind
from tocsin.demo.wish import Wish
from tocsin.terminal import CommandError

if TYPE_CHECKING:
    from contracts.service import DeviceState


def status(device: str, state: DeviceState, learned: int = 0) -> bytes:
    """Write a device's state."""
    model = None if state == "learning" else Model(backend="isolation_forest", version=1, scope=device)
    since = datetime(2026, 11, 22, tzinfo=UTC)
    return encode(
        DeviceStatus(
            device=device, state=state, since=since, readings=learned, learned=learned, needed=200, model=model
        )
    )


def test_learning_is_told_in_one_line() -> None:
    """The line counts who has learned, and names who is learning, anomalous or silent."""
    learning = Learning()
    assert learning.words() == "waiting for the first readings"
    for payload in (status("pump", "learning", 40), status("fan", "ready", 200), status("press", "anomalous", 200)):
        learning.take(payload)
    assert learning.words() == "2 of 3 devices have learned their normal; learning: pump 40/200 · anomalous: press"
    learning.take(status("pump", "ready", 200))
    assert learning.words() == "3 devices are watched · anomalous: press"


def test_learning_ends_once() -> None:
    """A device is announced when it has learned, not when it recovers from trouble later."""
    learning = Learning()
    assert learning.take(status("pump", "learning", 199)) is None
    learned = learning.take(status("pump", "ready", 200))
    assert learned is not None
    assert learned_words(learned) == "pump has learned its normal course from 200 readings"
    assert learned_words(decode(status("fan", "ready", 11), DeviceStatus)) == "fan starts from a trained model"
    assert learning.take(status("pump", "anomalous", 200)) is None
    assert learning.take(status("pump", "ready", 200)) is None


def test_what_is_no_state_changes_nothing() -> None:
    """Deleted and strange states are left out."""
    learning = Learning()
    assert learning.take(b"") is None
    assert learning.take(b'{"device": 3}') is None
    assert learning.devices == {}


def test_many_devices_are_cut_short() -> None:
    """A fleet does not flood the line."""
    learning = Learning()
    for number in range(100):
        learning.take(status(f"fan-{number:02}", "learning", 1))
    assert learning.words().endswith("fan-05 1/200 and 94 more")


def test_log_lines_become_words() -> None:
    """A JSON line of a log is read as a person would write it; other lines stay."""
    entry = {
        "event": "stopped",
        "level": "error",
        "timestamp": "2026-11-22T06:07:08.9Z",
        "code": 3,
        "exception": "A\nB",
    }
    assert log_words(json.dumps(entry)) == ["06:07:08 error: stopped code=3", "A", "B"]
    assert log_words("Segmentation fault") == ["Segmentation fault"]
    assert log_words("[1, 2]") == ["[1, 2]"]


def test_last_words_are_the_end_of_the_log(tmp_path: Path) -> None:
    """A child that died is quoted by the end of its log."""
    child = Child(Part("detector", {}, 0), tmp_path / "detector.log")
    child.log.write_text("".join(f"line {number}\n" for number in range(5000)))
    assert child.last_words(2) == ["line 4998", "line 4999"]
    assert child.exit_code() is None  # never started


def test_a_folder_serves_one_demo(tmp_path: Path) -> None:
    """A second demo in the same directory is refused by the first one's name; afterwards it is free again."""
    folder = DemoFolder(tmp_path / "demo")
    with closing(folder.claim()), pytest.raises(CommandError, match=f"process {os.getpid()}"):
        folder.claim()
    folder.claim().close()


def test_a_fresh_start_keeps_the_alerts_of_the_last_demo(tmp_path: Path) -> None:
    """What was learned is forgotten, the database is put aside, and nothing else in the directory is touched."""
    folder = DemoFolder(tmp_path)
    (folder.detector / "models").mkdir(parents=True)
    for name in ("alerts.db", "alerts.db-wal", "alerts.previous.db-shm", "mine.txt"):
        (tmp_path / name).write_text(name)
    assert folder.clear()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "alerts.previous.db",
        "alerts.previous.db-wal",
        "mine.txt",
    ]
    assert folder.previous_database.read_text() == "alerts.db"
    assert not folder.clear()


def test_a_start_that_failed_does_not_cost_the_alerts_of_the_last_demo(tmp_path: Path) -> None:
    """An empty database, with tables or without, never takes the place of one that holds alerts."""
    folder = DemoFolder(tmp_path)
    folder.previous_database.write_text("alerts of the last demo")
    for statement in ("PRAGMA user_version = 1", "CREATE TABLE alerts (id)"):
        with closing(sqlite3.connect(folder.database)) as database:
            database.execute(statement)
        assert not folder.clear()
        assert not folder.database.exists()
    assert folder.previous_database.read_text() == "alerts of the last demo"
    with closing(sqlite3.connect(folder.database)) as database, database:
        database.execute("CREATE TABLE alerts (id)")
        database.execute("INSERT INTO alerts VALUES (1)")
    assert folder.clear()
    assert has_alerts(folder.previous_database)


def test_a_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory that takes no byte more is refused in words, before anything is changed, and can be claimed later."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    folder = DemoFolder(tmp_path / "full")
    with monkeypatch.context() as patch:
        patch.setattr(DemoFolder, "_see_room", full)
        with pytest.raises(CommandError, match=r"cannot write in .*full: No space left on device"):
            folder.claim()
    folder.claim().close()
    assert [path.name for path in folder.path.iterdir()] == ["demo.lock"]


@pytest.mark.usefixtures("place")
def test_a_place_that_cannot_be_written_is_said() -> None:
    """Where no directory can be made, the demo says so and what to do."""
    answer = tocsin("demo", "--data-dir", "/proc/tocsin")
    assert answer.exit_code == 1
    assert "cannot write in /proc/tocsin" in answer.stderr
    assert "--data-dir DIR" in answer.stderr


@pytest.mark.parametrize(
    ("setting", "value"), [("TOCSIN_WARM_UP", "abc"), ("TOCSIN_KEEP_UPDATES", "0"), ("TOCSIN_SEED", "-1")]
)
def test_a_wrong_setting_of_any_service_changes_nothing(
    place: Path, monkeypatch: pytest.MonkeyPatch, setting: str, value: str
) -> None:
    """Settings of all services are looked at before the last demo's alerts are touched."""
    kept = place / "demo" / "alerts.db"
    kept.parent.mkdir()
    kept.write_text("alerts of the last demo")
    monkeypatch.setenv(setting, value)
    answer = tocsin("demo", "--port", 0, "--data-dir", "demo")
    assert answer.exit_code == 2
    assert f"{setting} = '{value}'" in answer.stderr
    assert answer.stderr.count(setting) == 1
    assert kept.read_text() == "alerts of the last demo"
    assert os.environ[setting] == value


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("port", [None, 0])
def test_right_settings_and_a_free_port_are_no_obstacle(tmp_path: Path, port: int | None) -> None:
    """Whatever port the broker gets, the services' settings are taken with it."""
    try:
        stage = Stage(
            DemoFolder(tmp_path), Wish("quiet", port), {"TOCSIN_WARM_UP": "100", "TOCSIN_CONFIG": "none.toml"}
        )
    except BrokerError as error:
        pytest.skip(str(error))
    stage.look_ahead()
    assert stage.broker.port
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_changes_nothing(place: Path) -> None:
    """The broker's port is looked at before the last demo's alerts are touched."""
    kept = place / "demo" / "alerts.db"
    kept.parent.mkdir()
    kept.write_text("alerts of the last demo")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        answer = tocsin("demo", "--port", port, "--data-dir", "demo")
    assert answer.exit_code == 1
    assert f"port {port} is taken" in answer.stderr
    assert kept.read_text() == "alerts of the last demo"


@pytest.mark.parametrize(
    ("directory", "wish", "again"),
    [
        ("data/demo", Wish("factory"), "demo --keep"),
        ("a b", Wish("storm", 4242, "nats"), "demo --keep --scenario storm --port 4242 --broker nats --data-dir 'a b'"),
    ],
)
def test_the_closing_hint_repeats_what_was_asked_for(directory: str, wish: Wish, again: str) -> None:
    """Going on means the same directory, port, broker and scenario."""
    assert f" {again}   " in hints.afterwards(DemoFolder(Path(directory)), wish)[-1]


def test_hints_name_the_port_where_it_is_not_the_usual_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands can be copied as they stand: with the port where it matters, and with this command's own path."""
    monkeypatch.setattr(sys, "argv", [str(tmp_path / "bin" / "tocsin")])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("shutil.which", lambda name: None if name == "tocsin" else f"/usr/bin/{name}")
    folder = DemoFolder(tmp_path / "a folder")
    assert hints.while_running(4242, folder)[0] == "bin/tocsin watch --alerts --port 4242"
    assert hints.while_running(1883, folder)[1] == "mosquitto_sub -t 'tocsin/alerts/#' -v"
    assert hints.while_running(4242, folder)[2].startswith("mosquitto_pub -p 4242 -t tocsin/readings/boiler -m '{")
    assert hints.afterwards(folder, Wish("factory"))[0] == f"bin/tocsin alerts --database '{folder.database}'"


def test_hints_say_where_a_missing_program_comes_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command whose program is not installed says how to get it, and can still be copied as it stands."""
    monkeypatch.setattr("shutil.which", lambda _: None)
    folder = DemoFolder(tmp_path)
    lines = [*hints.while_running(1883, folder), *hints.afterwards(folder, Wish("factory"))]
    assert [line.partition("  # ")[2] for line in lines if "  # " in line] == [
        "mosquitto_sub: sudo apt install mosquitto-clients",
        "mosquitto_pub: sudo apt install mosquitto-clients",
        "sqlite3: sudo apt install sqlite3",
    ]


def test_the_warden_ends_what_is_left_the_last_one_first() -> None:
    """Processes that have ended are not ended again: their number may be somebody else's by now."""
    assert left_behind(["+11\n", "+12\n", "+13\n", "-12\n"]) == [13, 11]
    assert left_behind(["+11\n", "-11\n"]) == []


def test_the_explaining_model_is_named() -> None:
    """The demo says by whom alerts are explained."""
    assert model_words({}) is None
    assert model_words({"TOGETHER_API_KEY": "x"}) == "Together AI"
    assert model_words({"TOCSIN_LLM_BASE_URL": "http://localhost:11434"}) == "http://localhost:11434"


@pytest.mark.usefixtures("place")
def test_an_unknown_scenario_is_refused_before_anything_starts() -> None:
    """A scenario that does not exist is refused with the names of those that do."""
    answer = tocsin("demo", "--scenario", "plant")
    assert answer.exit_code == 2
    assert "factory, fleet, quiet, storm" in answer.stderr
