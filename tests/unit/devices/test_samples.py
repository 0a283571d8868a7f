"""Messages of each format, most of them as their documentation gives them, mean what they say."""

from __future__ import annotations

from random import Random

import pytest

from devices.formats import FORMATS
from devices.recognizer import Recognizer
from tests.unit.devices.pages import FOLDER, pages
from tests.unit.devices.samples_on_file import NOW, Samples, all_samples, payload_of
from tocsin.foreign.telegram_json import telegram_json

SAMPLES = all_samples()
SHARED = {"order", "csv"}  # asked by their topic or shape, with less to vary


@pytest.mark.parametrize("samples", SAMPLES, ids=lambda one: one.name)
def test_messages_of_a_format_mean_what_they_say(samples: Samples) -> None:
    """Kind, device, values, time and all that is known beside them."""
    for message, answer in zip(samples.messages, samples.read(), strict=True):
        assert answer == message["means"], message["says"]


@pytest.mark.parametrize("samples", SAMPLES, ids=lambda one: one.name)
def test_a_prefix_that_is_stripped_changes_nothing(samples: Samples) -> None:
    """A bridge between brokers puts its own levels before every topic."""
    plain, bridged = Recognizer(), Recognizer(strip_prefixes=["site1/"])
    for message in samples.messages:
        payload = payload_of(message)
        assert bridged.read("site1/" + message["topic"], payload, NOW) == plain.read(message["topic"], payload, NOW)


@pytest.mark.parametrize("seed", range(3))
def test_languages_on_one_broker_do_not_disturb_each_other(seed: int) -> None:
    """Whatever else was heard before, and in whatever order, each message means the same."""
    order = list(SAMPLES)
    Random(seed).shuffle(order)  # noqa: S311 - no secret
    reader = Recognizer()
    for message in (message for samples in order for message in samples.messages):
        answer = telegram_json(reader.read(message["topic"], payload_of(message), NOW))
        assert answer == message["means"], message["says"]


def test_every_format_has_samples() -> None:
    """Five at least of each language, so that a rule is not made for a single message."""
    names = {one.name for one in SAMPLES}
    languages = {language.name for language in FORMATS}
    assert languages <= names
    assert [one.name for one in SAMPLES if len(one.messages) < 5 and one.name not in SHARED] == []


def test_the_pages_are_current() -> None:
    """`python -m tests.unit.devices.pages` writes them."""
    wanted = pages()
    assert {file.name: file.read_text(encoding="utf-8") for file in FOLDER.glob("*.md")} == wanted
