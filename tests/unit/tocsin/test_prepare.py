from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from tocsin.broker.accounts import main as accounts_main
from tocsin.prepare import Owner, hints, main, note_owner, service_owner

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in an empty project folder, nothing set."""
    for name in ("TOCSIN_UID", "TOCSIN_GID", "TOCSIN_DATA", "TOCSIN_SECRETS", "TOCSIN_TOPIC_PREFIX", "TOCSIN_PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_command_prepares_a_fresh_clone(site: Path) -> None:
    """Afterwards everything that the compose file mounts is there, and `.env` says whom the services run as."""
    assert main([]) == 0
    for mounted in ("data/detector", "data/mosquitto", "data/postgres", "secrets/broker/passwd", "secrets/broker/acl"):
        assert (site / mounted).exists()
    assert stat.S_IMODE((site / "secrets").stat().st_mode) == 0o700
    assert f"TOCSIN_UID={service_owner({}).uid}\n" in (site / ".env").read_text(encoding="utf-8")


def test_the_database_has_a_password_that_stays(site: Path) -> None:
    """Server and clients read the same password from files for their owner alone; a second run changes neither."""
    assert main([]) == 0
    password = (site / "secrets/postgres.password").read_text(encoding="utf-8").strip()
    assert (site / "secrets/postgres.pgpass").read_text(encoding="utf-8") == f"*:*:*:tocsin:{password}\n"
    assert stat.S_IMODE((site / "secrets/postgres.pgpass").stat().st_mode) == 0o600
    assert main([]) == 0
    assert (site / "secrets/postgres.password").read_text(encoding="utf-8").strip() == password


def test_the_command_takes_what_is_set(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Directories and prefix come from the environment or from `.env`, as with docker compose."""
    (site / ".env").write_text("TOCSIN_DATA=elsewhere\n", encoding="utf-8")
    monkeypatch.setenv("TOCSIN_TOPIC_PREFIX", "plant/7")
    assert main([]) == 0
    assert (site / "elsewhere" / "detector").is_dir()
    assert "topic read plant/7/bell/#" in (site / "secrets/broker/acl").read_text(encoding="utf-8")


def test_a_wrong_prefix_is_said_in_words(
    site: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A prefix that MQTT cannot carry ends with one sentence and nothing made."""
    monkeypatch.setenv("TOCSIN_TOPIC_PREFIX", "a/#")
    assert main([]) == 1
    assert "topic prefix 'a/#'" in capsys.readouterr().err
    assert not (site / "secrets").exists()


def test_root_runs_no_service() -> None:
    """Behind sudo the services run as the person, else never as root."""
    assert 0 not in (service_owner({}).uid, service_owner({"SUDO_UID": "0"}).uid)


def test_a_noted_owner_stays(site: Path) -> None:
    """What `.env` says about the owner is not written over."""
    dotenv = site / ".env"
    dotenv.write_text("TOCSIN_UID=7\n", encoding="utf-8")
    note_owner(dotenv, Owner(8, 8), {})
    assert dotenv.read_text(encoding="utf-8") == "TOCSIN_UID=7\n"


def test_the_hints_fit_the_settings(site: Path) -> None:
    """The commands shown after the start name the port and prefix that are set, and the default ones not at all."""
    assert "mosquitto_sub -h localhost -t 'tocsin/bell/#'" in hints({}, site / ".env")
    said = hints({"TOCSIN_PORT": "2883", "TOCSIN_TOPIC_PREFIX": "plant"}, site / ".env")
    assert "mosquitto_sub -h localhost -p 2883 -t 'plant/bell/#'" in said
    assert "sqlite3 data/alerts.db" in said
    assert "sqlite3" not in hints({"TOCSIN_DATABASE_URL": "postgresql://tocsin@postgres/tocsin"}, site / ".env")


def test_accounts_are_listed_and_removed(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The account command names all accounts, and a removed device is gone from the list."""
    assert accounts_main(["init"]) == 0
    assert accounts_main(["add-device", "boiler"]) == 0
    capsys.readouterr()
    accounts_main(["list"])
    assert capsys.readouterr().out.split() == [
        "producer", "detector", "explainer", "web", "home-assistant", "operator", "device-boiler",
    ]  # fmt: skip
    accounts_main(["remove-device", "boiler"])
    accounts_main(["list"])
    assert "device-boiler" not in capsys.readouterr().out
    assert not (site / "secrets" / "device-boiler.password").exists()
