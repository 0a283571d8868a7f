"""What Home Assistant is told of our devices."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from contracts.topics import Topics
from devices.recognizer import Recognizer
from runtime.bus import Message
from tocsin.foreign.home_assistant import HomeAssistantPages

NOW = datetime(2026, 6, 1, tzinfo=UTC)
KITCHEN = "tocsin/devices/kitchen"
SOURCE = {"state_topic": "zigbee2mqtt/kitchen", "device": {"ids": ["zigbee2mqtt_0x01"], "name": "kitchen"}}


def tell(pages: HomeAssistantPages, topic: str, payload: str, *, retained: bool = False) -> list[tuple[str, Any]]:
    """Tell of one message; return what is published, empty payloads as None."""
    message = Message(topic, payload.encode(), retained, False, NOW, None)  # noqa: FBT003 - no redelivery
    return [(where, json.loads(what) if what else None) for where, what in pages.take(message)]


def test_a_device_gets_a_problem_a_score_and_an_event() -> None:
    """They read our own topics, so that nothing has to be kept in step."""
    [(topic, config)] = tell(HomeAssistantPages(Topics()), KITCHEN, '{"state": "ready"}', retained=True)
    assert topic.startswith("homeassistant/device/tocsin/kitchen_")
    parts = config["cmps"]
    assert {key: part["p"] for key, part in parts.items()} == {
        "problem": "binary_sensor",
        "score": "sensor",
        "event": "event",
    }
    assert parts["problem"]["state_topic"] == KITCHEN
    assert parts["event"]["state_topic"] == "tocsin/alerts/kitchen"
    assert config["availability"][0]["topic"] == "tocsin/services/detector/1"


def test_it_is_said_once_and_again_when_home_assistant_returns() -> None:
    """Its own birth message asks for it; an old one that the broker kept does not."""
    pages = HomeAssistantPages(Topics())
    tell(pages, KITCHEN, '{"state": "ready"}')
    assert tell(pages, KITCHEN, '{"state": "anomalous"}') == []
    assert tell(pages, "homeassistant/status", "online", retained=True) == []
    assert len(tell(pages, "homeassistant/status", "online")) == 1


def test_entities_stand_on_the_page_that_the_device_has() -> None:
    """Shared identifiers share a page, in whatever order they are heard."""
    early, late = HomeAssistantPages(Topics()), HomeAssistantPages(Topics())
    tell(early, "homeassistant/sensor/x/config", json.dumps(SOURCE), retained=True)
    [(_, config)] = tell(early, KITCHEN, '{"state": "ready"}')
    assert config["dev"]["ids"] == ["zigbee2mqtt_0x01"]
    tell(late, KITCHEN, '{"state": "ready"}')
    [(_, config)] = tell(late, "homeassistant/sensor/x/config", json.dumps(SOURCE))
    assert config["dev"]["ids"] == ["zigbee2mqtt_0x01"]


def test_a_device_that_goes_takes_its_entities_along() -> None:
    """An empty config deletes them."""
    pages = HomeAssistantPages(Topics())
    [(topic, _)] = tell(pages, KITCHEN, '{"state": "ready"}')
    assert tell(pages, KITCHEN, "") == [(topic, None)]
    assert tell(pages, KITCHEN, "") == []


def test_what_we_announce_is_no_device_to_us() -> None:
    """Neither the pages nor the recognition take our own discovery for somebody's values."""
    pages = HomeAssistantPages(Topics())
    [(topic, config)] = tell(pages, KITCHEN, '{"state": "ready"}')
    assert tell(pages, topic, json.dumps(config)) == []
    assert Recognizer().read(topic, json.dumps(config).encode(), NOW).kind == "ignore"


def test_hostile_names_stay_within_the_letters_of_discovery() -> None:
    """Whatever a device is called, its object id has plain letters, and two devices never share one."""
    pages = HomeAssistantPages(Topics())
    [(one, _)] = tell(pages, "tocsin/devices/a%2Fb%20%C3%A4", '{"state": "ready"}')
    [(other, _)] = tell(pages, "tocsin/devices/a%2Fb%20%C3%B6", '{"state": "ready"}')
    assert one != other
    assert set(one.split("/")[3]) <= set("abcdefghijklmnopqrstuvwxyz0123456789_-")
