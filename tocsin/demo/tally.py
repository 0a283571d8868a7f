"""What the demo has seen."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contracts.alert import Alert


@dataclass(slots=True)
class Tally:
    """What the demo has seen: seconds are counted from the moment at which the services were up."""

    up_at: float = 0.0
    incidents: set[str] = field(default_factory=set)
    first_alert_s: float | None = None
    first_explained_s: float | None = None

    def take(self, alert: Alert) -> None:
        """Count an alert."""
        after = time.monotonic() - self.up_at
        self.incidents.add(alert.incident)
        self.first_alert_s = after if self.first_alert_s is None else self.first_alert_s
        if not alert.explanation.pending and self.first_explained_s is None:
            self.first_explained_s = after

    def first_words(self) -> str:
        """Say when the first alert came."""
        if self.first_alert_s is None:
            return ""
        words = f" The first came {self.first_alert_s:.0f} s after the services were up"
        if self.first_explained_s is not None and self.first_explained_s - self.first_alert_s > 1:
            words += f", explained after {self.first_explained_s:.0f} s"
        return words + "."
