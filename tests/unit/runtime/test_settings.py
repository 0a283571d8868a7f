"""Settings of a service."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - pytest's fixtures are typed with it
from typing import ClassVar

import pytest
from pydantic import Field

from runtime.settings import ServiceSettings, SettingsError, describe_settings, load_settings


class Kettle(ServiceSettings):
    """A service for these tests."""

    table: ClassVar[str] = "kettle"
    limit: int = Field(3, ge=1, description="cups at once")


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TOCSIN_CONFIG", "TOCSIN_BROKER_HOST", "TOCSIN_BROKER_PORT", "TOCSIN_LIMIT"):
        monkeypatch.delenv(name, raising=False)


def test_defaults_need_no_environment() -> None:
    """A service starts with nothing set."""
    settings = load_settings(Kettle)
    assert (settings.broker_host, settings.broker_port, settings.limit) == ("localhost", 1883, 3)


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file's own table wins over its top level, the environment over both; other services' tables do not matter."""
    file = tmp_path / "tocsin.toml"
    file.write_text('broker_host = "a"\nbroker_port = 1\n[kettle]\nbroker_port = 2\nlimit = 5\n[toaster]\nslots = 2\n')
    monkeypatch.setenv("TOCSIN_CONFIG", str(file))
    monkeypatch.setenv("TOCSIN_LIMIT", "7")
    settings = load_settings(Kettle)
    assert (settings.broker_host, settings.broker_port, settings.limit) == ("a", 2, 7)


def test_all_errors_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each wrong setting is named with its key, its value and what was expected."""
    monkeypatch.setenv("TOCSIN_BROKER_PORT", "70000")
    monkeypatch.setenv("TOCSIN_LIMIT", "many")
    with pytest.raises(SettingsError) as caught:
        load_settings(Kettle)
    text = str(caught.value)
    assert "TOCSIN_BROKER_PORT = '70000'" in text
    assert "TOCSIN_LIMIT = 'many'" in text
    assert "integer" in text


def test_an_unknown_key_in_the_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A typing error in the file does not pass in silence."""
    file = tmp_path / "tocsin.toml"
    file.write_text("[kettle]\nlimti = 5\n")
    monkeypatch.setenv("TOCSIN_CONFIG", str(file))
    with pytest.raises(SettingsError, match="limti: no setting of this name"):
        load_settings(Kettle)


@pytest.mark.parametrize("content", [None, "= 3"])
def test_an_unreadable_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None) -> None:
    """A missing or broken file is an error, not a start with defaults."""
    file = tmp_path / "tocsin.toml"
    if content is not None:
        file.write_text(content)
    monkeypatch.setenv("TOCSIN_CONFIG", str(file))
    with pytest.raises(SettingsError, match="expected a readable TOML file"):
        load_settings(Kettle)


def test_a_password_comes_from_a_private_file(tmp_path: Path) -> None:
    """A password file that everybody may read is refused; a private one is read without its line end."""
    file = tmp_path / "password"
    file.write_text("sesame\n")
    file.chmod(0o644)
    with pytest.raises(SettingsError, match="may be read by everybody"):
        load_settings(Kettle, broker_password_file=file)
    file.chmod(0o600)
    assert load_settings(Kettle, broker_password_file=file).connection.password == "sesame"  # noqa: S105


def test_a_password_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """No secret in a settings object's text."""
    monkeypatch.setenv("TOCSIN_BROKER_PASSWORD", "sesame")
    assert "sesame" not in repr(load_settings(Kettle))


def test_help_lists_every_setting_with_its_default() -> None:
    """`--help` names the variable, says what it is and what it is by default."""
    text = describe_settings(Kettle)
    assert "TOCSIN_LIMIT" in text
    assert "cups at once (default: 3)" in text
    assert all(f"TOCSIN_{name.upper()}" in text for name in Kettle.model_fields)


def test_a_command_line_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the code hands in wins, and is checked like everything else."""
    monkeypatch.setenv("TOCSIN_LIMIT", "7")
    assert load_settings(Kettle, limit=9).limit == 9
    with pytest.raises(SettingsError, match="TOCSIN_LIMIT = 0"):
        load_settings(Kettle, limit=0)


def test_an_empty_variable_is_as_if_it_were_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compose files hand on variables that nobody set as empty ones."""
    monkeypatch.setenv("TOCSIN_LIMIT", "")
    assert load_settings(Kettle).limit == 3
