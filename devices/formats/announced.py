"""Topics that discovery has announced: state topics and availability topics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from devices.formats.json_objects import take_time
from devices.formats.online_words import is_online
from devices.formats.port import Format, composed
from devices.telegram import DeviceReading, availability, ignored, telemetry
from devices.values import Flat, flatten

if TYPE_CHECKING:
    from devices.foreign_message import ForeignMessage
    from devices.formats.port import Entity, Watch
    from devices.telegram import Telegram


class Announced(Format):
    """A message on a topic that a discovery message has named."""

    name = "ha_discovery"

    def read(self, message: ForeignMessage) -> Telegram | None:
        """Read by what was announced."""
        entities = self.knowledge.entities.get(message.topic)
        if entities:
            return self._state(message, list(entities.values()))
        watch = self.knowledge.watches.get(message.topic)
        return None if watch is None else self._availability(message, watch)

    def _availability(self, message: ForeignMessage, watch: Watch) -> Telegram | None:
        value: Any = message.object or message.text
        if watch.path and isinstance(value, dict):
            value = _at(value, watch.path)
        online = True if value == watch.online else False if value == watch.offline else is_online(value)
        return None if online is None else availability(self.name, watch.device, online=online)

    def _state(self, message: ForeignMessage, entities: list[Entity]) -> Telegram | None:
        if message.object is not None:
            reading = _of_object(message.object, entities)
        elif message.text is None:
            return None
        elif not message.payload:
            return ignored(self.name, "empty: a retained message was deleted")
        else:
            reading = _of_scalar(message.text, [one for one in entities if one.path is None] or entities)
        return telemetry(self.name, reading)


def _of_object(values: dict[str, Any], entities: list[Entity]) -> DeviceReading:
    """Every value counts, also those that nobody announced; what was announced gives names and units."""
    at, key = take_time(values)
    flat = flatten({name: value for name, value in values.items() if name != key})
    for entity in entities:
        if (
            entity.path is not None
            and entity.on is not None
            and flat.labels.get(entity.path) in {entity.on, entity.off}
        ):
            flat.metrics[entity.path] = 1.0 if flat.labels.pop(entity.path) == entity.on else 0.0
    renamed = {one.path: one.metric for one in entities if one.path in flat.metrics and one.metric != one.path}
    flat.metrics = {renamed.get(name, name): value for name, value in flat.metrics.items()}
    found = [one for one in entities if one.path is not None and one.metric in flat.metrics]
    units = {one.metric: one.unit for one in found if one.unit}
    counters = tuple(one.metric for one in found if one.rising)
    alone = bool(renamed) and len(flat.metrics) == 1  # a topic a value
    reading = composed(entities[0].device, flat, timestamp=at, units=units, narrow=alone)
    return replace(reading, counters=counters)


def _of_scalar(text: str, entities: list[Entity]) -> DeviceReading:
    entity = entities[0]
    flat = Flat()
    flat.add(entity.metric, {entity.off: 0.0, entity.on: 1.0}.get(text, text))
    # A template that computes changes the value, so the unit is not that of what was sent.
    units = {entity.metric: entity.unit} if entity.unit and entity.readable and flat.metrics else {}
    counters = (entity.metric,) if entity.rising and flat.metrics else ()
    return replace(composed(entity.device, flat, units=units, narrow=True), counters=counters)


def _at(value: Any, path: str) -> Any:  # noqa: ANN401 - any JSON
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value
