"""The pipeline with its live page, as processes, and readings for it."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Self

from contracts.codec import encode
from contracts.reading import Reading
from contracts.topics import Topics
from runtime.mqtt.bus import MqttBus
from tests.plant import Plant, wait_for
from tocsin.broker.local_broker import free_port

if TYPE_CHECKING:
    from pathlib import Path

TOPICS = Topics()
LEARNED = 400


class PagePlant(Plant):
    """Broker, detector, explainer and page, each killable; publishes readings of two metrics."""

    def __init__(self, directory: Path, **environment: str) -> None:
        self.web_port = free_port()
        super().__init__(directory, TOCSIN_WEB_PORT=str(self.web_port), **environment)
        self._health_ports["web"] = free_port()
        self._random = random.Random(3)  # noqa: S311 - the same stream every time
        self._bus: MqttBus | None = None

    def __enter__(self) -> Self:
        super().__enter__()
        self.start("web")
        wait_for(partial(self.ready, "web"), 60, "the page is ready")
        self._bus = MqttBus(self.connection, client_id="feeder", lasting=False)
        self._bus.start()
        assert self._bus.wait_connected(30)
        return self

    def __exit__(self, *problem: object) -> None:
        if self._bus is not None:
            self._bus.stop()
        self.stop("web")
        super().__exit__(*problem)

    @property
    def page(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.web_port}"

    def teach(self, *devices: str) -> None:
        """Publish the normal course of devices, a second apart, up to now."""
        end = datetime.now(UTC)
        for row in range(LEARNED):
            at = end - timedelta(seconds=LEARNED - row)
            for device in devices:
                self.say(device, at)
        wait_for(lambda: self.taken() >= LEARNED * len(devices), 120, "the readings are taken in")

    def say(self, device: str, at: datetime | None = None, **values: float) -> None:
        """Publish one reading, by default a normal one of now."""
        usual = {"temperature": self._random.gauss(60, 0.5), "current": self._random.gauss(22, 0.3)}
        units = {"temperature": "°C", "current": "A"}
        reading = Reading(device=device, values={**usual, **values}, measured_at=at or datetime.now(UTC), units=units)
        assert self._bus is not None
        self._bus.publish(TOPICS.readings(device), encode(reading))
