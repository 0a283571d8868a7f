"""The file of outputs, quiet hours, what is told to whom."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explainer.outputs.errors import OutputError
from explainer.outputs.quiet import QuietHours, read_hours
from explainer.outputs.rules import Output, load_outputs
from explainer.outputs.senders import AppriseSender
from explainer.settings import ExplainerSettings
from runtime.settings import SettingsError, load_settings

if TYPE_CHECKING:
    from pathlib import Path

BERLIN = ZoneInfo("Europe/Berlin")


def test_a_file_is_read(tmp_path: Path) -> None:
    """Severity, news, devices and quiet hours become rules; the address is shown nowhere."""
    file = tmp_path / "outputs.toml"
    file.write_text(
        """
        [[output]]
        name = "night"
        kind = "slack"
        url_env = "HOOK"
        severity = "major"
        devices = ["press-*"]
        quiet = "22:00-06:00"
        zone = "Europe/Berlin"
        """
    )
    (output,) = load_outputs(file, {"HOOK": "https://example.org/hook"})
    assert "example.org" not in repr(output)
    assert [output.wants("opened", device, rank) for device, rank in (("press-1", 2), ("press-1", 1), ("pump", 3))] == [
        True,
        False,
        False,
    ]
    assert (output.wants("explained", "press-1", 3), output.wants("digest", None, 0)) == (False, True)
    night = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert output.told_at(night, 2) == datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
    assert output.told_at(night, 3) == night


def test_every_mistake_is_named_and_no_secret_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All mistakes are told at once, with file and output, when the settings are read."""
    file = tmp_path / "outputs.toml"
    file.write_text(
        """
        [[output]]
        name = "a"
        kind = "json"
        url = "ftp://kim:hush@example.org"
        [[output]]
        name = "b"
        kind = "pigeon"
        url = "https://hush.example.org"
        sound = "loud"
        [[output]]
        name = "c"
        kind = "ntfy"
        url_env = "TOCSIN_NO_SUCH_VARIABLE"
        [[output]]
        name = "d"
        kind = "slack"
        url = "https://example.org"
        quiet = "22-6"
        """
    )
    monkeypatch.setenv("TOCSIN_OUTPUTS_FILE", str(file))
    with pytest.raises(SettingsError) as caught:
        load_settings(ExplainerSettings)
    told = str(caught.value)
    for words in (
        "output 'a': expected an address",
        "'b': kind",
        "'b': sound",
        "TOCSIN_NO_SUCH_VARIABLE",
        "22:00-06:00",
    ):
        assert words in told
    assert "hush" not in told


@pytest.mark.parametrize("text", ["", "output = 3", "[[output]]\nname='x'", "[[outputs]]", "["])
def test_a_file_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    """Whatever stands in the file gives an error of ours that names it."""
    file = tmp_path / "outputs.toml"
    file.write_text(text)
    with pytest.raises(OutputError, match=r"outputs\.toml"):
        load_outputs(file, {})


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")  # in Apprise's own imports
def test_an_address_that_apprise_does_not_know_is_refused() -> None:
    """The error names the output, not its address."""
    with pytest.raises(OutputError, match="'x'") as caught:
        AppriseSender(Output(name="x", kind="apprise", url="nonsense://hush"))
    assert "hush" not in str(caught.value)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)), st.integers(0, 1439), st.integers(1, 1439))  # noqa: DTZ001 - UTC below
def test_quiet_ends_within_a_day_and_not_in_quiet(now: datetime, begin: int, length: int) -> None:
    """Quiet holds when the wall clock says so, ends within 25 hours, and is over at its end; summer time included."""
    start, end = (time(minutes % 1440 // 60, minutes % 60) for minutes in (begin, begin + length))
    quiet = QuietHours(start, end, BERLIN)
    aware = now.replace(tzinfo=UTC)
    over = quiet.over_at(aware)
    if over is None:
        return
    assert timedelta(0) < over - aware <= timedelta(hours=25)
    assert quiet.over_at(over) is None


@pytest.mark.parametrize("words", ["", "22-6", "25:00-06:00", "06:00-06:00", "22:00", "a:00-b:00"])
def test_hours_that_are_none_are_refused(words: str) -> None:
    """The error says what was expected."""
    with pytest.raises(ValueError, match="expected two"):
        read_hours(words)
