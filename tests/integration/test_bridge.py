"""A bridge between two real mosquittos: the site's own, which stays as it is, and ours."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.mqtt_speaker import Speaker
from tests.plant import wait_for
from tests.shipped_broker import Site
from tocsin.broker.bridge_configuration import Bridge, BridgeError
from tocsin.broker.local_broker import BrokerError, LocalBroker, find_broker
from tocsin.private_files import write_private

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.broker


@pytest.fixture
def site_broker(tmp_path: Path) -> Iterator[LocalBroker]:
    """The broker that a site has already."""
    try:
        broker = LocalBroker(tmp_path / "site", program=find_broker("mosquitto"))
    except BrokerError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))
    broker.start()
    yield broker
    broker.stop()


def test_topics_come_over_and_nothing_goes_back(tmp_path: Path, site_broker: LocalBroker) -> None:
    """The detector's account hears the site's devices below the prefix; the site hears nothing of ours."""
    ours = Site(tmp_path / "ours")
    ours.accounts.init()
    ours.accounts.grant_foreign(["site1/zigbee2mqtt/#"])
    bridge = Bridge("127.0.0.1", site_broker.port, ["zigbee2mqtt/#"], "site1/")
    write_private(ours.accounts.bridges / "site.conf", bridge.text())
    there = Speaker(site_broker.port, None, None)
    there.subscribe("#")
    ours.broker.start()
    try:
        detector, operator = ours.client("detector"), ours.client("operator")
        detector.subscribe("site1/#")

        def heard() -> bool:
            there.publish("zigbee2mqtt/kitchen", '{"temperature": 21.5}')
            there.publish("other/secret", "1")
            return "site1/zigbee2mqtt/kitchen" in detector.heard

        wait_for(heard, 30, "the reading comes over the bridge")
        operator.publish("tocsin/readings/pump", '{"flow": 1}')
        assert set(detector.heard) == {"site1/zigbee2mqtt/kitchen"}
        assert not any(topic.startswith(("tocsin", "site1")) for topic in there.heard)
        detector.close()
        operator.close()
    finally:
        there.close()
        ours.broker.stop()


@pytest.mark.parametrize(
    "bridge",
    [
        Bridge("box", 1883, []),
        Bridge("box", 1883, ["#"]),
        Bridge("box", 1883, ["a/#"], prefix="site1"),
        Bridge("box\nlistener 1", 1883, ["a/#"]),
        Bridge("box", 1883, ["a/#"], username="x y"),
    ],
)
def test_what_cannot_stand_in_the_configuration_is_refused(bridge: Bridge) -> None:
    """Nobody can smuggle a line into the broker's configuration."""
    with pytest.raises(BridgeError):
        bridge.text()
