"""A stand-in for the detector: takes readings in and publishes its position, from a thread of its own."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Self

from contracts.codec import decode, encode
from contracts.reading import Reading
from contracts.service import ServiceStatus

if TYPE_CHECKING:
    from contracts.topics import Topics
    from runtime.bus import Bus


class DetectorStandIn:
    """Takes readings from a bus that is subscribed to them.

    Args:
        bus: not started.
        topics: names.
        at_once: readings taken in between two statuses.
    """

    def __init__(self, bus: Bus, topics: Topics, at_once: int = 1_000) -> None:
        self._bus = bus
        self._topic = topics.service("detector", "1")
        self._at_once = at_once
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.readings: list[Reading] = []
        self.payloads: list[bytes] = []

    def __enter__(self) -> Self:
        self._bus.start()
        self._bus.wait_connected(5)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._bus.stop()

    @property
    def position(self) -> dict[str, int]:
        """Readings taken in, by run."""
        position: dict[str, int] = {}
        for reading in self.readings:
            position[reading.run or "live"] = position.get(reading.run or "live", 0) + 1
        return position

    def until(self, count: int, seconds: float = 10.0) -> None:
        """Wait until so many readings were taken in."""
        give_up = time.monotonic() + seconds
        while len(self.readings) < count:
            assert time.monotonic() < give_up, f"{len(self.readings)} of {count} readings came"
            time.sleep(0.005)

    def _run(self) -> None:
        while not self._stop.is_set():
            messages = self._bus.receive(self._at_once, 0.01)
            self.payloads += [message.payload for message in messages]
            self.readings += [decode(message.payload, Reading) for message in messages]
            self._bus.ack(messages)
            status = ServiceStatus(service="detector", instance="1", state="online", position=self.position)
            self._bus.publish(self._topic, encode(status), retain=True)
