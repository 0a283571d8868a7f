"""Home Assistant's MQTT discovery, as read. Source: home-assistant.io, integrations/mqtt.

Most smart-home software announces its values so: topic, path, unit and class of each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from devices.bounded import Bounded
from devices.formats.device_names import DeviceNames
from devices.formats.discovery_keys import expanded
from devices.formats.port import MOST_ENTITIES, Entity, Format, Watch
from devices.formats.value_templates import template_path
from devices.telegram import Discovery, Telegram, ignored, metadata
from devices.values import label

if TYPE_CHECKING:
    from devices.foreign_message import ForeignMessage
    from devices.formats.port import Knowledge

_OWN_NODE = "tocsin"  # the level below which we announce ourselves
_UNNAMED = frozenset({"value", "val", "v"})  # the topic is the name: each has the same path
_MOST_COMPONENTS = 500
_MOST_AT_ONE_TOPIC = 500
_STATES = (
    "state_topic",
    "current_temperature_topic",
    "current_humidity_topic",
    "position_topic",
    "brightness_state_topic",
    "percentage_state_topic",
    "temperature_state_topic",
    "action_topic",
)
_TEMPLATES = {
    "state_topic": ("value_template", "state_value_template"),
    "current_temperature_topic": ("current_temperature_template",),
    "current_humidity_topic": ("current_humidity_template",),
    "position_topic": ("position_template",),
    "brightness_state_topic": ("brightness_value_template",),
    "percentage_state_topic": ("percentage_value_template",),
    "temperature_state_topic": ("temperature_state_template",),
    "action_topic": ("action_template",),
}


class HomeAssistantDiscovery(Format):
    """`<prefix>/<component>/[<node>/]<object>/config` and `<prefix>/device/<object>/config`."""

    name = "ha_discovery"

    def __init__(self, knowledge: Knowledge) -> None:
        super().__init__(knowledge)
        self._names = DeviceNames()
        self._owners: Bounded[tuple[str, str], tuple[str, str]] = Bounded(MOST_ENTITIES)

    def read(self, message: ForeignMessage) -> Telegram | None:
        """Learn what a config announces."""
        levels = message.levels
        if levels[-1] != "config" or len(levels) < 4:  # noqa: PLR2004 - prefix, component, object, config
            own = levels[-2:] == ["homeassistant", "status"]
            return ignored(self.name, "whether Home Assistant is there") if own else None
        if levels[-4:-2] == ["device", _OWN_NODE]:
            return ignored(self.name, "our own")
        if not message.payload:
            return self._forget(message.topic)
        config = message.object
        if config is None:
            return None
        config = expanded(config)
        components = config.get("components")
        if not isinstance(components, dict) and "homeassistant" not in levels[:-3] and not _names_topics(config):
            return None
        return self._learn(message, config, components if isinstance(components, dict) else None)

    def _forget(self, topic: str) -> Telegram:
        """An empty config deletes the entity."""
        for entities in self.knowledge.entities.values():
            for identity in [one for one in entities if one.startswith(topic + "#")]:
                del entities[identity]
        self.knowledge.changes += 1
        return metadata(self.name, None)

    def _learn(self, message: ForeignMessage, config: dict[str, Any], components: dict[str, Any] | None) -> Telegram:
        device = self._names.name(config, message.levels[-2])
        shared = {key: value for key, value in config.items() if key != "components"}
        parts = {message.levels[-2]: config}
        if components is not None:
            parts = {
                str(key): {**shared, **expanded(part)} for key, part in components.items() if isinstance(part, dict)
            }
        lead = _lead(message.topic)
        found: list[Discovery] = []
        for key, part in list(parts.items())[:_MOST_COMPONENTS]:
            found += self._learn_entity(f"{message.topic}#{key}", key, device, part, lead)
        self._watch(config, device)
        return Telegram(kind="metadata", format=self.name, device=device, discovers=tuple(found))

    def _learn_entity(self, identity: str, key: str, device: str, part: dict[str, Any], lead: str) -> list[Discovery]:
        found = []
        for state in _STATES:
            topic = part.get(state)
            if not isinstance(topic, str) or not topic:
                continue
            template = next((part[name] for name in _TEMPLATES[state] if name in part), None)
            path, readable = template_path(template)
            entity = Entity(
                device,
                _metric(part, key, state, path),
                path,
                _text(part, "unit_of_measurement", 32),
                _text(part, "device_class", 64),
                readable,
                part.get("state_class") == "total_increasing",
                _text(part, "payload_on", 64),
                _text(part, "payload_off", 64),
            )
            self._add(topic, f"{identity}.{state}", entity)
            if lead:  # a bridge between brokers has put its own levels before every topic
                self._add(lead + topic, f"{identity}.{state}", entity)
            found.append(Discovery(state_topic=topic, path=path, unit=entity.unit, device_class=entity.device_class))
        return found

    def _add(self, topic: str, identity: str, entity: Entity) -> None:
        at_topic = self.knowledge.entities.get(topic) or {}
        taken = {one.metric for key, one in at_topic.items() if key != identity and one.path != entity.path}
        own = label(identity.rpartition("#")[2].rpartition(".")[0])
        if entity.metric in taken:
            entity.metric = own[:128] or entity.metric
        elif not self._is_owner(topic, identity, entity):
            entity.metric = f"{own}.{entity.metric}"[:128]
        if identity not in at_topic:  # what is announced again changes nothing
            self.knowledge.changes += 1
        if identity in at_topic or len(at_topic) < _MOST_AT_ONE_TOPIC:
            at_topic[identity] = entity
        self.knowledge.entities[topic] = at_topic
        if entity.unit and entity.path:
            self.knowledge.units[entity.device, entity.path] = entity.unit

    def _is_owner(self, topic: str, identity: str, entity: Entity) -> bool:
        """Tell whether no other topic of the device has a metric of this name; the first one keeps it."""
        owner = self._owners.get((entity.device, entity.metric))
        if owner is None:
            self._owners[entity.device, entity.metric] = owner = (topic, identity)
        return owner[0] == topic or owner[1] == identity

    def _watch(self, config: dict[str, Any], device: str) -> None:
        listed = config.get("availability")
        one = {
            "topic": config.get("availability_topic"),
            "value_template": config.get("availability_template"),
            "payload_available": config.get("payload_available"),
            "payload_not_available": config.get("payload_not_available"),
        }
        for entry in [one, *(listed if isinstance(listed, list) else [listed])][:16]:
            entry = expanded(entry) if isinstance(entry, dict) else {}  # noqa: PLW2901 - the same entry, spelt out
            topic = entry.get("topic")
            if isinstance(topic, str) and topic and "bridge/state" not in topic:
                path, _ = template_path(entry.get("value_template"))
                self.knowledge.changes += topic not in self.knowledge.watches
                self.knowledge.watches[topic] = Watch(
                    device,
                    path,
                    str(entry.get("payload_available") or "online"),
                    str(entry.get("payload_not_available") or "offline"),
                )


def _lead(topic: str) -> str:
    """Return what stands before the usual discovery prefix."""
    before, found, _ = topic.partition("homeassistant/")
    return before if found and before.endswith("/") else ""


def _metric(part: dict[str, Any], key: str, state: str, path: str | None) -> str:
    if path is not None and path not in _UNNAMED:
        return path
    if state != "state_topic":
        return state.removesuffix("_topic").removesuffix("_state")
    kind, name = part.get("device_class"), part.get("name")
    if isinstance(name, str) and name.strip() and "device" in part:  # as Home Assistant names an entity
        same = isinstance(kind, str) and name.strip().lower().replace(" ", "_") == kind
        return str(kind) if same else label(name)[:128]
    if isinstance(kind, str) and kind:
        return label(kind)[:128]
    return "state" if "device" not in part else label(key)[:128] or "state"


def _names_topics(config: dict[str, Any]) -> bool:
    """Tell whether a config says where a value stands or an order goes; abbreviations end in _t."""
    return any(isinstance(value, str) and key.endswith(("_topic", "_t")) for key, value in config.items())


def _text(part: dict[str, Any], key: str, most: int) -> str | None:
    value = part.get(key)
    return label(value)[:most] if isinstance(value, str) and value else None
