"""Homie, versions 3, 4 and 5. Source: homieiot.github.io, the specifications."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from devices.bounded import Bounded
from devices.formats.port import Format, composed
from devices.telegram import Telegram, availability, ignored, metadata, telemetry
from devices.values import Flat

if TYPE_CHECKING:
    from devices.foreign_message import ForeignMessage
    from devices.formats.port import Knowledge

_PROPERTY_LEVELS = 2
_THERE = frozenset({"ready", "alert", "sleeping"})
_GONE = frozenset({"disconnected", "lost"})
_ROOT_SIGNS = frozenset({"$homie", "$nodes", "$description", "$implementation"})


class Homie(Format):
    """`<base>/<device>/<node>/<property>`, below a device that has said `$homie` or the like."""

    name = "homie_v4"

    def __init__(self, knowledge: Knowledge) -> None:
        super().__init__(knowledge)
        self._roots: Bounded[str, bool] = Bounded(5000)

    def read(self, message: ForeignMessage) -> Telegram | None:
        """Read an attribute or a value."""
        levels = message.levels
        if "$broadcast" in levels[1:3]:
            return ignored(self.name, "said to all")
        for index, level in enumerate(levels):
            if level[:1] == "$" and index > 0:
                return self._attribute(message, index)
        root = self._root_of(levels)
        if root < 0:
            return None
        if levels[-1] in {"set", "$target"}:
            return ignored(self.name, "an order")
        if len(levels) - root != _PROPERTY_LEVELS or message.text is None:
            return None
        return self._value(message, root)

    def _root_of(self, levels: list[str]) -> int:
        """Return where the node begins; -1 when no root is known."""
        node = _node_below_own_base(levels)
        if 0 < node <= len(levels) - _PROPERTY_LEVELS:
            return node
        if not len(self._roots):
            return -1
        for end in range(len(levels) - 1, 0, -1):
            if "/".join(levels[:end]) in self._roots:
                return end
        return -1

    def _attribute(self, message: ForeignMessage, index: int) -> Telegram | None:
        levels = message.levels
        what, above = levels[index], levels[:index]
        root = "/".join(above)
        if what in _ROOT_SIGNS and root not in self._roots:
            self._roots[root] = True
            self.knowledge.changes += 1
        own = _node_below_own_base(levels)
        known = own if 0 < own <= index else self._root_of(above) if root not in self._roots else index
        if known < 0:
            if what != "$state" or message.text not in _THERE | _GONE | {"init"}:
                return None
            known = index
        device = levels[known - 1]
        if what == "$state" and known == index and message.text in _THERE | _GONE:
            return availability(self.name, device, online=message.text in _THERE)
        if what == "$unit" and message.text:
            self.knowledge.units[device, ".".join(above[known:])] = message.text[:32]
        if what == "$description" and message.object:
            self._describe(device, message.object)
        return metadata(self.name, device)

    def _describe(self, device: str, description: dict[str, Any]) -> None:
        """Version 5 gives all units in one document."""
        nodes = description.get("nodes")
        for node, about in list(nodes.items())[:500] if isinstance(nodes, dict) else ():
            properties = about.get("properties") if isinstance(about, dict) else None
            for name, one in list(properties.items())[:500] if isinstance(properties, dict) else ():
                if isinstance(one, dict) and isinstance(one.get("unit"), str) and one["unit"]:
                    self.knowledge.units[device, f"{node}.{name}"] = one["unit"][:32]

    def _value(self, message: ForeignMessage, root: int) -> Telegram:
        levels = message.levels
        device = levels[root - 1]
        flat = Flat()
        flat.add(".".join(levels[root:]), message.text or None)
        units = self.knowledge.units_of(device, flat.metrics)
        return telemetry(self.name, composed(device, flat, narrow=True, units=units))


def _node_below_own_base(levels: list[str]) -> int:
    """Return where the node begins below the convention's own base `homie`; -1 below another."""
    if levels[0] != "homie":
        return -1
    return 3 if levels[1:2] == ["5"] else 2
