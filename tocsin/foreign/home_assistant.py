"""Home Assistant sees the alerts: discovery messages for each device. Source: home-assistant.io, integrations/mqtt.

Only discovery is published: the entities read our own topics, so their states are never out of step.
"""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import msgspec

from contracts.errors import TopicError
from devices.formats.discovery_keys import expanded
from tocsin.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.topics import Topics
    from runtime.bus import Message

OWN_NODE = "tocsin"
_STATUSES = ["open", "closed", "acknowledged", "snoozed"]
_MOST_IDENTITIES = 20_000
_PROBLEM = "{{ 'ON' if value_json.state in ['anomalous', 'silent', 'offline'] else 'OFF' }}"
_EVENT = (
    "{{ {'event_type': value_json.status, 'label': value_json.label, 'reason': value_json.reason,"
    " 'severity': value_json.severity} | tojson }}"
)


class HomeAssistantPages:
    """Knows which devices have entities, and whose page they belong on.

    Args:
        topics: ours.
        discovery_prefix: Home Assistant's.
    """

    def __init__(self, topics: Topics, discovery_prefix: str = "homeassistant") -> None:
        self._topics = topics
        self._prefix = discovery_prefix
        self._identities: dict[str, Any] = {}
        self._devices: dict[str, str] = {}

    @property
    def filters(self) -> tuple[str, ...]:
        """What to listen to: our devices, other software's discovery, and whether Home Assistant is there."""
        configs = (f"{self._prefix}/+/+/config", f"{self._prefix}/+/+/+/config")
        return (self._topics.every("devices"), *configs, f"{self._prefix}/status")

    def take(self, message: Message) -> Iterator[tuple[str, bytes]]:
        """Take a message; yield (topic, payload) of what is to be published, retained."""
        if message.topic == f"{self._prefix}/status":
            if message.payload == b"online" and not message.retained:
                yield from [self._config(device) for device in self._devices.values()]
        elif message.topic.startswith(f"{self._prefix}/"):
            yield from self._learn(message)
        else:
            yield from self._device(message)

    def _device(self, message: Message) -> Iterator[tuple[str, bytes]]:
        try:
            device = self._topics.device_of(message.topic)
        except TopicError:
            return
        if not message.payload:  # the detector has forgotten it
            if self._devices.pop(device, None) is not None:
                yield self._topic(device), b""
        elif device not in self._devices:
            self._devices[device] = device
            yield self._config(device)

    def _learn(self, message: Message) -> Iterator[tuple[str, bytes]]:
        """Note whose page a device has already: shared identifiers share it."""
        if f"/{OWN_NODE}/" in message.topic or len(self._identities) >= _MOST_IDENTITIES:
            return
        try:
            config = msgspec.json.decode(message.payload)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return
        about = expanded(config).get("device") if isinstance(config, dict) else None
        name = about.get("name") if isinstance(about, dict) else None
        if not isinstance(name, str) or not isinstance(about, dict) or not about.get("identifiers"):
            return
        if self._identities.get(name) != about["identifiers"]:
            self._identities[name] = about["identifiers"]
            if name in self._devices:
                yield self._config(name)

    def _topic(self, device: str) -> str:
        return f"{self._prefix}/device/{OWN_NODE}/{_object_id(device)}/config"

    def _config(self, device: str) -> tuple[str, bytes]:
        key = f"tocsin_{_object_id(device)}"
        states, alerts = self._topics.device(device), self._topics.alerts(device)
        config = {
            "dev": {"ids": self._identities.get(device, [key]), "name": printable(device)},
            "o": {"name": "Tocsin"},
            "availability": [
                {"topic": self._topics.service("detector", "1"), "value_template": "{{ value_json.state }}"}
            ],
            "cmps": {
                "problem": {
                    "p": "binary_sensor",
                    "name": "Anomaly",
                    "device_class": "problem",
                    "unique_id": f"{key}_problem",
                    "state_topic": states,
                    "value_template": _PROBLEM,
                    "json_attributes_topic": alerts,
                },
                "score": {
                    "p": "sensor",
                    "name": "Anomaly score",
                    "state_class": "measurement",
                    "unique_id": f"{key}_score",
                    "state_topic": self._topics.scores(device),
                    "value_template": "{{ value_json.score | round(3) }}",
                    "expire_after": 900,
                },
                "event": {
                    "p": "event",
                    "name": "Alert",
                    "event_types": _STATUSES,
                    "unique_id": f"{key}_event",
                    "state_topic": alerts,
                    "value_template": _EVENT,
                },
            },
        }
        return self._topic(device), json.dumps(config, ensure_ascii=False).encode()


def _object_id(device: str) -> str:
    """Name a device in the letters that discovery allows, a reminder of its own name first."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "_" for c in device)[:40]
    return f"{plain}_{blake2b(device.encode(), digest_size=4).hexdigest()}"
