"""What the explainer counts, for Prometheus and for its own status message."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_CALL_SECONDS = (0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120)


class Meters:
    """Counters and histograms of one explainer, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.anomalies = self._counter("anomalies_stored", "anomalies stored")
        self.thinned = self._counter("anomalies_thinned", "anomalies merged into their alert but not stored themselves")
        self.duplicates = self._counter("duplicates", "anomalies that were stored before")
        self.alerts = self._counter("alerts", "news of alerts", ["news"])
        self.dead_letters = self._counter("dead_letters", "refused messages", ["service", "reason"])
        self.ignored = self._counter("ignored", "messages only counted", ["reason"])
        self.published = self._counter("published", "messages that the broker took")
        self.refused = self._counter("refused", "messages that the broker refused")
        self.store_failures = self._counter("store_failures", "transactions that failed and are tried again")
        self.notified = self._counter("notifications", "messages to outputs by outcome", ["output", "outcome"])
        self.owed = Gauge("tocsin_explainer_owed", "publications waiting for the broker", registry=self.registry)
        self.latency = Histogram(
            "tocsin_explainer_latency_seconds",
            "from the reading's arrival at the detector to the anomaly's commit here",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.llm_calls = self._counter("llm_calls", "requests to the model by outcome", ["outcome"])
        self.llm_tokens = self._counter("llm_tokens", "tokens of the model", ["kind"])
        self.explanations = self._counter("explanations", "attempts at explaining by outcome", ["outcome"])
        self.llm_latency = Histogram(
            "tocsin_explainer_llm_seconds",
            "time of one attempt, repeats and repair included",
            buckets=_CALL_SECONDS,
            registry=self.registry,
        )
        self.llm_owed = Gauge("tocsin_explainer_llm_owed", "incidents that wait for an answer", registry=self.registry)
        self.llm_held_back = Gauge(
            "tocsin_explainer_llm_held_back", "incidents that wait because a budget is used up", registry=self.registry
        )
        self.breaker_open = Gauge("tocsin_explainer_llm_breaker_open", "1 while calls rest", registry=self.registry)

    def totals(self) -> dict[str, float]:
        """Return the counters of the status message: name, with its labels, to total."""
        found: dict[str, float] = {}
        for metric in self.registry.collect():
            if metric.type != "counter":
                continue
            for sample in metric.samples:
                if sample.name.endswith("_total"):
                    name = metric.name.removeprefix("tocsin_explainer_")
                    found[".".join((name, *sample.labels.values()))] = sample.value
        return found

    def _counter(self, name: str, words: str, labels: list[str] | None = None) -> Counter:
        return Counter(f"tocsin_explainer_{name}", words, labels or (), registry=self.registry)
