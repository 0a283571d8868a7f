"""Small scenarios for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from producer.simulator.scenario import Scenario
from producer.simulator.simulator import simulate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from contracts.reading import Reading, Truth

START = datetime(2026, 3, 1, tzinfo=UTC)


def plant(
    metrics: dict[str, Any], *, interval_s: float = 1.0, faults: list[dict[str, Any]] | None = None, **profile: Any
) -> Scenario:
    """One device `m` with these metrics."""
    return Scenario.model_validate(
        {
            "name": "test",
            "profiles": {"p": {"metrics": metrics, **profile}},
            "devices": [{"name": "m", "profile": "p", "interval_s": interval_s}],
            "faults": faults or [],
        }
    )


def one_fault(kind: str, **how: Any) -> list[dict[str, Any]]:
    """A schedule with one fault of this kind, 100 to 110 s after the start, 20 s long."""
    schedule = {"kinds": {kind: 1}, "first_after_s": [100, 110], "count": 1, "after_rows": 0, "duration_s": [20, 20]}
    return [{**schedule, **how}]


def played(scenario: Scenario, duration: float, seed: int = 1) -> list[tuple[Reading, Truth | None]]:
    """All readings and truths."""
    return list(simulate(scenario, seed, START, duration))


def column(pairs: list[tuple[Reading, Truth | None]], metric: str) -> NDArray[np.float64]:
    """(readings,) values of one metric; NaN where it is null or absent."""
    values = [reading.values.get(metric) for reading, _ in pairs]
    return np.array([np.nan if value is None else value for value in values])


def seconds(time: datetime) -> float:
    """Seconds since the start."""
    return (time - START) / timedelta(seconds=1)
