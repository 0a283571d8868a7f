"""A gateway that speaks its own language, at the broker in its container."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.e2e.test_containers import wait_for
from tests.mqtt_speaker import ACCEPTED

if TYPE_CHECKING:
    from tests.e2e.conftest import Site
    from tests.mqtt_speaker import Speaker

PROFILES = 'mqtt: {subscribe: ["zigbee2mqtt/#"]}\noffline_grace: 0s\n'


def test_a_gateway_is_plugged_in_while_everything_runs(site: Site) -> None:
    """With an account, a profile file and its grant, what Zigbee2MQTT says is learned, and its goodbye is silence."""
    site.accounts.add_device("zigbee")
    site.accounts.use_topics("zigbee", ["zigbee2mqtt/#"])
    (site.data / "detector" / "profiles.yaml").write_text(PROFILES, encoding="utf-8")
    grant = ("profiles", "grant", "/data/detector/profiles.yaml")
    assert "zigbee2mqtt/#" in site.compose("--profile", "tools", "run", "--rm", "-T", "tools", *grant)
    site.compose("kill", "-s", "HUP", "mosquitto")
    assert wait_for(lambda: not site.client("device-zigbee", port=site.device_port).refusal, 30)
    operator, gateway = site.client("operator"), site.client("device-zigbee", port=site.device_port)
    operator.subscribe("tocsin/devices/#")
    assert wait_for(lambda: says(gateway, operator).get("learned", 0) > 3, 60)
    assert {"temperature", "humidity", "state"} <= set(says(gateway, operator)["metrics"])
    assert gateway.publish("zigbee2mqtt/e2e-kitchen/availability", '{"state": "offline"}') in ACCEPTED
    assert wait_for(lambda: status(operator).get("state") == "silent", 60)
    for client in (operator, gateway):
        client.close()


def says(gateway: Speaker, operator: Speaker) -> dict[str, Any]:
    """Publish a message as Zigbee2MQTT does; return what the detector has said of the device so far."""
    values = {"temperature": 21.5, "humidity": 40, "state": "ON", "linkquality": 120, "action": "single"}
    gateway.publish("zigbee2mqtt/e2e-kitchen", json.dumps(values))
    return status(operator)


def status(operator: Speaker) -> dict[str, Any]:
    """Return the newest state of the device."""
    found: dict[str, Any] = json.loads(operator.heard.get("tocsin/devices/e2e-kitchen", "{}"))
    return found
