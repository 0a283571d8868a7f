"""`tocsin device`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.tocsin.command_line import tocsin

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("place")


def test_add_says_what_to_enter_at_the_device(place: Path) -> None:
    """The answer holds host, port, account, topic and a line to try; the same device gets the same account again."""
    answer = tocsin("device", "add", "boiler room")
    password = (place / "secrets" / "device-boiler%20room.password").read_text().strip()
    assert answer.exit_code == 0
    assert f"password  {password}\n" in answer.stdout
    assert "topic     tocsin/readings/boiler%20room\n" in answer.stdout
    assert "mosquitto_pub" in answer.stdout
    assert tocsin("device", "add", "boiler room").stdout == answer.stdout


def test_list_names_the_devices() -> None:
    """Devices are listed one a line; without one, the way to make one is told apart from the answer."""
    assert tocsin("device", "list").stdout == ""
    tocsin("device", "add", "pump")
    tocsin("device", "add", "boiler")
    assert tocsin("device", "list").stdout == "boiler\npump\n"


@pytest.mark.parametrize("name", ["", "a\nb", "x" * 200])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    """What cannot be a device's name is refused, and no account is made."""
    answer = tocsin("device", "add", name)
    assert answer.exit_code == 1
    assert answer.stderr.startswith("Error: ")
    assert tocsin("device", "list").stdout == ""
