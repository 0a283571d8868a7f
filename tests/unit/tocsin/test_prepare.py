from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from tocsin.prepare import Owner, hints, main, note_owner, service_owner

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_command_prepares_a_fresh_clone(place: Path) -> None:
    """Afterwards everything that the compose file mounts is there, and `.env` says whom the services run as."""
    assert main([]) == 0
    for mounted in ("data/detector", "data/mosquitto", "data/postgres", "secrets/broker/passwd", "secrets/broker/acl"):
        assert (place / mounted).exists()
    assert stat.S_IMODE((place / "secrets").stat().st_mode) == 0o700
    assert f"TOCSIN_UID={service_owner({}).uid}\n" in (place / ".env").read_text(encoding="utf-8")


def test_the_database_has_a_password_that_stays(place: Path) -> None:
    """Server and clients read the same password from files for their owner alone; a second run changes neither."""
    assert main([]) == 0
    password = (place / "secrets/postgres.password").read_text(encoding="utf-8").strip()
    assert (place / "secrets/postgres.pgpass").read_text(encoding="utf-8") == f"*:*:*:tocsin:{password}\n"
    assert stat.S_IMODE((place / "secrets/postgres.pgpass").stat().st_mode) == 0o600
    assert main([]) == 0
    assert (place / "secrets/postgres.password").read_text(encoding="utf-8").strip() == password


def test_the_command_takes_what_is_set(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Directories and prefix come from the environment or from `.env`, as with docker compose."""
    (place / ".env").write_text("TOCSIN_DATA=elsewhere\n", encoding="utf-8")
    monkeypatch.setenv("TOCSIN_TOPIC_PREFIX", "plant/7")
    assert main([]) == 0
    assert (place / "elsewhere" / "detector").is_dir()
    assert "topic read plant/7/bell/#" in (place / "secrets/broker/acl").read_text(encoding="utf-8")


def test_a_wrong_prefix_is_said_in_words(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A prefix that MQTT cannot carry ends with one sentence and nothing made."""
    monkeypatch.setenv("TOCSIN_TOPIC_PREFIX", "a/#")
    assert main([]) == 1
    assert "topic prefix 'a/#'" in capsys.readouterr().err
    assert not (place / "secrets").exists()


def test_root_runs_no_service() -> None:
    """Behind sudo the services run as the person, else never as root."""
    assert 0 not in (service_owner({}).uid, service_owner({"SUDO_UID": "0"}).uid)


def test_a_noted_owner_stays(place: Path) -> None:
    """What `.env` says about the owner is not written over."""
    dotenv = place / ".env"
    dotenv.write_text("TOCSIN_UID=7\n", encoding="utf-8")
    note_owner(dotenv, Owner(8, 8), {})
    assert dotenv.read_text(encoding="utf-8") == "TOCSIN_UID=7\n"


def test_the_hints_fit_the_settings(place: Path) -> None:
    """The commands shown after the start name the port and prefix that are set, and the default ones not at all."""
    assert "mosquitto_sub -h localhost -t 'tocsin/bell/#'" in hints({}, place / ".env")
    said = hints({"TOCSIN_PORT": "2883", "TOCSIN_TOPIC_PREFIX": "plant"}, place / ".env")
    assert "mosquitto_sub -h localhost -p 2883 -t 'plant/bell/#'" in said
    assert "sqlite3 data/alerts.db" in said
    assert "sqlite3" not in hints({"TOCSIN_DATABASE_URL": "postgresql://tocsin@postgres/tocsin"}, place / ".env")
