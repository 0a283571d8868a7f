"""Whether the machine rests by what people know of it: under maintenance, or off by their rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detector.configuration.context import covered
from detector.rows.features import WINDOW

if TYPE_CHECKING:
    from contracts.reading import Reading
    from detector.configuration.config import DetectionConfig


class Resting:
    """Follows the rest of one machine.

    Attributes:
        left: readings, this one included, that still count as rest.
    """

    __slots__ = ("left",)

    def __init__(self, left: int = 0) -> None:
        self.left = left

    def take(self, reading: Reading, at: float, config: DetectionConfig) -> bool:
        """Tell whether the machine rests at `at` (epoch s), or has until a moment ago: features remember that."""
        if not (config.maintenance or config.off or self.left):
            return False
        if covered(config.maintenance, at) or switched_off(reading, config):
            self.left = WINDOW + 1
        self.left = max(self.left - 1, 0)
        return self.left > 0


def switched_off(reading: Reading, config: DetectionConfig) -> bool:
    """Tell whether all rules hold that people gave for a machine that is off; without any it never is."""
    return bool(config.off) and all(rule.holds(reading.values) for rule in config.off)
