"""The page as a service: hands what the bus brings to the web server's thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.grouping import receive_group
from runtime.health import Health
from runtime.lifecycle import Service

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

    from runtime.bus import Bus
    from web.hearing import Hearing
    from web.server import Server

_IDLE_S = 0.1


class WebService(Service):
    """Listens to the bus and serves the page.

    Args:
        bus: the broker.
        server: the web server.
        hearing: takes messages, in the server's thread.
        registry: its metrics.
    """

    name = "web"

    def __init__(self, bus: Bus, server: Server, hearing: Hearing, registry: CollectorRegistry) -> None:
        self._bus = bus
        self.server = server
        self._hearing = hearing
        self.registry = registry
        self._running = False

    def start(self) -> None:
        """Serve, then listen.

        Raises:
            OSError: the port is taken.
        """
        self.server.start()
        self._bus.start()
        self._running = True

    def step(self) -> None:
        """Hand over one group of messages."""
        messages = receive_group(self._bus, _IDLE_S)
        if messages:
            self.server.call(self._hearing.take, messages)
            self._bus.ack(messages)

    def stop(self) -> None:
        """Close the page and leave the bus."""
        if not self._running:
            return
        self._running = False
        self._bus.stop()
        self.server.stop()

    def health(self) -> Health:
        """Ready while the page is served and the broker is there; without one the page still shows what is stored."""
        refusals = self._bus.refusals
        broker = "connected" if self._bus.connected else "not connected"
        details = {"broker": broker, "page": "served" if self.server.running else "not served", **refusals}
        return Health(ready=self.server.running and self._bus.connected, details=details)
