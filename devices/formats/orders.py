"""Topics that are never a device's values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from devices.formats.port import Format
from devices.telegram import ignored

if TYPE_CHECKING:
    from devices.foreign_message import ForeignMessage
    from devices.telegram import Telegram


class Orders(Format):
    """Topics that are never a device's values: the broker's own, and orders to devices."""

    name = "order"
    _ORDERS = frozenset({"set", "get", "cmnd", "command", "commands", "$set", "rpc"})

    def read(self, message: ForeignMessage) -> Telegram | None:
        """Recognise them by their topic."""
        levels = message.levels
        if levels[0] == "$SYS":
            return ignored("broker", "the broker's own counters")
        if levels[-2:] == ["events", "rpc"]:
            return None
        if levels[-1] in self._ORDERS or "cmnd" in levels[:-1]:
            return ignored(self.name, "an order to a device, not its values")
        return None
