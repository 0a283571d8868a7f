"""The producer's metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge

if TYPE_CHECKING:
    from collections.abc import Mapping

    from producer.pacing import Pacer
    from producer.publisher import Publisher


class Meters:
    """Copies the loop's own counts into Prometheus once a turn, so that a reading costs nothing here."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self._readings = Counter(
            "tocsin_producer_readings", "readings by what became of them", ["what"], registry=registry
        )
        self._refused = Counter("tocsin_producer_refused", "publishes refused by reason", ["reason"], registry=registry)
        self._faults = Counter("tocsin_producer_faults", "faults begun by kind", ["kind"], registry=registry)
        self._ahead = Gauge("tocsin_producer_ahead", "readings the detector has not taken in yet", registry=registry)
        self._pending = Gauge("tocsin_producer_pending", "publishes the broker has not answered", registry=registry)
        self._shown: dict[tuple[Counter, str], int] = {}

    def observe(self, publisher: Publisher, pacer: Pacer, faults: Mapping[str, int]) -> None:
        """Take over the counts of a turn."""
        self._advance(self._readings, "published", publisher.published)
        self._advance(self._readings, "acknowledged", publisher.acknowledged)
        for reason, total in (publisher.refused_readings + publisher.refused_truths).items():
            self._advance(self._refused, reason, total)
        for kind, total in faults.items():
            self._advance(self._faults, kind, total)
        self._ahead.set(pacer.ahead)
        self._pending.set(publisher.pending)

    def _advance(self, counter: Counter, label: str, total: int) -> None:
        counter.labels(label).inc(total - self._shown.get((counter, label), 0))
        self._shown[counter, label] = total
