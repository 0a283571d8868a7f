"""What the explainer says of itself: birth, counters, will."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.codec import encode
from contracts.service import ServiceStatus
from explainer.messages.reading_messages import SERVICE
from runtime.version import version

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from contracts.topics import Topics
    from explainer.meters import Meters
    from runtime.bus import Bus

_EVERY_S = 10.0


def offline_status(instance: str) -> bytes:
    """Write the will."""
    return encode(ServiceStatus(service=SERVICE, instance=instance, state="offline"))


class StatusReport:
    """Publishes the retained status on every connection and every 10 s."""

    def __init__(
        self, *, bus: Bus, topics: Topics, instance: str, meters: Meters, clock: Callable[[], datetime]
    ) -> None:
        self._bus = bus
        self._topic = topics.service(SERVICE, instance)
        self._instance = instance
        self._meters = meters
        self._clock = clock
        self._since: datetime | None = None
        self._reported: tuple[int, datetime] | None = None

    def start(self) -> None:
        """Begin to count the time."""
        self._since = self._clock()

    def turn(self) -> None:
        """Publish when there is a new connection or when it is time."""
        now, generation = self._clock(), self._bus.generation
        if not self._bus.connected:
            return
        if self._reported and self._reported[0] == generation and self._seconds(now, self._reported[1]) < _EVERY_S:
            return
        self._reported = (generation, now)
        status = ServiceStatus(
            service=SERVICE,
            instance=self._instance,
            state="online",
            version=version(),
            since=self._since,
            at=now,
            counters=self._meters.totals(),
        )
        self._bus.publish(self._topic, encode(status), retain=True)

    def stop(self) -> None:
        """Say goodbye."""
        if self._bus.connected:
            self._bus.publish(self._topic, offline_status(self._instance), retain=True)

    @staticmethod
    def _seconds(later: datetime, earlier: datetime) -> float:
        return abs((later - earlier).total_seconds())
