"""What a broker carries: devices, their metrics, how each was recognised, and what could not be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from devices.recognizer import OWN
from devices.semantics.clocks import Clock, corrected
from devices.semantics.units import spelt

if TYPE_CHECKING:
    from collections.abc import Iterable

    from devices.recognizer import Recognizer
    from devices.telegram import DeviceReading, Telegram
    from runtime.bus import Message

MOST_DEVICES = 2000
MOST_METRICS = 200
_MOST_PROBLEMS = 500
_MOST_ROOTS = 200
_LEAST_SPAN_S = 1.0


# Each begins at a topic of its own: two of them below one first level are below a prefix.
_ROOTED = frozenset(
    {"chirpstack_v4", "homie_v4", "rtl_433", "ruuvi_gateway", "shelly_gen1", "shelly_gen2", "sparkplug_b", "tasmota",
     "theengs_omg", "thingsboard_gateway", "ttn_v3", "victron", "zigbee2mqtt", "zwave_js"}
)  # fmt: skip


@dataclass(slots=True)
class Sighting:
    """One device: in which language it was heard, how often, and the newest value of each metric.

    Attributes:
        live: messages that were not kept by the broker.
        first_at, newest_at: arrival of these, epoch s.
        metrics: newest value; counts: how often each came live; units: of some.
        online: what its availability says, None for nothing.
        timed: it sends times of its own; clock: what is known of them.
        crowded: it has more metrics than a device may have without a setting.
    """

    language: str
    profile: str | None = None
    live: int = 0
    retained: int = 0
    first_at: float = 0.0
    newest_at: float = 0.0
    metrics: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    online: bool | None = None
    timed: bool = False
    warning: str | None = None
    crowded: bool = False
    clock: Clock = field(default_factory=Clock)

    @property
    def readings(self) -> int:
        """Readings heard; of a device that sends each value on a topic of its own, how often the most frequent came."""
        return max(self.counts.values(), default=self.live)

    @property
    def interval(self) -> float | None:
        """Seconds between readings; None while fewer than two were heard, or only a burst."""
        span = self.newest_at - self.first_at
        return span / (self.readings - 1) if self.readings > 1 and span >= _LEAST_SPAN_S else None


@dataclass(slots=True)
class Problem:
    """A topic that could not be read: why, how often, and how its newest payload begins."""

    reason: str
    count: int
    sample: bytes


class Survey:
    """Listens without judging.

    Attributes:
        devices: by name.
        problems: by topic.
        roots: topic filters, one for each first level on which something useful came, with its languages.
        kinds: messages by what they were.
        ours: messages of Tocsin itself, which its detector hears without a setting.
    """

    def __init__(self, recognizer: Recognizer) -> None:
        self._recognizer = recognizer
        self.devices: dict[str, Sighting] = {}
        self.problems: dict[str, Problem] = {}
        self.roots: dict[str, set[str]] = {}
        self.kinds: dict[str, int] = {}
        self.left_out = 0
        self.ours = 0

    def take(self, message: Message) -> None:
        """Take one message."""
        telegram = self._recognizer.read(message.topic, message.payload, message.received_at, retained=message.retained)
        if telegram.format == OWN:
            self.ours += 1
            return
        self.kinds[telegram.kind] = self.kinds.get(telegram.kind, 0) + 1
        if telegram.kind == "dead_letter":
            self._note_problem(message, telegram)
        elif telegram.kind != "ignore":
            self._note_root(message.topic, telegram)
            for reading in telegram.readings:
                self._note_reading(reading, telegram, message)
            if telegram.online is not None and telegram.device in self.devices:
                self.devices[telegram.device].online = telegram.online

    def in_order(self) -> Iterable[tuple[str, Sighting]]:
        """List devices by language and name."""
        return sorted(self.devices.items(), key=lambda one: (one[1].language, one[0]))

    def prefixes(self) -> list[str]:
        """List first levels that a bridge between brokers seems to have put before the topics of a site."""
        return sorted(root[:-1] for root, languages in self.roots.items() if len(languages & _ROOTED) > 1)

    def _note_root(self, topic: str, telegram: Telegram) -> None:
        root = topic.split("/", 1)[0] + "/#" if "/" in topic else topic
        if root in self.roots or len(self.roots) < _MOST_ROOTS:
            self.roots.setdefault(root, set()).add(telegram.format)

    def _note_reading(self, reading: DeviceReading, telegram: Telegram, message: Message) -> None:
        seen = self.devices.get(reading.device)
        if seen is None:
            if len(self.devices) >= MOST_DEVICES:
                self.left_out += 1
                return
            seen = self.devices[reading.device] = Sighting(telegram.format, telegram.profile)
        at = message.received_at.timestamp()
        if message.retained:
            seen.retained += 1
        else:
            seen.live += 1
            seen.first_at = seen.first_at or at
            seen.newest_at = at
        for name, value in reading.metrics.items():
            if name in seen.metrics or len(seen.metrics) < MOST_METRICS:
                seen.metrics[name] = value
                seen.counts[name] = seen.counts.get(name, 0) + (not message.retained)
            else:
                seen.crowded = True
        seen.labels.update(list(reading.labels.items())[: MOST_METRICS - len(seen.labels)])
        seen.units.update({name: spelt(unit) for name, unit in reading.units.items() if name in seen.metrics})
        seen.timed |= reading.timestamp is not None
        remark = None
        if not message.retained and reading is telegram.readings[-1] and not reading.historical:
            _, remark = corrected(seen.clock, reading.timestamp, message.received_at)
        seen.warning = remark or reading.warning or seen.warning

    def _note_problem(self, message: Message, telegram: Telegram) -> None:
        known = self.problems.get(message.topic)
        if known is not None:
            known.count += 1
        elif len(self.problems) < _MOST_PROBLEMS:
            self.problems[message.topic] = Problem(telegram.reason or "", 1, message.payload[:60])
