"""The broker's configuration, accounts and ACL as shipped, in a real mosquitto: who may say and hear what."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.mqtt_speaker import ACCEPTED, Speaker
from tests.shipped_broker import Site, started_site

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.broker

ANONYMOUS = None

TOPICS = (
    "readings/boiler",
    "readings/pump",
    "truth/boiler",
    "anomalies/boiler",
    "receipts/detector",
    "alerts/boiler",
    "bell/boiler",
    "scores/boiler",
    "devices/boiler",
    "services/producer/1",
    "services/detector/1",
    "services/explainer/1",
    "deadletters/detector",
    "deadletters/explainer",
    "feedback/0123",
    "commands/detector",
    "commands/explainer",
    "digest",
)
# Written out a second time, by hand: what each account may publish and hear of the topics above.
MAY_PUBLISH: dict[str | None, set[str]] = {
    ANONYMOUS: set(),
    "device-boiler": {"readings/boiler"},
    "producer": {"readings/boiler", "readings/pump", "truth/boiler", "services/producer/1"},
    "detector": {"anomalies/boiler", "scores/boiler", "devices/boiler", "deadletters/detector", "services/detector/1"},
    "explainer": {
        "alerts/boiler",
        "bell/boiler",
        "digest",
        "receipts/detector",
        "deadletters/explainer",
        "services/explainer/1",
    },
    "web": {"feedback/0123", "commands/detector", "commands/explainer"},
    "operator": {
        "readings/boiler",
        "readings/pump",
        "truth/boiler",
        "feedback/0123",
        "commands/detector",
        "commands/explainer",
    },
}
MAY_HEAR: dict[str | None, set[str]] = {
    ANONYMOUS: {"alerts/boiler", "bell/boiler", "digest"},
    "device-boiler": set(),
    "producer": {"services/detector/1"},
    "detector": {
        "readings/boiler",
        "readings/pump",
        "receipts/detector",
        "services/explainer/1",
        "feedback/0123",
        "commands/detector",
    },
    "explainer": {
        "anomalies/boiler",
        "feedback/0123",
        "deadletters/detector",
        "deadletters/explainer",
        "commands/explainer",
    },
    "web": {
        "alerts/boiler",
        "scores/boiler",
        "devices/boiler",
        "services/producer/1",
        "services/detector/1",
        "services/explainer/1",
    },
    "operator": set(TOPICS),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Start the shipped broker once for this module."""
    with started_site(tmp_path_factory.mktemp("site"), "boiler") as running:
        yield running


def publisher_of(topic: str) -> str:
    """Name an account that may publish on a topic."""
    return next(account for account, topics in MAY_PUBLISH.items() if account and topic in topics)


def admitted(site: Site, account: str) -> Speaker:
    """Knock until the broker lets the account in: it reads its files when its loop turns next."""
    give_up = time.monotonic() + 10
    while (client := site.client(account)).refusal and time.monotonic() < give_up:
        client.close()
    return client


@pytest.mark.parametrize("account", MAY_PUBLISH)
def test_an_account_publishes_on_its_own_topics_only(site: Site, account: str | None) -> None:
    """Every publish outside the account's row of the matrix is refused, and nobody hears it."""
    witness, speaker = site.client("operator"), site.client(account)
    witness.subscribe("#")
    try:
        reasons = {topic: speaker.publish(f"tocsin/{topic}", f"of {account}") for topic in TOPICS}
        assert {topic for topic, reason in reasons.items() if reason == "Success"} == MAY_PUBLISH[account]
        assert {reason for reason in reasons.values() if reason != "Success"} <= {"Not authorized"}
        witness.subscribe("tocsin/none")
        assert {topic.removeprefix("tocsin/") for topic in witness.heard} == MAY_PUBLISH[account]
    finally:
        witness.close()
        speaker.close()


@pytest.mark.parametrize("account", MAY_HEAR)
def test_an_account_hears_its_own_topics_only(site: Site, account: str | None) -> None:
    """Subscribed to everything, an account hears its row of the matrix and not a message more."""
    hearer = site.client(account)
    speakers = {name: site.client(name) for name in MAY_PUBLISH if name}
    try:
        hearer.subscribe("#")
        for topic in TOPICS:
            assert speakers[publisher_of(topic)].publish(f"tocsin/{topic}", "x") in (
                "Success",
                "No matching subscribers",
            )
        hearer.subscribe("tocsin/none")
        assert {topic.removeprefix("tocsin/") for topic in hearer.heard} == MAY_HEAR[account]
    finally:
        for client in (hearer, *speakers.values()):
            client.close()


@pytest.mark.parametrize("topic", ["elsewhere/x", "tocsin", "tocsin/readings/boiler/deeper", "tocsin/readings"])
def test_a_device_reaches_nothing_beside_its_topic(site: Site, topic: str) -> None:
    """Neither levels below its own topic nor topics of other people's are open to a device."""
    device = site.client("device-boiler")
    assert device.publish(topic, "21.5") == "Not authorized"
    device.close()


def test_a_wrong_password_is_refused(site: Site) -> None:
    """An account's name alone opens no door."""
    assert site.client("operator", password="guess").refusal == "Not authorized"  # noqa: S106 - the wrong one


@pytest.mark.parametrize("account", [ANONYMOUS, "device-boiler"])
def test_the_door_for_devices_is_closed_without_an_account(site: Site, account: str | None) -> None:
    """On the port that may be opened to the network, only those with an account come in."""
    assert site.client(account, port=site.device_port).refusal == ("" if account else "Not authorized")


def test_a_device_is_added_without_a_restart(site: Site) -> None:
    """SIGHUP lets a new device in and keeps those who are connected."""
    connected = site.client("device-boiler")
    site.accounts.add_device("kiln")
    assert site.client("device-kiln").refusal == "Not authorized"
    site.reload()
    kiln = admitted(site, "device-kiln")
    assert kiln.publish("tocsin/readings/kiln", "{}") in ACCEPTED
    assert kiln.publish("tocsin/readings/boiler", "{}") == "Not authorized"
    assert connected.publish("tocsin/readings/boiler", "{}") in ACCEPTED
    for client in (connected, kiln):
        client.close()
