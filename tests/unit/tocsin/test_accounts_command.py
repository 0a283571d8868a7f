from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.broker.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_command_says_what_to_enter(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`add-device` prints host, account, topic and a line that can be pasted into a shell."""
    assert main(["--secrets", str(tmp_path), "add-device", "boiler"]) == 0
    printed = capsys.readouterr().out
    password = (tmp_path / "device-boiler.password").read_text(encoding="utf-8").strip()
    assert f"-u device-boiler -P {password} -t tocsin/readings/boiler -m '{{\"temperature\": 21.5}}'" in printed


def test_the_command_refuses_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A bad name ends with exit code 1 and one sentence, not with a traceback."""
    assert main(["--secrets", str(tmp_path), "add-device", "\t"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_accounts_are_listed_and_removed(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The account command names all accounts, and a removed device is gone from the list."""
    assert main(["init"]) == 0
    assert main(["add-device", "boiler"]) == 0
    capsys.readouterr()
    main(["list"])
    assert capsys.readouterr().out.split() == [
        "producer", "detector", "explainer", "web", "home-assistant", "operator", "device-boiler",
    ]  # fmt: skip
    main(["remove-device", "boiler"])
    main(["list"])
    assert "device-boiler" not in capsys.readouterr().out
    assert not (place / "secrets" / "device-boiler.password").exists()
