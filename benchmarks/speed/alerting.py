"""From anomaly to stored alert: with a model that hangs beside no model at all.

python -m benchmarks.speed.alerting

Both explainers get the same anomalies over a bus in memory, in turns, and store them in SQLite files of their own. What
counts is the ratio of the medians: a model that does not answer must not hold up an alert.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

from benchmarks.explaining.bench import Bench, Hanging
from contracts.anomaly import Anomaly, Contribution, Incident, Model, anomaly_id, incident_id

if TYPE_CHECKING:
    from explainer.providers.port import Provider

_WARM_UP = 20


def anomaly(number: int) -> Anomaly:
    """Make the opening of an incident; the devices differ enough not to be an incident of the site."""
    at = datetime(2026, 1, 1 + number % 28, number // 28 % 24, tzinfo=UTC)
    name = incident_id("boiler", str(number))
    heat = Contribution(
        metric="temperature", share=1.0, observed=95.0, expected=70.0, lower=65.0, upper=75.0, unit="°C"
    )
    return Anomaly(
        id=anomaly_id(name, "open"),
        device=f"boiler {number % 50} east",
        measured_at=at,
        received_at=at,
        score=0.9,
        confidence=0.99,
        severity="major",
        kind="level_shift",
        incident=Incident(id=name, phase="open", opened_at=at, readings=1, peak=0.9),
        model=Model(backend="isolation_forest", version=1, scope="boiler"),
        contributions=(heat,),
    )


def bench(folder: Path, provider: Provider | None) -> Bench:
    """Start an explainer."""
    folder.mkdir()
    return Bench(folder, provider, llm_wait_s=0.0, llm_cache_days=0.0, llm_timeout_s=600.0, llm_deadline_s=3600.0)


def one(under_test: Bench, number: int) -> float:
    """Seconds from an anomaly's publication to its alert's, which is stored before it is published."""
    before = len(under_test.broker.published)
    started = time.perf_counter()
    under_test.send([anomaly(number)])
    under_test.turn_until(lambda: any("/alerts/" in topic for topic, _ in list(under_test.broker.published)[before:]))
    return time.perf_counter() - started


def measure(count: int) -> dict[str, float]:
    """Measure both in turns; return medians and 90th percentiles in milliseconds, and the ratio of the medians."""
    with tempfile.TemporaryDirectory() as directory:
        benches = {"hanging": bench(Path(directory, "a"), Hanging()), "none": bench(Path(directory, "b"), None)}
        took: dict[str, list[float]] = {name: [] for name in benches}
        for number in range(count + _WARM_UP):
            for name, under_test in benches.items():
                seconds = one(under_test, number)
                if number >= _WARM_UP:
                    took[name].append(seconds * 1000)
        for under_test in benches.values():
            under_test.service.stop()
    found = {f"{name} p50 ms": median(values) for name, values in took.items()}
    found |= {f"{name} p90 ms": quantiles(values, n=10)[-1] for name, values in took.items()}
    return found | {"alert ratio": found["hanging p50 ms"] / found["none p50 ms"]}


def main() -> int:
    """Run the benchmark; see `--help`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed.alerting", description=__doc__)
    parser.add_argument("--anomalies", type=int, default=300)
    for name, value in measure(parser.parse_args().anomalies).items():
        print(f"{name:18} {value:10.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
