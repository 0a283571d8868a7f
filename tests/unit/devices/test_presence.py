"""Who is there: goodbyes, gateways, sites; and what may be said to devices."""

from __future__ import annotations

import pytest

from devices.formats.sparkplug_wire import decode_payload
from devices.profiles.profile import Mqtt, Override, ProfileFile
from devices.recognizer import Recognizer
from devices.semantics.presence import Presence
from devices.semantics.waking import Waker
from tests.unit.devices.listener import START, Listener
from tests.unit.devices.samples_on_file import all_samples, payload_of


def test_a_gateway_takes_its_devices_along() -> None:
    """One absence, and its devices are explained by it."""
    listener = Listener()
    listener.hear(0, "zigbee2mqtt/a", {"x": 1})
    listener.hear(1, "zigbee2mqtt/bridge/state", {"state": "offline"})
    listener.hear(1, "zigbee2mqtt/a/availability", {"state": "offline"})
    known = list(listener.interpreter.memories.topics())
    absent = listener.presence.due(START.timestamp() + 2, known)
    assert [(one.device, one.gateway) for one in absent] == [("bridge", True)]
    assert listener.presence.muted_by("a", "zigbee2mqtt") == "bridge"
    assert listener.presence.due(START.timestamp() + 3, known) == []


@pytest.mark.parametrize(
    ("own", "other", "gone", "gateway"),
    [
        ("zigbee2mqtt/a", "attic/b", "zigbee2mqtt/bridge/state", "bridge"),
        ("attic/b", "zigbee2mqtt/a", "attic/bridge/state", "attic/bridge"),
        ("home/OMG_1/BTtoMQTT/A4C1", "home/OMG_2/BTtoMQTT/A4C2", "home/OMG_1/LWT", "home/OMG_1"),
        ("site1/zigbee2mqtt/a", "site2/zigbee2mqtt/b", "site1/zigbee2mqtt/bridge/state", "site1/zigbee2mqtt/bridge"),
    ],
)
def test_a_gateway_takes_along_only_what_stands_beside_it(own: str, other: str, gone: str, gateway: str) -> None:
    """Of two gateways of a kind, each answers for the devices below its own topic, and has a name of its own."""
    listener = Listener()
    listener.hear(0, "attic/bridge/state", {"state": "online"})
    for topic in (own, other):
        listener.hear(1, topic, {"x": 1})
    listener.hear(2, gone, {"state": "offline"})
    muted = {
        topic: listener.presence.muted_by(device, language, topic)
        for device, language, topic in listener.interpreter.memories.topics()
    }
    assert muted == {own: gateway, other: None}


def test_a_device_that_measures_is_there_and_so_is_its_gateway() -> None:
    """Whatever was said before; a goodbye that the broker had kept ends with the first value."""
    listener = Listener()
    listener.hear(0, "zigbee2mqtt/bridge/state", {"state": "offline"}, retained=True)
    listener.hear(1, "plant/pump/status", "offline")
    for topic, payload in (("zigbee2mqtt/a", {"x": 1}), ("plant/pump/data", {"flow": 2})):
        (ready,) = listener.hear(2, topic, payload)
        assert listener.presence.muted_by(
            *next(one for one in listener.interpreter.memories.topics() if one[2] == topic)
        )
        listener.presence.heard(ready.reading.device, "zigbee2mqtt" if topic[0] == "z" else "flat_json", topic)
    assert listener.presence.due(START.timestamp() + 9, listener.interpreter.memories.topics()) == []
    assert listener.presence.returned == {"bridge", "plant/pump"}


def test_an_availability_speaks_for_all_below_its_topic() -> None:
    """One device below it is named itself; of several, what stands above them is the gateway."""
    listener = Listener()
    listener.hear(0, "plant/pump/data", {"flow": 2})
    for phase in ("1", "2"):
        listener.hear(0, f"meters/house/{phase}", {"power": 2})
    listener.hear(1, "plant/pump/status", "offline")
    listener.hear(1, "meters/house/status", "offline")
    absent = listener.presence.due(START.timestamp() + 2, listener.interpreter.memories.topics())
    assert [(one.device, one.gateway) for one in absent] == [("plant/pump/data", False), ("meters/house", True)]


def two_sites(*, named: bool) -> Listener:
    """Hear one name at two sites whose prefixes are taken off; the gateway of the first is gone."""
    listener = Listener(ProfileFile(mqtt=Mqtt(strip_prefix=("site1/", "site2/"), name_sites=named)))
    for site in ("site1", "site2", "site1"):
        listener.hear(0, f"{site}/zigbee2mqtt/pump", {"x": 1})
    listener.hear(1, "site1/zigbee2mqtt/bridge/state", {"state": "offline"})
    listener.hear(2, "site2/zigbee2mqtt/bridge/state", {"state": "online"})
    return listener


def test_sites_that_use_the_same_names_are_told_apart_on_request() -> None:
    """The site stands before the names; a gateway answers for its own site."""
    listener = two_sites(named=True)
    known = list(listener.interpreter.memories.topics())
    assert [device for device, _, _ in known] == ["site1/pump", "site2/pump"]
    assert [listener.presence.muted_by(*one) for one in known] == ["site1/bridge", None]
    assert listener.words() == []


def test_one_name_at_two_sites_is_noticed() -> None:
    """Once, with the cure; gateways are not taken for each other all the same."""
    listener = two_sites(named=False)
    (said,) = listener.words()
    assert said.startswith("same_name: heard at site1/ and at site2/ under one name; `mqtt: {name_sites: true}`")
    assert listener.presence.muted_by("other", "zigbee2mqtt", "site1/zigbee2mqtt/other") == "bridge"
    assert listener.presence.returned == set()


def test_what_one_site_teaches_is_not_believed_at_another() -> None:
    """Two nodes of one name number their metrics as they like."""
    reader = Recognizer(strip_prefixes=("a/", "b/"), name_sites=True)
    samples = next(one for one in all_samples() if one.name == "sparkplug_b")
    for message in samples.messages:
        reader.read("a/" + message["topic"], payload_of(message), START)
    data = next(one for one in samples.messages if "DDATA" in one["topic"])
    there, here = (reader.read(site + data["topic"], payload_of(data), START) for site in ("a/", "b/"))
    assert there.readings[0].device.startswith("a/")
    assert there.readings[0].metrics
    assert not any(one.metrics for one in here.readings)


def test_an_absence_shorter_than_the_grace_is_none() -> None:
    """A restart of a device is no alert."""
    presence, listener = Presence(60.0, {}), Listener()
    listener.hear(0, "zigbee2mqtt/a", {"x": 1})
    gone = listener.reader.read("zigbee2mqtt/a/availability", b'{"state":"offline"}', START)
    presence.note(gone, 0.0)
    assert presence.due(59.0, listener.interpreter.memories.topics()) == []
    assert len(presence.due(60.0, listener.interpreter.memories.topics())) == 1


def test_a_profile_names_a_gateway() -> None:
    """`via` shares the fate of a device whose messages do not say it."""
    presence = Presence(0.0, {"pump*": Override(via="gw")})
    listener = Listener()
    presence.note(listener.reader.read("gw/status", b"offline", START), 0.0)
    assert presence.muted_by("pump1", "plain") == "gw"
    assert presence.muted_by("saw", "plain") is None


def test_nothing_is_said_to_devices_unless_it_is_allowed() -> None:
    """A GX device is kept awake every half minute, and only when the file says so."""
    telegram = Recognizer().read("N/c06/battery/512/Soc", b'{"value": 80}', START)
    silent, waker = Waker(()), Waker(("victron",))
    for one in (silent, waker):
        one.note("N/c06/battery/512/Soc", telegram)
    assert silent.due(1000.0) == []
    assert waker.due(1000.0) == [("R/c06/keepalive", b"")]
    assert waker.due(1020.0) == []
    assert waker.due(1031.0) == [("R/c06/keepalive", b"")]


def test_a_node_with_unknown_aliases_is_asked_for_its_birth() -> None:
    """Once in five minutes; the command is as Sparkplug writes it."""
    by_alias = bytes.fromhex("08e8d7eab6b733120b100a690000000000003640")
    waker = Waker(("sparkplug",))
    topic = "spBv1.0/Line/DDATA/Edge/Mixer"
    waker.note(topic, Recognizer().read(topic, by_alias, START))
    [(asked, payload)] = waker.due(1000.0)
    assert asked == "spBv1.0/Line/NCMD/Edge"
    [metric] = decode_payload(payload).metrics
    assert (metric.name, metric.value) == ("Node Control/Rebirth", True)
    waker.note(topic, Recognizer().read(topic, by_alias, START))
    assert waker.due(1100.0) == []
