"""What the first request of a stream settles."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from detector.configuration.config import DetectionConfig

if TYPE_CHECKING:
    from collections.abc import Mapping

LEAST_SAMPLES = 30


@dataclass(frozen=True, slots=True)
class Terms:
    """What the first call says of a stream; later calls change nothing.

    Attributes:
        backend, served_by: the name that was asked for, and the algorithm that serves it.
        schema: encoding by column; None: numbers are taken, other cells are left out.
    """

    model: str
    backend: str
    served_by: str
    min_samples: int
    retrain_interval: int
    window_size: int
    threshold: float
    schema: Mapping[str, str] | None

    @property
    def warm_up(self) -> int:
        """Samples that the first model is fitted on: at least 30, whatever was asked."""
        return max(self.min_samples, LEAST_SAMPLES)

    def config(self) -> DetectionConfig:
        """Return the configuration of detection: a refit whenever the interval is over, on a window of its size."""
        return DetectionConfig(
            backend=self.served_by,
            warm_up=self.warm_up,
            growth=1.0,
            freeze_after_days=inf,
            reference_rows=self.window_size,
        )
