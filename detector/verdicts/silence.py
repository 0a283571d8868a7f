"""Whether a device has gone silent: by its usual pace, in time of arrival, or in recorded time for a replay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from detector.rows.cadence import SEEN
from detector.rows.stream import ARRIVAL, EVENT
from detector.verdicts.findings import ruled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.reading import Clock
    from detector.configuration.config import DetectionConfig
    from detector.rows.stream import Stream
    from detector.verdicts.findings import Finding

_HEARS_S = 60.0  # after a restart, until what was sent meanwhile must be here


class SilenceWatch:
    """Listens for what does not come.

    Attributes:
        clock: whose time rules: the device's, or that of a recording.
        silent: whether silence was found and nothing has come since.
        usual_until: epoch s until which that is what comes every day, and not announced; 0 when it was announced.
    """

    __slots__ = ("_since", "clock", "silent", "usual_until")

    def __init__(self) -> None:
        self.clock: Clock = "device"
        self.silent = False
        self.usual_until = 0.0
        self._since: float | None = 0.0  # epoch s from which on we listen; None until the first look at the timers

    def looked(self, now: float) -> bool:
        """Begin to listen, if we do not yet; tell whether we did before."""
        listening = self._since is not None
        if not listening:
            self._since = now
        return listening

    def listen_anew(self) -> None:
        """Begin to listen at the next look at the timers."""
        self._since = None

    def deadline(self, stream: Stream, config: DetectionConfig) -> float | None:
        """Return when (epoch s) silence is to be announced; None while it cannot."""
        if self.clock == "replay":
            return None
        if self.silent:
            return max(self.usual_until, (self._since or 0.0) + _HEARS_S) if self.usual_until else None
        deadline = stream.device_pace.deadline(ARRIVAL, config.silence_factor, config.silence_seconds)
        if deadline is None:
            return None
        if self._since is None:  # just restored: how long nothing was heard is not the device's silence
            return 0.0
        seen = float(stream.device_pace.table[SEEN, ARRIVAL])
        return deadline + max(self._since - seen, 0.0)

    def gap(self, stream: Stream, at: float, config: DetectionConfig) -> Finding | None:
        """Find silence that ends with a reading at `at` (epoch s); needed where recorded time rules."""
        if self.clock != "replay":
            return None
        deadline = stream.device_pace.deadline(EVENT, config.silence_factor, config.silence_seconds)
        return None if deadline is None or at < deadline else ruled("silence")

    def heard(self) -> None:
        """Note that the device is there again."""
        self.silent, self.usual_until = False, 0.0

    def state(self) -> dict[str, Any]:
        """Return what `restored` needs."""
        return {"clock": self.clock, "silent": self.silent, "usual_until": self.usual_until}

    @classmethod
    def restored(cls, state: Mapping[str, Any]) -> SilenceWatch:
        """Rebuild from `state`; it begins to listen at the next look at the timers."""
        watch = cls()
        watch.clock, watch.silent = state["clock"], state["silent"]
        watch.usual_until = state.get("usual_until", 0.0)
        watch._since = None
        return watch
