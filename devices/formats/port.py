"""The port that a format implements, and what formats share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from devices.bounded import Bounded
from devices.telegram import DeviceReading

if TYPE_CHECKING:
    from datetime import datetime

    from devices.foreign_message import ForeignMessage
    from devices.telegram import Telegram
    from devices.values import Flat

MOST_ENTITIES = 20_000


@dataclass(slots=True)
class Entity:
    """One value that discovery has announced.

    Attributes:
        device: its device.
        metric: its name.
        path: where it stands in the payload, None for the whole payload.
        readable: whether its template is a plain path.
        on, off: words that stand for 1 and 0.
    """

    device: str
    metric: str
    path: str | None = None
    unit: str | None = None
    device_class: str | None = None
    readable: bool = True
    rising: bool = False
    on: str | None = None
    off: str | None = None


@dataclass(slots=True)
class Watch:
    """What the payloads of an availability topic mean."""

    device: str
    path: str | None
    online: str
    offline: str
    covers: str | None = None


class Knowledge:
    """What messages have taught about others; shared by the formats, bounded.

    Attributes:
        changes: counted up when what was recognised before must be looked at again.
        entities: by state topic, the entities that stand in its payload, by their unique id.
        watches: by availability topic.
        units: by (device, metric).
    """

    def __init__(self) -> None:
        self.changes = 0
        self.entities: Bounded[str, dict[str, Entity]] = Bounded(MOST_ENTITIES)
        self.watches: Bounded[str, Watch] = Bounded(MOST_ENTITIES)
        self.units: Bounded[tuple[str, str], str] = Bounded(MOST_ENTITIES)

    def units_of(self, device: str, metrics: dict[str, float]) -> dict[str, str]:
        """Return the units that are known of a device's metrics."""
        if not len(self.units):
            return {}
        return {metric: unit for metric in metrics if (unit := self.units.get((device, metric))) is not None}


class Format(ABC):
    """One language. `read` never raises, whatever it is given.

    Attributes:
        name: as in the telegrams.
    """

    name: ClassVar[str]

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge

    @abstractmethod
    def read(self, message: ForeignMessage) -> Telegram | None:
        """Read a message; None when it is in another language."""


def composed(  # noqa: PLR0913 - what a reading is made of
    device: str,
    flat: Flat,
    *,
    timestamp: datetime | None = None,
    units: dict[str, str] | None = None,
    narrow: bool = False,
    diagnostic: bool = False,
    partial: bool = False,
    seq: int | None = None,
    warning: str | None = None,
) -> DeviceReading:
    """Make a reading of what was flattened."""
    return DeviceReading(
        device=device,
        metrics=flat.metrics,
        labels=flat.labels,
        nulls=tuple(flat.nulls),
        dropped=flat.dropped,
        timestamp=timestamp,
        units=units or {},
        narrow=narrow,
        diagnostic=diagnostic,
        partial=partial,
        seq=seq,
        warning=warning,
    )


def index_of(levels: list[str], level: str) -> int:
    """Return where a topic level stands, -1 when it is missing."""
    try:
        return levels.index(level)
    except ValueError:
        return -1


def sequence(value: object) -> int | None:
    """Read a device's own count of its messages."""
    return value if type(value) is int and 0 <= value < 2**63 else None
