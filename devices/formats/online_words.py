"""Words for there and gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from devices.formats.port import Format
from devices.telegram import availability

if TYPE_CHECKING:
    from devices.foreign_message import ForeignMessage
    from devices.telegram import Telegram

_ONLINE = frozenset({"online", "connected", "alive", "available", "up", "ready", "reachable"})
_OFFLINE = frozenset({"offline", "disconnected", "dead", "unavailable", "down", "lost", "unreachable", "gone"})
_BINARY = {"true": True, "1": True, "on": True, "yes": True, "false": False, "0": False, "off": False, "no": False}
_PLAIN_LEVELS = frozenset({"status", "state", "$state", "connection", "gw_status"})
_CLEAR_LEVELS = frozenset({"availability", "lwt", "online", "connected", "available", "will", "reachable", "alive"})
_LEVELS = _PLAIN_LEVELS | _CLEAR_LEVELS
_KEYS = ("state", "status", "online", "availability", "connected", "value")
_LONGEST = 16
_RADIO_GATEWAY = "theengs_omg"


def is_online(value: object, *, binary: bool = True) -> bool | None:
    """Read a word, or an object that holds one, as there or gone; None when it is neither.

    Args:
        value: text, a boolean, or a JSON object with a key such as `state`.
        binary: whether 1, 0, true, on … count.
    """
    if isinstance(value, dict):
        return next((found for key in _KEYS if (found := is_online(value.get(key))) is not None), None)
    if not isinstance(value, (str, bool, int)) or (isinstance(value, str) and len(value) > _LONGEST):
        return None
    word = str(value).strip().lower()
    if word in _ONLINE or word in _OFFLINE:
        return word in _ONLINE
    return _BINARY.get(word) if binary else None


class Availability(Format):
    """`<device>/availability`, `LWT`, `online`, `status` and the like with an on/off word."""

    name = "plain"

    def read(self, message: ForeignMessage) -> Telegram | None:
        """Read such a word."""
        levels = message.levels
        last = levels[-1].lower()
        if last not in _LEVELS or len(levels) < 2 or len(message.payload) > 256:  # noqa: PLR2004 - a word is short
            return None
        value = message.object or message.text
        if isinstance(value, dict) and len(value) > 3:  # noqa: PLR2004 - that is a status of many values
            return None
        online = is_online(value, binary=last in _CLEAR_LEVELS)
        if online is None:
            return None
        device, language = "/".join(levels[:-1]), _language(levels, last, message.text)
        if language == _RADIO_GATEWAY:  # its devices have names of their own, and topics below its own
            return availability(language, device, online=online, covers="*", below="/" + levels[-1])
        return availability(language, device, online=online, covers=device + "/")


def _language(levels: list[str], last: str, text: str | None) -> str:
    """Name the language that this custom belongs to."""
    if last == "online" and levels[-2].lower().startswith("shelly"):
        return "shelly_gen2"
    if last == "status" and text in {"online", "offline"}:
        return "esphome"
    if last == "lwt" and ("gateway" in levels[-2].lower() or levels[-2].startswith("OMG")):
        return _RADIO_GATEWAY
    return "plain"
