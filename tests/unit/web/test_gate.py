from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import pytest

from runtime.settings import SettingsError, load_settings
from web.errors import UsersFileError
from web.gate import Gate, TooManyTriesError
from web.settings import WebSettings
from web.users import is_password, main, read_users, user_line

if TYPE_CHECKING:
    from pathlib import Path

TOKEN = "a-token-of-some-length"  # noqa: S105 - of a test


def entered(gate: Gate, **secret: str | None) -> str | None:
    return gate.enter(**{"token": None, "name": None, "password": None, **secret})


def test_the_token_opens_a_session_and_a_wrong_one_does_not() -> None:
    """Who knows the token gets a cookie that is known again."""
    gate = Gate(token=TOKEN)
    cookie = entered(gate, token=TOKEN)
    assert cookie is not None
    assert gate.who(cookie, None) == "operator"
    assert entered(gate, token="wrong") is None  # noqa: S106 - of a test


def test_a_user_enters_with_the_password_alone() -> None:
    """Name and password must fit; the cookie names the user."""
    users = dict([user_line("ann", "drum roll").split(":", 1)])
    gate = Gate(users=users)
    cookie = entered(gate, name="ann", password="drum roll")  # noqa: S106 - of a test
    assert gate.who(cookie, None) == "ann"
    assert entered(gate, name="ann", password="x") is None  # noqa: S106 - of a test
    assert entered(gate, name="bob", password="drum roll") is None  # noqa: S106 - of a test


def test_a_changed_secret_or_a_forged_cookie_lets_nobody_in() -> None:
    """A session ends with the secret that opened it, and with its time."""
    gate = Gate(token=TOKEN)
    cookie = entered(gate, token=TOKEN)
    assert cookie is not None
    assert Gate(token=TOKEN + "!").who(cookie, None) is None
    name, expiry, signature = cookie.split("|")
    assert gate.who(f"{name}|{int(expiry) + 1}|{signature}", None) is None
    assert Gate(token=TOKEN, clock=lambda: int(expiry) + 1.0).who(cookie, None) is None
    for nonsense in ("", "|", "a|b|c", "é|1|x"):
        assert gate.who(nonsense, None) is None


def test_after_ten_failures_one_has_to_wait() -> None:
    """Guessing is slowed down; a minute later it is possible again."""
    now = [0.0]
    gate = Gate(token=TOKEN, clock=lambda: now[0])
    for _ in range(10):
        assert entered(gate, token="guess") is None  # noqa: S106 - of a test
    with pytest.raises(TooManyTriesError):
        entered(gate, token=TOKEN)
    now[0] = 61.0
    assert entered(gate, token=TOKEN) is not None


def test_programs_send_the_token_itself() -> None:
    """A bearer token needs no session."""
    gate = Gate(token=TOKEN)
    assert gate.who(None, f"Bearer {TOKEN}") == "operator"
    assert gate.who(None, "Bearer nothing") is None
    assert Gate().who(None, "Bearer ") is None


def test_the_users_file_is_read_and_its_errors_named(tmp_path: Path) -> None:
    """A wrong line is named by its number; a file that all may read is refused."""
    file = tmp_path / "users"
    file.write_text(f"# ours\n{user_line('ann', 'pw')}\n", encoding="utf-8")
    file.chmod(0o600)
    users = read_users(file)
    assert is_password(users, "ann", "pw")
    file.write_text("ann\n", encoding="utf-8")
    with pytest.raises(UsersFileError, match="line 1"):
        read_users(file)
    file.chmod(0o644)
    with pytest.raises(UsersFileError, match="chmod"):
        read_users(file)


def test_a_line_for_the_users_file_is_made_by_a_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`python -m web.users NAME` reads a password and prints the line."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("secret\n"))
    assert main(["ann"]) == 0
    name, rest = capsys.readouterr().out.strip().split(":", 1)
    assert is_password({name: rest}, "ann", "secret")
    assert main(["a:b"]) == 2


@pytest.mark.parametrize("address", ["0.0.0.0", "192.168.1.5", "::"])  # noqa: S104 - only checked
def test_a_page_that_others_reach_needs_a_login(address: str) -> None:
    """Bound to a network, the page does not start without a token or users."""
    with pytest.raises(SettingsError, match="TOCSIN_WEB_TOKEN"):
        load_settings(WebSettings, web_host=address)
    assert load_settings(WebSettings, web_host=address, web_token=TOKEN).needs_login
    assert load_settings(WebSettings, web_host=address, web_published="127.0.0.1").is_private


def test_a_short_token_is_refused() -> None:
    """A token that could be guessed is none."""
    with pytest.raises(SettingsError, match="at least 16"):
        load_settings(WebSettings, web_token="short")  # noqa: S106 - of a test
