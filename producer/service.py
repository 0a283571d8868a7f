"""The producer's loop: what is due goes out, as far as the detector keeps up."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

from producer.status import hear
from runtime.health import Health
from runtime.lifecycle import Service
from runtime.logs import get_logger

if TYPE_CHECKING:
    from contracts.reading import Truth
    from producer.meters import Meters
    from producer.pacing import Pacer
    from producer.publisher import Publisher
    from producer.simulator.simulation import Simulation
    from producer.status import Announcer
    from runtime.bus import Bus

_GROUP = 500  # readings a turn at most, so that statuses are heard in between
_IDLE_S = 0.2
_SHORTEST_WAIT_S = 0.004  # several readings at once are cheaper than a turn each
_STATUS_EVERY_S = 2.0
_COMPLAIN_EVERY_S = 10.0
_log = get_logger("producer.service")


class ProducerService(Service):
    """Publishes a simulation; simulated time begins with the first connection."""

    name = "producer"

    def __init__(  # noqa: PLR0913 - its parts, put together in bootstrap
        self,
        *,
        bus: Bus,
        simulation: Simulation,
        publisher: Publisher,
        pacer: Pacer,
        announcer: Announcer,
        meters: Meters,
    ) -> None:
        self._bus = bus
        self._simulation = simulation
        self._publisher = publisher
        self._pacer = pacer
        self._announcer = announcer
        self._meters = meters
        self.registry = meters.registry
        self._faults: Counter[str] = Counter()
        self._newest_fault: dict[str, Truth] = {}
        self._wait = 0.0
        self._said_at = 0.0
        self._complained_at = 0.0
        self._generation = 0
        self._running = False

    def start(self) -> None:
        """Connect."""
        self._bus.start()
        self._running = True

    def step(self) -> None:
        """Hear the detector until the next reading is due, then send what is due."""
        messages = self._bus.receive(100, self._wait)
        steady = time.monotonic()
        hear(messages, self._pacer, steady)
        self._bus.ack(messages)
        self._publisher.settle()
        self._begin(steady)
        self._follow_clock(steady)
        self._wait = self._send()
        self._announce(steady)
        self._meters.observe(self._publisher, self._pacer, self._faults)

    def stop(self) -> None:
        """Say goodbye and disconnect."""
        if not self._running:
            return
        self._running = False
        if self._bus.connected:
            self._announcer.offline()
        self._bus.stop()

    def health(self) -> Health:
        """Ready when the broker is there and takes what is published."""
        refusals = self._bus.refusals
        broker = "connected" if self._bus.connected else "not connected"
        detector = "online" if self._pacer.detector_online else "not online"
        details = {"broker": broker, "detector": detector, "published": str(self._publisher.published)}
        return Health(ready=self._running and self._bus.connected and not refusals, details={**details, **refusals})

    def finished(self) -> bool:
        """Whether a simulation of limited duration is over and the broker has all of it."""
        return self._simulation.exhausted and not self._publisher.pending

    def _begin(self, steady: float) -> None:
        if not self._simulation.started and self._bus.connected:
            self._simulation.start(time.time(), steady)
            self._complained_at = steady

    def _follow_clock(self, steady: float) -> None:
        if step := self._simulation.follow_clock(time.time(), steady):
            _log.warning("the computer's clock was set; readings follow it", step_s=round(step, 1))

    def _send(self) -> float:
        """Publish what is due; return the seconds until there is more to do."""
        if not self._simulation.started or self._simulation.exhausted:
            return _IDLE_S
        for _ in range(min(_GROUP, self._pacer.allowance)):
            wait = self._simulation.wait(time.monotonic())
            if wait > 0:
                return min(max(wait, _SHORTEST_WAIT_S), _IDLE_S)
            if not self._publisher.has_room:
                return _SHORTEST_WAIT_S if self._bus.connected else _IDLE_S
            self._send_one()
            if self._simulation.exhausted:
                return 0.0
        return 0.0 if self._pacer.allowance else self._held()

    def _send_one(self) -> None:
        reading, truth = self._simulation.take()
        self._publisher.reading(reading)
        self._pacer.sent()
        if truth is not None:
            self._publisher.truth(truth)
            self._note(truth)

    def _note(self, truth: Truth) -> None:
        known = self._newest_fault.get(truth.device)
        if known is None or known.start != truth.start:
            self._newest_fault[truth.device] = truth
            self._faults[truth.fault or ""] += 1
            _log.info(
                "fault begins", device=truth.device, fault=truth.fault, metrics=truth.metrics, until=str(truth.end)
            )

    def _held(self) -> float:
        now = time.monotonic()
        if now - self._complained_at >= _COMPLAIN_EVERY_S:
            self._complained_at = now
            reason = "far behind" if self._pacer.detector_online else "not online"
            _log.warning("waiting for the detector", reason=reason, ahead=self._pacer.ahead)
        return _IDLE_S / 2

    def _announce(self, steady: float) -> None:
        if not self._bus.connected:
            return
        if self._bus.generation != self._generation or steady - self._said_at >= _STATUS_EVERY_S:
            self._generation = self._bus.generation
            self._said_at = steady
            self._announcer.online({self._pacer.key: self._publisher.published}, self._counters())

    def _counters(self) -> dict[str, float]:
        publisher = self._publisher
        return {
            "published": publisher.published,
            "acknowledged": publisher.acknowledged,
            "refused": publisher.refused_readings.total() + publisher.refused_truths.total(),
            "truths": publisher.truths,
            "faults": self._faults.total(),
            "ahead": self._pacer.ahead,
            "given_up": self._pacer.given_up,
        }
