"""What a survey of a broker finds, and the profile file that it suggests."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from devices.profiles.filters import topic_filters
from devices.profiles.loading import load_profiles
from devices.recognizer import Recognizer
from runtime.bus import Message
from tocsin.broker.url import broker_at
from tocsin.foreign.profile_guess import guessed_profiles
from tocsin.foreign.survey import MOST_METRICS, Survey
from tocsin.foreign.survey_screen import survey_table, survey_words
from tocsin.terminal import CommandError

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2026, 6, 1, tzinfo=UTC)


def survey_of(*said: tuple[str, str], retained: bool = False) -> Survey:
    """Survey messages that come 30 s apart."""
    survey = Survey(Recognizer())
    for number, (topic, payload) in enumerate(said):
        at = START + timedelta(seconds=30 * number)
        survey.take(Message(topic, payload.encode(), retained, False, at, None))  # noqa: FBT003 - no redelivery
    return survey


def test_devices_are_found_with_values_units_and_rates() -> None:
    """Two readings half a minute apart are two a minute."""
    text = '{"Time":"2026-06-01T00:00:00","AM2301":{"Temperature":24.6},"TempUnit":"C"}'
    survey = survey_of(("tele/cellar/SENSOR", text), ("tele/cellar/SENSOR", text), ("tele/cellar/LWT", "Offline"))
    seen = survey.devices["cellar"]
    assert (seen.language, seen.metrics, seen.units) == (
        "tasmota",
        {"AM2301.Temperature": 24.6},
        {"AM2301.Temperature": "°C"},
    )
    assert seen.interval == pytest.approx(30.0)
    assert seen.online is False


def test_a_rate_is_that_of_readings_and_not_of_messages() -> None:
    """Three values on topics of their own are one reading; a burst has no rate, only a count."""
    topics = ("p/flow", "p/heat", "p/level") * 3
    survey = survey_of(*((topic, "1") for topic in topics))
    assert survey.devices["p"].readings == 3
    assert survey.devices["p"].interval == pytest.approx(120.0)
    assert "every 2 min" in shown(survey)
    at = START + timedelta(milliseconds=5)
    for topic in topics:
        survey.take(Message(topic.replace("p", "q", 1), b"1", False, False, at, None))  # noqa: FBT003 - neither old nor again
    assert "3 times" in shown(survey)


def shown(survey: Survey) -> str:
    """Return the table as a wide terminal shows it."""
    written = StringIO()
    Console(width=200, file=written).print(survey_table(survey, 10))
    return written.getvalue()


def test_what_cannot_be_read_is_named_with_its_reason() -> None:
    """Numbers without names need columns, and the guessed file has a start for them."""
    survey = survey_of(("scale/csv", "1.0,2.0,3.0"), ("scale/csv", "1.1,2.1,3.1"))
    assert survey.problems["scale/csv"].count == 2
    assert "columns" in survey.problems["scale/csv"].reason
    assert "columns: [value1, value2, value3]" in guessed_profiles(survey)


def test_the_guessed_file_is_a_profile_file(tmp_path: Path) -> None:
    """It can be loaded as it is, and listens to what was found and to nothing else."""
    survey = survey_of(
        ("zigbee2mqtt/kitchen", '{"temperature": 21}'), ("scale/csv", "1.0,2.0"), ("$SYS/uptime", "12"), ("solo", "4")
    )
    file = tmp_path / "guessed.yaml"
    file.write_text(guessed_profiles(survey, ("site1/",)), encoding="utf-8")
    loaded = load_profiles(file)
    assert topic_filters(loaded) == ("solo", "zigbee2mqtt/#", "site1/scale/csv")
    assert loaded.mqtt.strip_prefix == ("site1/",)


def test_values_that_the_broker_kept_have_no_rate() -> None:
    """Nobody knows when they were measured; the words say so."""
    survey = survey_of(("zigbee2mqtt/kitchen", '{"temperature": 21}'), retained=True)
    assert survey.devices["kitchen"].interval is None
    assert any("kept by the broker" in line for line in survey_words(survey))
    assert survey_table(survey, 10).row_count == 1


def test_what_the_detector_would_leave_out_or_put_right_is_said() -> None:
    """A clock that is steadily wrong, and more metrics than a device may have without a setting."""
    late = [(START + timedelta(seconds=30 * number - 4000)).isoformat() for number in range(6)]
    clocks = [("zigbee2mqtt/attic", json.dumps({"temperature": 21, "last_seen": at})) for at in late]
    many = json.dumps({f"m{number}": number for number in range(MOST_METRICS + 1)})
    words = " ".join(survey_words(survey_of(*clocks, ("zigbee2mqtt/cellar", many))))
    assert "attic: its clock is 4000 s behind" in words
    assert f"cellar: over {MOST_METRICS} metrics" in words
    assert "devices" not in words


def test_a_prefix_before_several_languages_is_pointed_out() -> None:
    """They begin at topics of their own, so a bridge has put a level before; one language is no sign of that."""
    said = [
        ("site1/zigbee2mqtt/a", '{"t": 1}'),
        ("site1/tele/b/SENSOR", '{"X": {"v": 1}}'),
        ("home/tele/c/LWT", "Online"),
    ]
    words = list(survey_words(survey_of(*said)))
    assert words == ["site1/ looks like a bridge's prefix: --strip-prefix site1/ takes it off the names."]


def test_readings_of_tocsin_itself_are_not_called_noise() -> None:
    """On a broker that carries Tocsin's own topics alone, the words say so, and the count is that of the others."""
    survey = survey_of(("tocsin/readings/pump", '{"flow": 3}'), ("tocsin/scores/pump", "{}"))
    assert survey.ours == 2
    words = list(survey_words(survey))
    assert words[0].startswith("2 messages were of Tocsin itself")
    assert words[1].startswith("Nothing else was heard.")
    alone = survey_of(("tocsin/readings/pump", '{"flow": 3}'))
    assert next(survey_words(alone)).startswith("1 message was of Tocsin itself")
    assert "0 messages" in str(survey_table(survey, 10).title)


def test_a_broker_is_named_by_a_url() -> None:
    """Account and port may stand in it; a bare host is enough."""
    broker = broker_at("mqtt://me:p%40ss@box:1884")
    assert (broker.host, broker.port, broker.username, broker.password) == ("box", 1884, "me", "p@ss")
    assert broker_at("box").port == 1883


@pytest.mark.parametrize("password", ["p@ss", "a/b", "w#1", "why?", "a:b", "50%"])
def test_a_password_may_hold_what_a_url_may_not(password: str) -> None:
    """Nobody knows by heart what is to be quoted in a URL: all up to the last @ is the account."""
    broker = broker_at(f"mqtt://me:{password}@box:1884")
    assert (broker.host, broker.port, broker.username, broker.password) == ("box", 1884, "me", password)


@pytest.mark.parametrize("url", ["http://box", "mqtt://", "mqtt://box:port"])
def test_what_is_no_url_of_a_broker_is_refused(url: str) -> None:
    """With an example of one that is."""
    with pytest.raises(CommandError, match="mqtt://host"):
        broker_at(url)
