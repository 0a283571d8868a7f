from __future__ import annotations

import tempfile
from collections import defaultdict
from contextlib import suppress
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from explainer.evidence import Describer
from explainer.incidents.incidents import merge
from explainer.words.knowledge import load_knowledge
from runtime.memory_bus import MemoryBroker
from storage import queries
from tests.unit.explainer.anomalies import anomaly
from tests.unit.explainer.pipeline import Killed, Pipeline

if TYPE_CHECKING:
    from contracts.anomaly import Anomaly, Phase, Severity

DESCRIBE = Describer(load_knowledge())


class Delivery(RuleBasedStateMachine):
    """A detector raises incidents; the way is bad, and the explainer is killed at any of its acts.

    In the end every anomaly raised is stored once and has a receipt, every alert is what the anomalies say, and the
    last word published about it is its state.
    """

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.pipeline = self.new_pipeline()
        self.raised: dict[str, list[Anomaly]] = defaultdict(list)
        self.held: list[Anomaly] = []

    def new_pipeline(self) -> Pipeline:
        """Start an explainer with an empty database."""
        return Pipeline(Path(self.folder.name), MemoryBroker())

    @initialize()
    def begin(self) -> None:
        self.open_or_go_on("a", "major", hold=False)

    @rule(name=st.sampled_from("ab"), severity=st.sampled_from(["minor", "major", "critical"]), hold=st.booleans())
    def open_or_go_on(self, name: str, severity: Severity, *, hold: bool) -> None:
        """Raise the next anomaly of an incident; a held one stays on the way."""
        life = self.raised[name]
        last = life[-1].incident.phase if life else None
        phase: Phase = "open" if last is None else "reopen" if last == "close" else "update"
        self._raise(name, phase, severity, hold=hold)

    @precondition(lambda self: any(life[-1].incident.phase != "close" for life in self.raised.values()))
    @rule(hold=st.booleans())
    def close(self, *, hold: bool) -> None:
        """Raise the end of an incident."""
        name = next(name for name, life in self.raised.items() if life[-1].incident.phase != "close")
        self._raise(name, "close", self.raised[name][-1].severity, hold=hold)

    def _raise(self, name: str, phase: Phase, severity: Severity, *, hold: bool) -> None:
        count = len(self.raised[name])
        one = anomaly(phase, count, incident=name, severity=severity, readings=count + 1, score=0.9 + count / 1000)
        self.raised[name].append(one)
        self.held.append(one)
        if not hold:
            self.release()

    @rule()
    def release(self) -> None:
        """Let what is on the way arrive, the newest first."""
        while self.held:
            self.pipeline.send(self.held.pop())

    @rule(choice=st.integers(0, 100))
    def redeliver(self, choice: int) -> None:
        """Send an earlier anomaly again."""
        sent = [one for life in self.raised.values() for one in life]
        self.pipeline.send(sent[choice % len(sent)])

    @rule()
    def step(self) -> None:
        """Let the explainer work."""
        self.pipeline.step(1)

    @rule(acts=st.integers(0, 6))
    def kill(self, acts: int) -> None:
        """Kill the explainer after so many more acts, and start another."""
        self.pipeline.bus.dies_in = acts
        with suppress(Killed):
            self.pipeline.step(2)
        self.pipeline.bus.kill()
        self.pipeline.begin()

    @rule()
    def stop(self) -> None:
        """Stop the explainer in order, and start another."""
        self.pipeline.service.stop()
        self.pipeline.begin()

    def teardown(self) -> None:
        """Let everything arrive, and compare."""
        self.release()
        for life in self.raised.values():  # the detector sends again what has no receipt; here: everything
            self.pipeline.send(*life)
        self.pipeline.step(6)
        try:
            self._compare()
        finally:
            self.pipeline.service.stop()
            self.folder.cleanup()

    def _compare(self) -> None:
        engine = self.pipeline.engine
        raised = [one for life in self.raised.values() for one in life]
        assert queries.counts(engine)["anomalies"] == len(raised)
        assert self.pipeline.receipts()[0] == {one.id for one in raised}
        last = {alert.incident: alert for alert in self.pipeline.alerts()}
        for life in self.raised.values():
            stored = queries.alert(engine, life[0].incident.id)
            first = merge(None, life[0], DESCRIBE)
            expected = reduce(lambda change, one: merge(change.record, one, DESCRIBE), life[1:], first).record.alert
            assert stored == expected
            assert (last[stored.incident].status, last[stored.incident].severity) == (stored.status, stored.severity)
        engine.dispose()


TestDelivery = Delivery.TestCase
TestDelivery.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
