"""collectd's MQTT plugin. Source: collectd.conf(5), plugin mqtt; types.db(5) for the names of several values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from devices.formats.port import Format, composed
from devices.telegram import telemetry
from devices.times import from_epoch
from devices.values import Flat

if TYPE_CHECKING:
    from devices.foreign_message import ForeignMessage
    from devices.telegram import Telegram

_VALUES = re.compile(r"(\d{9,10}\.\d{3})((?::(?:-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|nan|inf)|U))+)", re.ASCII)
_LEAST_LEVELS = 3  # host, plugin, type
_LONGEST = 1024
_NAMES = {
    "compression": ("uncompressed", "compressed"),
    "df": ("used", "free"),
    "disk_io_time": ("io_time", "weighted_io_time"),
    "load": ("shortterm", "midterm", "longterm"),
    "ps_count": ("processes", "threads"),
    "ps_cputime": ("user", "syst"),
    "vmpage_io": ("in", "out"),
}
_READ_WRITE = re.compile(r"(?:disk|ps_disk)_(?:latency|merged|octets|ops|time)|io_ops", re.ASCII)
_RX_TX = re.compile(r"(?:if|io|node|serial|memcached|mysql)_(?:dropped|errors|octets|packets)", re.ASCII)


class Collectd(Format):
    """`<prefix>/<host>/<plugin>/<type>` with `epoch:value:value`; `nan` and `U` are no value."""

    name = "collectd"

    def read(self, message: ForeignMessage) -> Telegram | None:
        """Read the values of one type."""
        levels, payload = message.levels, message.payload
        if len(levels) < _LEAST_LEVELS or len(payload) > _LONGEST or b":" not in payload[10:16]:
            return None
        match = _VALUES.fullmatch(message.text or "")
        at = from_epoch(float(match[1])) if match else None
        if match is None or at is None:
            return None
        texts = match[2][1:].split(":")
        flat = Flat()
        metric = ".".join(levels[-2:])
        for name, text in zip(_names(metric, levels[-1], len(texts)), texts, strict=True):
            flat.add(name, None if text == "U" else text)
        return telemetry(self.name, composed(levels[-3], flat, timestamp=at, narrow=True))


def _names(metric: str, type_: str, count: int) -> list[str]:
    """Name the values: the message holds none, the well-known types have some."""
    if count == 1:
        return [metric]
    kind = type_.partition("-")[0]
    known = _NAMES.get(kind)
    if known is None:
        known = ("read", "write") if _READ_WRITE.fullmatch(kind) else ("rx", "tx") if _RX_TX.fullmatch(kind) else ()
    return [f"{metric}.{one}" for one in (known if len(known) == count else range(count))]
