"""What the page counts, and what it knows of the devices, for Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import Metric

    from web.hearing import Hearing
    from web.live.hub import Hub
    from web.plant import Plant


class _Seen(Collector):
    def __init__(self, plant: Plant, hub: Hub, hearing: Hearing) -> None:
        self._plant = plant
        self._hub = hub
        self._hearing = hearing

    def collect(self) -> Iterator[Metric]:
        """Read everything now."""
        devices = GaugeMetricFamily("tocsin_web_devices", "devices by state", labels=["state"])
        for state, count in self._plant.counts().items():
            devices.add_metric([state], count)
        heard = CounterMetricFamily("tocsin_web_messages", "messages heard by kind", labels=["kind"])
        for kind, count in dict(self._hearing.heard).items():
            heard.add_metric([kind], count)
        yield devices
        yield heard
        yield GaugeMetricFamily("tocsin_web_viewers", "pages that are open", value=len(self._hub))
        rate = self._plant.readings_per_s() or 0.0
        yield GaugeMetricFamily("tocsin_web_readings_per_second", "readings the detectors take in", value=rate)


def make_registry(plant: Plant, hub: Hub, hearing: Hearing) -> CollectorRegistry:
    """Make a registry that shows what the page knows."""
    registry = CollectorRegistry()
    registry.register(_Seen(plant, hub, hearing))
    return registry
