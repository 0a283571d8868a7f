"""The options of the broker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tocsin.broker.options import BrokerOptions

if TYPE_CHECKING:
    from pathlib import Path


def operator_password(place: Path) -> Path:
    """Write the operator's password where `make up` would."""
    file = place / "secrets" / "operator.password"
    file.parent.mkdir()
    file.write_text("drum\n")
    file.chmod(0o600)
    return file


@pytest.mark.usefixtures("place")
def test_the_command_line_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is typed now was meant now."""
    monkeypatch.setenv("TOCSIN_BROKER_HOST", "plant")
    monkeypatch.setenv("TOCSIN_BROKER_PORT", "8883")
    connection = BrokerOptions(port=1999).settings().connection
    assert (connection.host, connection.port, connection.username) == ("plant", 1999, None)


def test_the_operator_is_taken_where_the_password_is_at_hand(place: Path) -> None:
    """On the machine where `make up` ran, nobody needs to type an account."""
    operator_password(place)
    connection = BrokerOptions().settings().connection
    assert (connection.username, connection.password) == ("operator", "drum")


def test_the_operators_password_stays_at_home(place: Path) -> None:
    """Another host never gets the password of this one."""
    operator_password(place)
    assert BrokerOptions(host="plant").settings().connection.username is None


def test_a_named_account_is_taken_as_it_is(place: Path) -> None:
    """Whoever names an account is that account."""
    file = operator_password(place)
    connection = BrokerOptions(username="web", password_file=file).settings().connection
    assert (connection.username, connection.password) == ("web", "drum")
