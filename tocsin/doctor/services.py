"""Looks at the services: who is online, how the devices are, and whether the clocks agree."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from contracts.codec import decode
from contracts.errors import DecodeError
from contracts.service import DeviceStatus, ServiceNotice, ServiceStatus
from runtime.version import version
from tocsin.broker.listening import visiting
from tocsin.doctor.finding import Finding, bad, doubtful, good, skipped
from tocsin.time_words import span_words_s

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from contracts.topics import Topics
    from runtime.bus import Message
    from runtime.mqtt.connection import BrokerConnection

_RETAINED_S, _LIVE_S = 1.0, 3.0
_STALE_S = 60.0
_CLOCKS_DIFFER_S = 2.0
_SHOWN_NOTICES = 3
_REMEDIES = {
    "clock": "set the device's clock, by NTP where it can",
    "zone": "name the zone in a profile: time: {zone: Europe/Berlin}",
    "too_many_devices": "raise limits: {devices: …} in the profile file, or ignore some: overrides, ignore: true",
    "too_many_metrics": "raise limits: {metrics_per_device: …} in the profile file, or drop some: drop: [NAME*]",
    "same_name": "tell the sites apart in the profile file: mqtt: {name_sites: true}",
    "profiles": "mend the file: tocsin profiles check FILE",
    "schema": "nothing to do if the device was changed; else look at it",
    "label": "nothing to do if the word is right; map: {WORD: 1} makes it a value",
}


@dataclass(slots=True)
class Heard:
    """The newest state of each service and device; `live` maps a service to when its words were said and heard."""

    services: dict[tuple[str, str], tuple[ServiceStatus, datetime]] = field(default_factory=dict)
    devices: dict[str, DeviceStatus] = field(default_factory=dict)
    live: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)

    def take(self, message: Message) -> None:
        """Note a state; what is none was said by somebody else."""
        try:
            if "/devices/" in message.topic:
                device = decode(message.payload, DeviceStatus)
                self.devices[device.device] = device
                return
            status = decode(message.payload, ServiceStatus)
        except DecodeError:
            return
        self.services[status.service, status.instance] = (status, message.received_at)
        if not message.retained and status.at is not None:
            self.live[status.service] = (status.at, message.received_at)


def listen(connection: BrokerConnection, topics: Topics) -> Heard:
    """Hear what the broker keeps, and wait a little for a live word of the detector.

    Raises:
        CommandError: the broker does not let us in.
    """
    heard = Heard()
    with visiting(connection, [topics.every("services"), topics.every("devices")]) as bus:
        started = time.monotonic()
        while (lasted := time.monotonic() - started) < _LIVE_S:
            messages = bus.receive(1000, 0.1)
            for message in messages:
                heard.take(message)
            bus.ack(messages)
            if lasted > _RETAINED_S and ("detector" in heard.live or not heard.services):
                break
    return heard


def findings(heard: Heard) -> Iterator[Finding]:
    """Judge what was heard."""
    for service in ("detector", "explainer", "producer"):
        yield _service(service, heard)
    yield _devices(heard)
    yield from _notices(heard)
    yield _clocks(heard)


def _service(service: str, heard: Heard) -> Finding:
    known = [(status, at) for (name, _), (status, at) in heard.services.items() if name == service]
    online = [(status, at) for status, at in known if status.state == "online"]
    if not online:
        words = "says that it is offline" if known else "has never been seen at this broker"
        if service == "producer":
            return skipped(service, f"{words}; only the simulator needs it")
        return bad(
            service,
            words,
            f"start it: make up, or tocsin demo; its log says why it ended: docker compose logs {service}",
        )
    status, at = online[0]
    words = f"online, version {status.version or 'unknown'}" + (f", {len(online)} of them" if len(online) > 1 else "")
    if status.at is not None and (age := (at - status.at).total_seconds()) > _STALE_S:
        return doubtful(service, f"{words}, but its newest word is {span_words_s(age)} old", "look into its log")
    if status.version and status.version != version():
        return doubtful(service, f"{words}; this command is {version()}", "bring both to the same version")
    return good(service, words)


def _devices(heard: Heard) -> Finding:
    if not heard.devices:
        return skipped(
            "devices", "none is known yet", "publish readings: tocsin replay FILE, or tocsin device add NAME"
        )
    states = [status.state for status in heard.devices.values()]
    counts = [f"{states.count(state)} {state}" for state in dict.fromkeys(sorted(states))]
    return good("devices", ", ".join(counts))


def _notices(heard: Heard) -> Iterator[Finding]:
    """Say what the detector noticed of devices that speak their own languages, newest first."""
    said = [one for status, _ in heard.services.values() for one in status.notices]
    by_reason: dict[str, list[ServiceNotice]] = {}
    for one in sorted(said, key=lambda one: one.at, reverse=True):
        by_reason.setdefault(one.reason, []).append(one)
    for reason, alike in by_reason.items():
        shown = "; ".join(f"{one.device}: {one.words}" for one in alike[:_SHOWN_NOTICES])
        more = len(alike) - _SHOWN_NOTICES
        yield doubtful("noticed", shown + (f"; and {more} more" if more > 0 else ""), _REMEDIES.get(reason, ""))


def _clocks(heard: Heard) -> Finding:
    if not heard.live:
        return skipped("clocks", "no service has spoken just now")
    service, (said, received) = max(heard.live.items(), key=lambda one: abs(_difference(one[1])))
    difference = (received - said).total_seconds()
    words = f"the {service}'s clock differs from this one by {abs(difference) * 1000:.0f} ms"
    if abs(difference) > _CLOCKS_DIFFER_S:
        return bad("clocks", words, "set both clocks by NTP: times of readings and alerts are compared")
    return good("clocks", words)


def _difference(times: tuple[datetime, datetime]) -> float:
    return (times[1] - times[0]).total_seconds()
