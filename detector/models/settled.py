"""What has become usual in a trouble that does not end.

The reference is not touched: the readings stay as far from it as they are, and the incident stays open. But a reading
of such a trouble is an alarm only when it is odd even beside the newest readings of the trouble: a metric that stays
where it went tells nothing new, whatever else goes wrong beside it does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from detector.rows.time_units import HOUR_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detector.rows.features import Floats

AFTER_SECONDS = 12 * HOUR_S  # a trouble that has lasted for half a day ...
AFTER_ROWS = 400  # ... and for so many readings
_MEMORY = 100  # readings


class Settled:
    """Where the readings of one lasting trouble are, lately.

    Attributes:
        count: readings taken.
        mean: (F,) robust z of the newest ones, on average.
    """

    __slots__ = ("count", "mean")

    def __init__(self, count: int = 0, mean: Floats | None = None) -> None:
        self.count = count
        self.mean: Floats = np.zeros(0) if mean is None else mean

    @property
    def known(self) -> bool:
        """Whether a trouble has lasted long enough."""
        return self.count >= _MEMORY

    def add(self, z: Floats) -> None:
        """Take the robust z (F,) of a reading of the trouble."""
        self.count = min(self.count + 1, _MEMORY)
        self.mean = z.copy() if self.count == 1 else self.mean + (z - self.mean) / self.count

    def state(self) -> tuple[object, ...]:
        """Return what `restored` needs."""
        return (self.count, self.mean)

    @classmethod
    def restored(cls, state: Sequence[Any]) -> Settled:
        """Rebuild from `state`; what an earlier version kept, scores, is measured anew."""
        count, mean = state
        return cls(count, mean) if isinstance(count, int) else cls()
