"""Sparkplug B. Source: Eclipse Sparkplug 3.0 specification, topics and payloads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from devices.bounded import Bounded
from devices.formats.online_words import is_online
from devices.formats.port import Format, index_of
from devices.formats.sparkplug_wire import (
    DATE_TIME,
    SparkplugMetric,
    SparkplugPayload,
    WireError,
    decode_payload,
    signed,
)
from devices.telegram import DeviceReading, Telegram, availability, ignored, telemetry, unreadable
from devices.times import from_epoch, moment
from devices.values import Flat, label

if TYPE_CHECKING:
    from datetime import datetime

    from devices.foreign_message import ForeignMessage
    from devices.formats.port import Knowledge

_DATA = frozenset({"NBIRTH", "DBIRTH", "NDATA", "DDATA"})
_DEATHS = frozenset({"NDEATH", "DDEATH"})
_ORDERS = frozenset({"NCMD", "DCMD"})
_NO_LEVELS = ("Node Control/", "Device Control/", "Properties/")
_GOOD = 192
_UNIT_KEYS = ("engUnit", "EngUnit", "engineeringUnits", "Engineering Units", "unit", "units")
_MOST_ALIASES = 100_000


class SparkplugB(Format):
    """`spBv1.0/<group>/<type>/<node>[/<device>]`; data may name metrics by an alias that a birth has given."""

    name = "sparkplug_b"

    def __init__(self, knowledge: Knowledge) -> None:
        super().__init__(knowledge)
        self.aliases: Bounded[tuple[str, int], tuple[str, int]] = Bounded(_MOST_ALIASES)
        self.kinds: Bounded[tuple[str, str], int] = Bounded(_MOST_ALIASES)

    def read(self, message: ForeignMessage) -> Telegram | None:
        """Read a payload."""
        levels = message.levels
        at = index_of(levels, "spBv1.0")
        rest = levels[at + 1 :]
        if rest[0:1] == ["STATE"] and (at >= 0 or len(rest) == 2):  # noqa: PLR2004 - version 2 has no namespace
            return self._host(message, rest)
        if at < 0 or len(rest) not in {3, 4}:
            return None
        return self._of_node(message, *rest)

    def _of_node(self, message: ForeignMessage, group: str, kind: str, *names: str) -> Telegram | None:
        device, node = "/".join((group, *names)), f"{group}/{names[0]}"
        if kind in _ORDERS:
            return ignored(self.name, "an order")
        if kind not in _DATA | _DEATHS or not message.payload:
            return None
        try:
            payload = decode_payload(message.payload)
        except WireError as error:
            return unreadable(self.name, f"no Sparkplug payload: {error}")
        if kind in _DEATHS:
            covers = f"{node}/" if kind == "NDEATH" else None
            at_time = _moment(payload.timestamp)
            return availability(self.name, device, online=False, covers=covers, timestamp=at_time, seq=payload.seq)
        return self._data(device, node, payload, born=kind.endswith("BIRTH"))

    def _host(self, message: ForeignMessage, levels: list[str]) -> Telegram | None:
        """A host application's state: JSON, or one word in version 2."""
        online = is_online(message.object or message.text)
        if online is None or len(levels) < 2:  # noqa: PLR2004 - STATE and whose
            return None
        said = message.object or {}
        return availability(self.name, levels[1], online=online, timestamp=moment(said.get("timestamp")))

    def _data(self, device: str, node: str, payload: SparkplugPayload, *, born: bool) -> Telegram:
        groups: dict[tuple[int | None, bool], _Group] = {}
        unknown = 0
        often = _named_twice(payload.metrics)
        for metric in payload.metrics:
            name, kind = self._identified(device, node, metric, born=born)
            if not name:
                unknown += 1
                continue
            own_time = metric.historical or often
            time = (metric.timestamp or payload.timestamp) if own_time else payload.timestamp or metric.timestamp
            groups.setdefault((time, metric.historical), _Group()).add(name, kind, metric)
        warning = (
            f"{unknown} metrics known by alias only: wait for a birth, or ask the node for a rebirth"
            if unknown
            else None
        )
        if not groups:
            groups[payload.timestamp, False] = _Group()
        order = sorted(groups.items(), key=lambda one: one[0][0] or 0)
        readings = [
            group.reading(device, time, payload.seq, historical=historical, partial=not born, warning=warning)
            for (time, historical), group in order
        ]
        return telemetry(self.name, *readings, online=True if born else None)

    def _identified(self, device: str, node: str, metric: SparkplugMetric, *, born: bool) -> tuple[str, int]:
        """Find name and datatype. Aliases are unique on a node."""
        name, kind = metric.name, metric.kind
        if name and metric.alias is not None and (born or kind):
            self.aliases[node, metric.alias] = (name, kind)
        if not name and metric.alias is not None:
            name, known = self.aliases.get((node, metric.alias)) or ("", 0)
            return name, kind or known
        if kind:
            self.kinds[device, name] = kind
        return name, kind or self.kinds.get((device, name)) or 0


class _Group:
    """Metrics of one time."""

    def __init__(self) -> None:
        self.flat = Flat()
        self.units: dict[str, str] = {}
        self.bad: list[str] = []

    def add(self, name: str, kind: int, metric: SparkplugMetric) -> None:
        """Take one metric."""
        quality = metric.properties.get("Quality", metric.properties.get("quality"))
        unit = next((metric.properties[key] for key in _UNIT_KEYS if key in metric.properties), None)
        if name == "bdSeq" or name.startswith(_NO_LEVELS):
            self.flat.drop(label(name), "about the node, not measured")
        elif type(quality) is int and quality != _GOOD:
            self.bad.append(name)
        elif metric.null:
            self.flat.add(name, None)
        elif kind == DATE_TIME:
            self.flat.drop(label(name), "a time")
        elif metric.value is None:
            self.flat.drop(label(name), "bytes, a data set or a template")
        else:
            value = metric.value
            self.flat.add(name, signed(value, kind) if type(value) is int else value)
            if isinstance(unit, str) and unit and name in self.flat.metrics:
                self.units[name] = unit[:32]

    def reading(  # noqa: PLR0913 - what the payload says of all of them
        self, device: str, time: int | None, seq: int | None, *, historical: bool, partial: bool, warning: str | None
    ) -> DeviceReading:
        """Make the reading."""
        return DeviceReading(
            device=device,
            metrics=self.flat.metrics,
            labels=self.flat.labels,
            nulls=tuple(self.flat.nulls),
            dropped=self.flat.dropped,
            units=self.units,
            bad_quality=tuple(self.bad),
            timestamp=_moment(time),
            historical=historical,
            partial=partial,
            seq=seq,
            warning=warning,
        )


def _moment(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else from_epoch(milliseconds, "ms")


def _named_twice(metrics: list[SparkplugMetric]) -> bool:
    names = [metric.name or metric.alias for metric in metrics]
    return len(set(names)) < len(names)
