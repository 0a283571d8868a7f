"""The two things that may be said to devices, only when a profile file allows it: stay awake, and say your birth again.

Source: dbus-flashmq (keep-alive), Sparkplug 3 (rebirth requests).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from devices.bounded import Bounded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from devices.telegram import Telegram

_KEEP_ALIVE_S = 30.0  # a GX device falls silent after a minute
_REBIRTH_S = 300.0
_MOST = 1000
_REBIRTH = b"Node Control/Rebirth"
WRITES = {"victron": "R/+/keepalive", "sparkplug": "spBv1.0/+/NCMD/+"}


class Waker:
    """Decides what to say and when.

    Args:
        allowed: `victron`, `sparkplug`.
    """

    def __init__(self, allowed: Iterable[str]) -> None:
        self._allowed = frozenset(allowed)
        self._portals: Bounded[str, float] = Bounded(_MOST)
        self._nodes: Bounded[str, float] = Bounded(_MOST)
        self._wanted: set[str] = set()

    def note(self, topic: str, telegram: Telegram) -> None:
        """Take a message that was read."""
        levels = topic.split("/")
        if telegram.format == "victron" and "victron" in self._allowed and "N" in levels[:3]:
            at = levels.index("N")
            key = "/".join([*levels[:at], "R", levels[at + 1], "keepalive"])
            if key not in self._portals:
                self._portals[key] = 0.0
        elif telegram.format == "sparkplug_b" and "sparkplug" in self._allowed and "spBv1.0" in levels:
            self._ask(levels, telegram)

    def _ask(self, levels: list[str], telegram: Telegram) -> None:
        if not telegram.readings or telegram.readings[0].warning is None:
            return
        at = levels.index("spBv1.0")
        self._wanted.add("/".join([*levels[: at + 2], "NCMD", levels[at + 3]]))

    def due(self, now: float) -> list[tuple[str, bytes]]:
        """Return (topic, payload) of what is to be said now."""
        said: list[tuple[str, bytes]] = []
        for topic, at in self._portals.items() if len(self._portals) else ():
            if now - at >= _KEEP_ALIVE_S:
                self._portals[topic] = now
                said.append((topic, b""))
        for topic in self._wanted:
            if now - (self._nodes.get(topic) or 0.0) >= _REBIRTH_S:
                self._nodes[topic] = now
                said.append((topic, rebirth_request(int(now * 1000))))
        self._wanted.clear()
        return said


def rebirth_request(milliseconds: int) -> bytes:
    """Encode the command `Node Control/Rebirth` = true."""
    stamp = _varint(milliseconds)
    metric = b"\x0a" + _varint(len(_REBIRTH)) + _REBIRTH + b"\x18" + stamp + b"\x20\x0b\x70\x01"
    return b"\x08" + stamp + b"\x12" + _varint(len(metric)) + metric


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:  # noqa: PLR2004 - seven bits a byte
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
