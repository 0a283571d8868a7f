"""What people know of a device and tell the detector: physical ranges, maintenance windows, when the machine is off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Range = tuple[float | None, float | None]


class Window(Protocol):
    """A span of time, or one that comes again, such as every Sunday night."""

    def covers(self, at: float) -> bool:
        """Tell whether it holds the moment `at` (epoch s, event time)."""


@dataclass(frozen=True, slots=True)
class OffRule:
    """The machine is off while `metric` is below `below`."""

    metric: str
    below: float

    def holds(self, values: Mapping[str, float | None]) -> bool:
        """Tell whether a reading's values say that the machine is off."""
        value = values.get(self.metric)
        return value is not None and value < self.below


def covered(windows: Sequence[Window], at: float) -> bool:
    """Tell whether one of the windows holds the moment `at` (epoch s)."""
    return any(window.covers(at) for window in windows)
