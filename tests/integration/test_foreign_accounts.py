"""Who may say and hear what on foreign topics, in a real mosquitto with our ACL; and Home Assistant's side of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from contracts.topics import Topics
from tests.mqtt_speaker import ACCEPTED
from tests.plant import wait_for
from tests.shipped_broker import started_site
from tocsin.broker.accounts import Accounts

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.broker


def test_foreign_topics_reach_those_to_whom_they_were_granted(tmp_path: Path) -> None:
    """A gateway speaks on its own topics alone; the detector hears them, the explainer does not."""
    accounts = Accounts(tmp_path / "secrets", Topics())
    accounts.use_topics("zigbee", ["zigbee2mqtt/#"])
    accounts.grant_foreign(["zigbee2mqtt/#"], ["R/+/keepalive"])
    with started_site(tmp_path, "zigbee") as site:
        gateway, detector, explainer = (site.client(name) for name in ("device-zigbee", "detector", "explainer"))
        for one in (detector, explainer):
            one.subscribe("zigbee2mqtt/#")
        assert gateway.publish("zigbee2mqtt/kitchen", '{"t": 1}') in ACCEPTED
        assert gateway.publish("tele/kitchen/SENSOR", '{"t": 1}') not in ACCEPTED
        assert detector.publish("R/c06/keepalive", "") in ACCEPTED
        assert detector.publish("zigbee2mqtt/kitchen/set", "{}") not in ACCEPTED
        wait_for(lambda: "zigbee2mqtt/kitchen" in detector.heard, 20, "the detector hears the gateway")
        explainer.subscribe("alerts/none")  # whatever was sent to it before has been heard
        assert explainer.heard == {}
        for one in (gateway, detector, explainer):
            one.close()


def test_home_assistant_is_told_of_our_devices_by_an_account_of_its_own(tmp_path: Path) -> None:
    """`tocsin home-assistant` announces a device, and takes it back when the detector forgets it."""
    with started_site(tmp_path) as site:
        detector, operator = site.client("detector"), site.client("operator")
        detector.publish("tocsin/devices/boiler", json.dumps({"state": "ready"}))
        password = site.accounts.directory / "home-assistant.password"
        command = subprocess.Popen(
            [sys.executable, "-m", "tocsin", "home-assistant", "--host", "127.0.0.1", "--port", str(site.broker.port),
             "--username", "home-assistant", "--password-file", str(password)],
            env={**os.environ, "TOCSIN_SECRETS": str(site.accounts.directory)},
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert command.stderr is not None
        assert "Announcing" in command.stderr.readline()
        watcher = site.client("home-assistant")
        watcher.subscribe("homeassistant/+/+/+/config")

        def announced() -> bool:
            detector.publish("tocsin/devices/boiler", json.dumps({"state": "ready"}))
            return len(watcher.heard) > 0

        wait_for(announced, 30, "the device is announced")
        [(topic, config)] = watcher.heard.items()
        assert topic.startswith("homeassistant/device/tocsin/boiler_")
        assert set(json.loads(config)["cmps"]) == {"problem", "score", "event"}
        detector.publish("tocsin/devices/boiler", "")
        wait_for(lambda: watcher.heard[topic] == "", 30, "the entities are deleted")
        command.send_signal(2)
        command.communicate(timeout=60)
        assert command.returncode == 0
        for one in (detector, operator, watcher):
            one.close()
