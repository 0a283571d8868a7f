"""Sender: one reading after the other, as schedule, detector and broker allow."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from producer.errors import ProducerError
from producer.status import hear

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from producer.pacing import Pacer
    from producer.publisher import Publisher
    from producer.recordings.conversion import Item
    from producer.schedule import Schedule
    from runtime.bus import Bus

_HEAR_EVERY_S = 0.05
_SHORTEST_WAIT_S = 0.002
_LONGEST_WAIT_S = 0.1
_PATIENCE_S = 30.0
_STOPPED_PATIENCE_S = 2.0
_SAY_AFTER_S = 1.0  # a status that the broker keeps may be on its way still
_NO_DETECTOR = "no detector is online"


class ReplayRefusedError(ProducerError):
    """The broker refuses readings."""


class Sender:
    """Sends the readings of a replay and keeps count of the broker's answers.

    Args:
        bus: started and subscribed to the detectors' statuses, and to their dead letters where they may be read.
        publisher: on the same bus.
        pacer: of the run.
        stop: ends every wait.
        needs_detector: whether readings wait for a detector.
    """

    def __init__(
        self, bus: Bus, publisher: Publisher, pacer: Pacer, stop: threading.Event, *, needs_detector: bool
    ) -> None:
        self._bus = bus
        self._publisher = publisher
        self._pacer = pacer
        self._stop = stop
        self._needs_detector = needs_detector
        self._heard_at = 0.0
        self._absent_since = 0.0
        self.on_settled: Callable[[list[int]], None] = lambda _: None
        self.on_waiting: Callable[[str], None] = lambda _: None
        self._reason = ""

    def send(self, item: Item) -> None:
        """Publish a reading and its truth."""
        self._publisher.payload(item.reading.device, item.payload, item.row)
        self._pacer.sent()
        if item.truth is not None:
            self._publisher.truth(item.truth)

    def until_due(self, schedule: Schedule, measured_at: float) -> bool:
        """Wait until the reading of that time (epoch seconds) may go out; False when stopped."""
        while not self._stop.is_set():
            steady = time.monotonic()
            if steady - self._heard_at >= _HEAR_EVERY_S:
                self.hear(0.0)
            early, hindrance = schedule.wait(measured_at, steady), self._hindrance()
            if early <= 0 and not hindrance and self._publisher.has_room:
                self._say("")
                return True
            self._say(hindrance)
            self.hear(min(max(early, _SHORTEST_WAIT_S), _LONGEST_WAIT_S))
        return False

    def until_answered(self) -> bool:
        """Wait until the broker has answered everything; False when it stays silent, soon when stopped."""
        answered_at = time.monotonic()
        while before := self._publisher.pending:
            self.hear(_SHORTEST_WAIT_S)
            now = time.monotonic()
            if self._publisher.pending < before:
                answered_at = now
            if now - answered_at > (_STOPPED_PATIENCE_S if self._stop.is_set() else _PATIENCE_S):
                return False
        return True

    def until_taken(self) -> bool:
        """Wait until the detector has taken in what was sent, or what is missing is given up; False when stopped."""
        began = time.monotonic()
        while self._needs_detector and self._pacer.ahead:
            if self._stop.is_set():
                return False
            if time.monotonic() - began > _SAY_AFTER_S:
                self._say("the detector takes in the last readings" if self._pacer.detector_online else _NO_DETECTOR)
            self.hear(_LONGEST_WAIT_S)
        self._say("")
        return True

    def hear(self, timeout: float) -> None:
        """Take statuses and answers; wait at most `timeout` seconds for the first status.

        Raises:
            ReplayRefusedError: the broker has refused a reading.
        """
        messages = self._bus.receive(100, timeout)
        self._heard_at = time.monotonic()
        hear(messages, self._pacer, self._heard_at)
        self._bus.ack(messages)
        self.on_settled(self._publisher.settle())
        for reason in self._publisher.refused_readings:
            raise ReplayRefusedError(f"the broker refuses readings: {reason}")

    def _hindrance(self) -> str:
        if not self._bus.connected:
            return "the broker is not connected"
        if not self._needs_detector or self._pacer.allowance:
            return ""
        return "the detector is far behind" if self._pacer.detector_online else _NO_DETECTOR

    def _say(self, reason: str) -> None:
        now = time.monotonic()
        if reason != _NO_DETECTOR:
            self._absent_since = 0.0
        elif now - (self._absent_since or now) < _SAY_AFTER_S:
            self._absent_since = self._absent_since or now
            return
        if reason != self._reason:
            self._reason = reason
            self.on_waiting(reason)
