"""A stand-in for the detector: takes readings in and publishes its position, from a thread of its own."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Self

from contracts.codec import decode, encode
from contracts.reading import Reading
from contracts.service import DeadLetter, ServiceStatus

if TYPE_CHECKING:
    from contracts.topics import Topics
    from runtime.bus import Bus, Message


class DetectorStandIn:
    """Takes readings from a bus that is subscribed to them.

    Args:
        bus: not started.
        topics: names.
        at_once: readings taken in between two statuses.
        refused: numbers of the readings that it cannot use.
    """

    def __init__(self, bus: Bus, topics: Topics, at_once: int = 1_000, refused: frozenset[int] = frozenset()) -> None:
        self._bus = bus
        self._topics = topics
        self._refused = refused
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

    def _refuse(self, message: Message) -> None:
        letter = DeadLetter(
            reason="internal_error",
            detail="",
            topic=message.topic,
            payload=message.payload,
            size=len(message.payload),
            service="detector",
            received_at=message.received_at,
        )
        self._bus.publish(self._topics.deadletters("detector"), encode(letter))

    def _run(self) -> None:
        while not self._stop.is_set():
            messages = self._bus.receive(self._at_once, 0.01)
            self.payloads += [message.payload for message in messages]
            for message in messages:
                reading = decode(message.payload, Reading)
                if reading.seq in self._refused:
                    self._refuse(message)
                else:
                    self.readings.append(reading)
            self._bus.ack(messages)
            status = ServiceStatus(service="detector", instance="1", state="online", position=self.position)
            self._bus.publish(self._topic, encode(status), retain=True)
