"""The command line as a whole."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from runtime.version import version
from tests.unit.tocsin.command_line import tocsin
from tocsin.terminal import printable

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("place")

COMMANDS = (
    "demo",
    "watch",
    "alerts",
    "feedback",
    "replay",
    "train",
    "models",
    "retrain",
    "rollback",
    "evaluate",
    "plot",
    "doctor",
    "device",
    "version",
)
HEAVY = ("numpy", "numba", "sklearn", "sqlalchemy", "paho", "pydantic", "together", "structlog", "msgspec")


def test_help_names_every_command() -> None:
    """Someone who types --help sees all there is, and where to start."""
    answer = tocsin("--help")
    assert answer.exit_code == 0
    assert all(f" {command} " in answer.stdout for command in COMMANDS)
    assert "tocsin demo" in answer.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_help(command: str) -> None:
    """Each command says what it does, without an escape code where it does not write to a terminal."""
    answer = tocsin(command, "--help")
    assert answer.exit_code == 0
    assert f"Usage: tocsin {command}" in answer.stdout
    assert "\x1b" not in answer.stdout


def test_help_imports_nothing_heavy() -> None:
    """The help comes at once: what the commands work with is imported only when they run."""
    program = "import json, sys, tocsin.main; print(json.dumps(sorted(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert set(HEAVY) & set(json.loads(answer.stdout)) == set()


def test_no_command_means_help() -> None:
    """The bare word is a question."""
    assert "Usage: tocsin" in tocsin().output


def test_version() -> None:
    """The version is the installed one."""
    assert tocsin("version").stdout == f"tocsin {version()}\n"


def test_an_unknown_option_is_wrong_use() -> None:
    """Wrong use has exit code 2."""
    answer = tocsin("alerts", "--sinse", "2h")
    assert answer.exit_code == 2
    assert "--since" in answer.stderr  # it says what was meant


def test_a_wrong_setting_names_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong setting ends a command with the setting's name, its value and what was expected."""
    monkeypatch.setenv("TOCSIN_BROKER_PORT", "many")
    answer = tocsin("watch")
    assert answer.exit_code == 2
    assert answer.stderr.startswith("Error: TOCSIN_BROKER_PORT = 'many':")


def test_no_broker_says_what_to_do() -> None:
    """Without a broker the error names the place and the ways out."""
    answer = tocsin("watch", "--port", 1)
    assert answer.exit_code == 1
    assert answer.stdout == ""
    assert "cannot reach the broker on localhost:1" in answer.stderr
    assert "tocsin demo" in answer.stderr


@pytest.mark.parametrize(
    "words", [("watch", "--port", "0"), ("watch", "--alerts", "--json"), ("watch", "--prefix", "a/#")]
)
def test_impossible_options_are_wrong_use(words: tuple[str, ...]) -> None:
    """Options that cannot be meant are refused before anything is tried."""
    answer = tocsin(*words)
    assert answer.exit_code == 2
    assert answer.stderr.startswith("Error: ")


@pytest.mark.parametrize("words", [("alerts", "--database", "alerts.db"), ("version",), ("demo",), ("watch",)])
def test_a_wrong_log_level_is_refused_by_every_command(
    place: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """A setting that the services refuse is refused here, too, also where a command needs no setting."""
    monkeypatch.setenv("TOCSIN_LOG_LEVEL", "loud")
    answer = tocsin(*words)
    assert answer.exit_code == 2
    assert "TOCSIN_LOG_LEVEL = 'loud': expected one of debug, info, warning, error" in answer.stderr
    assert list(place.iterdir()) == []


def test_an_empty_log_level_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty variable is not set, as for the services."""
    monkeypatch.setenv("TOCSIN_LOG_LEVEL", "")
    assert tocsin("version").exit_code == 0


def test_a_password_file_that_all_may_read_is_refused(place: Path) -> None:
    """A secret that everybody can read is none."""
    file = place / "password"
    file.write_text("secret\n")
    file.chmod(0o644)
    answer = tocsin("watch", "--username", "operator", "--password-file", file)
    assert answer.exit_code == 2
    assert "may be read by everybody" in answer.stderr
    assert "secret" not in answer.stderr


def test_text_of_others_cannot_steer_the_terminal() -> None:
    """Escape codes and characters that turn the writing round are dropped; line feeds stay."""
    assert printable("a\x1b[31mb\u202ec\nd\x07") == "a[31mbc\nd"


def test_ctrl_c_is_a_word_and_an_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Ctrl-C ends before its end has exit code 130 and no traceback."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tocsin.book.alert_listing.list_alerts", interrupted)
    answer = tocsin("alerts")
    assert (answer.exit_code, answer.stderr) == (130, "Interrupted.\n")
