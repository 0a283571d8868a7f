"""Alerts as a user sees them: `python -m benchmarks.explaining.shown [--book FILE]`.

Prints, for the incidents of the grounding tests and two odd ones, what rings in a terminal without a model. With
`--book` the first ten of them are stored there, for `tocsin explain compare --incidents 10` with a model.
"""

from __future__ import annotations

import argparse
from datetime import timedelta
from pathlib import Path

import msgspec

from contracts.anomaly import Anomaly, Contribution
from explainer.bell import bell_text
from explainer.evidence import Describer
from explainer.incidents.incidents import merge
from explainer.words.knowledge import load_knowledge
from storage.book import AlertBook
from storage.database import open_engine
from storage.migrate import migrate
from tests.unit.explainer.anomalies import anomaly
from tests.unit.explainer.grounding.incidents import CASES

_BY_RULE = frozenset(("stuck", "dropout", "silence", "out_of_range"))  # the detector tells no rarity of these


def main() -> None:
    """Print the alerts, and store the first ten where asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--book", type=Path, help="a SQLite file to store ten of the incidents in")
    book = parser.parse_args().book
    describe = Describer(load_knowledge())
    changes = [merge(None, one, describe) for one in (*_usual(), *_odd())]
    print("\n\n".join(bell_text(one.record.alert, one.news) or "" for one in changes))
    if book is None:
        return
    engine = open_engine(f"sqlite:///{book}")
    migrate(engine)
    with AlertBook(engine).writing() as entry:
        entry.save(one.record for one in changes[: len(CASES)])
    engine.dispose()


def _usual() -> list[Anomaly]:
    return [
        anomaly(
            device=device,
            kind=kind,
            readings=readings,
            rarity_days=None if kind in _BY_RULE else rarity,
            contributions=contributions,
        )
        for device, kind, readings, rarity, contributions in CASES.values()
    ]


def _odd() -> list[Anomaly]:
    """Make a clock that is two hours ahead, and metrics that are called otherwise."""
    clock = anomaly(device="gateway-2", kind="clock", severity="minor", contributions=(), rarity_days=None)
    ahead = msgspec.structs.replace(clock, measured_at=clock.received_at + timedelta(hours=2, minutes=3))
    renamed = (
        Contribution(metric="power", share=0.5, observed=None, expected=4.1, unit="kW"),
        Contribution(metric="active_power", share=0.5, observed=4.0, unit="kW"),
    )
    schema = anomaly(device="meter 12", kind="schema", severity="info", contributions=renamed, rarity_days=None)
    return [ahead, schema]


if __name__ == "__main__":
    main()
