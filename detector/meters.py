"""The detector's metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from detector.fleet.fleet import Fleet
    from detector.messages.intake import Intake
    from detector.messages.outgoing import Outgoing
    from runtime.bus import Message


class Meters:
    """Copies the loop's own counts into Prometheus once a turn, so that a reading costs nothing here."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self._messages = Counter(
            "tocsin_detector_messages", "messages by what became of them", ["what"], registry=registry
        )
        self._dead_letters = Counter(
            "tocsin_dead_letters", "unusable messages by reason", ["reason"], registry=registry
        )
        self._devices = Gauge("tocsin_detector_devices", "devices watched", registry=registry)
        self._on_the_way = Gauge("tocsin_detector_anomalies_on_the_way", "sent, not yet confirmed", registry=registry)
        self._group = Histogram(
            "tocsin_detector_group_size", "messages a turn", buckets=(0, 1, 2, 5, 10, 20, 50, 100), registry=registry
        )
        self._shown: dict[str, int] = {}
        self._shown_reasons: dict[str, int] = {}

    def observe(self, messages: Sequence[Message], intake: Intake, fleet: Fleet, outgoing: Outgoing) -> None:
        """Take over the counts of a turn."""
        if messages:
            self._group.observe(len(messages))
        _take_over(intake.counters, self._shown, self._messages)
        _take_over(intake.dead_letters, self._shown_reasons, self._dead_letters)
        self._devices.set(len(fleet))
        self._on_the_way.set(outgoing.on_the_way)


def _take_over(totals: Mapping[str, int], shown: dict[str, int], meter: Counter) -> None:
    for what, total in totals.items():
        news = total - shown.get(what, 0)
        if news:
            meter.labels(what).inc(news)
            shown[what] = total
