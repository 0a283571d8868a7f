"""What a week of a scenario costs: every planned fault as one incident, through the explainer's own path.

python -m benchmarks.explaining.week fleet --days 7

The incidents are made from the simulator's plan of faults, as if each were found once and nothing else was: running
the detector over a hundred million readings would tell little more about money. A stand-in answers at once; tokens of
questions are counted by length, of answers as a large model's mean. Prices are those of the price table.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.explaining.bench import Bench, Fluent
from contracts.anomaly import Anomaly, Contribution, Incident, Model, anomaly_id, incident_id
from producer.simulator.fault_plan import FaultPlan
from producer.simulator.scenario_files import load_scenario
from storage import explaining
from storage.database import open_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.anomaly import Kind
    from producer.simulator.faults import Fault
    from producer.simulator.scenario import Member

START = datetime(2026, 1, 5, tzinfo=UTC)
_DAY_S = 86_400.0
_CHUNK = 1000


def incidents(scenario: str, seed: int, days: float) -> Iterator[Anomaly]:
    """Make the opening anomaly of every fault that starts within so many days."""
    plan = load_scenario(scenario)
    members = {member.device: member for member in plan.members()}
    for fault in FaultPlan(plan, seed).extend(days * _DAY_S):
        yield _opening(fault, members[fault.device])


def _opening(fault: Fault, member: Member) -> Anomaly:
    at = START + timedelta(seconds=fault.start)
    kind: Kind = fault.kind
    parts = tuple(_contribution(fault, member, index) for index in fault.metrics)
    name = incident_id(fault.device, str(fault.number))
    return Anomaly(
        id=anomaly_id(name, "open"),
        device=fault.device,
        measured_at=at,
        received_at=at,
        score=0.9,
        confidence=0.99,
        severity="major",
        kind=kind,
        incident=Incident(id=name, phase="open", opened_at=at, readings=1, peak=0.9),
        model=Model(backend="isolation_forest", version=1, scope=fault.device),
        contributions=() if kind == "silence" else parts,
        rarity_days=90.0,
    )


def _contribution(fault: Fault, member: Member, index: int) -> Contribution:
    metric, name = member.metrics[index], tuple(member.profile.metrics)[index]
    gone = fault.kind == "dropout"
    return Contribution(
        metric=name,
        share=1 / len(fault.metrics),
        observed=None if gone else metric.baseline + fault.size * metric.spread,
        expected=metric.baseline,
        lower=metric.baseline - 3 * metric.spread,
        upper=metric.baseline + 3 * metric.spread,
        unit=metric.unit or None,
    )


def run(scenario: str, seed: int, days: float, *, remember: bool) -> dict[str, float]:
    """Have a week explained; return incidents, calls, tokens and cost."""
    raised = list(incidents(scenario, seed, days))
    with tempfile.TemporaryDirectory() as directory:
        plenty = {
            "llm_requests_per_hour": 10**6,
            "llm_tokens_per_day": 10**10,
            "llm_wait_s": 0.0,
            "llm_concurrency": 32,
        }
        bench = Bench(Path(directory), Fluent(), llm_cache_days=30.0 if remember else 0.0, **plenty)
        engine = open_engine(f"sqlite:///{directory}/alerts.db", read_only=True)
        for first in range(0, len(raised), _CHUNK):  # the plan's order is the order of time: earlier answers are known
            bench.send(raised[first : first + _CHUNK])
            bench.turn_until(lambda: _waiting(engine) == 0 and _stored(engine) >= min(first + _CHUNK, len(raised)))  # noqa: B023
        bench.service.stop()
        with engine.connect() as connection:
            (total,) = explaining.costs(connection, START, ())
    return {"incidents": float(len(raised))} | {name: float(value or 0) for name, value in total.items()}


def _waiting(engine: object) -> int:
    return _count(engine, "SELECT count(*) FROM alerts WHERE explanation_state IN ('owed', 'running')")


def _stored(engine: object) -> int:
    return _count(engine, "SELECT count(*) FROM alerts")


def _count(engine: object, query: str) -> int:
    with engine.connect() as connection:  # type: ignore[attr-defined]
        return int(connection.exec_driver_sql(query).scalar_one())


def main() -> int:
    """Run the benchmark; see `--help`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.explaining.week", description=__doc__)
    parser.add_argument("scenario", nargs="?", default="fleet")
    parser.add_argument("--days", type=float, default=7.0)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    for remember in (False, True):
        found = run(asked.scenario, asked.seed, asked.days, remember=remember)
        print(f"answers used again: {'yes' if remember else 'no'}")
        for name in ("incidents", "calls", "prompt_tokens", "answer_tokens", "cost", "cached", "shared"):
            print(f"  {name:15} {found[name]:12,.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
