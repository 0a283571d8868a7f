"""What is kept of a foreign device between its messages, and what comes out."""

from __future__ import annotations

from msgspec import Struct, field

from devices.semantics.admission import Crowd
from devices.semantics.backlog import Backlog
from devices.semantics.bursts import Bursts
from devices.semantics.clocks import Clock
from devices.semantics.counters import Counter
from devices.semantics.joining import Joiner
from devices.semantics.ordering import Ready, Sorter

__all__ = ["DeviceMemory", "Notice", "Ready"]


class Notice(Struct, frozen=True):
    """What the user should know of a device; `reason` is a short word for counters."""

    device: str
    reason: str
    words: str


class DeviceMemory(Struct):
    """What is kept of a device between messages; small and bounded by the limits.

    Attributes:
        language: that it was last heard in.
        heard_at: epoch s; topic: on which, "" when it is not known.
        readings: so far.
        metrics: known, in order of appearance, with the unit each keeps ("" for none).
        crowd: of a device that has reached its limit of metrics.
        sorter: of readings with times of the device's own.
        backlog: of readings that it had buffered; bursts: of values on topics of their own.
        newest_at: when the newest reading was measured that was given on, epoch s.
    """

    language: str
    heard_at: float
    readings: int = 0
    metrics: dict[str, str] = field(default_factory=dict)
    counters: dict[str, Counter] = field(default_factory=dict)
    labels: dict[str, list[str]] = field(default_factory=dict)
    joiner: Joiner = field(default_factory=Joiner)
    clock: Clock = field(default_factory=Clock)
    crowd: Crowd | None = None
    sorter: Sorter = field(default_factory=Sorter)
    newest_at: float = 0.0
    topic: str = ""
    backlog: Backlog = field(default_factory=Backlog)
    bursts: Bursts = field(default_factory=Bursts)
