from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from detector.configuration.config import DetectionConfig
from detector.verdicts.incidents import IncidentTracker

if TYPE_CHECKING:
    from contracts.anomaly import Kind

CONFIG = DetectionConfig(quiet_seconds=30, quiet_rows=5, reopen_seconds=100, update_every=60)


class Incidents(RuleBasedStateMachine):
    """Readings come, odd or not; the tracker is held against what was published."""

    @initialize()
    def begin(self) -> None:
        self.tracker = IncidentTracker()
        self.at = 1000.0
        self.numbers = 0
        self.published: list[tuple[float, str]] = []
        self.closed_ids: set[str] = set()
        self.abnormal_at = 0.0

    def publish(self, phase: str | None) -> None:
        if phase is not None:
            self.published.append((self.at, phase))

    @rule(passed=st.floats(0, 40))
    def time_passes(self, passed: float) -> None:
        self.at += passed

    @precondition(lambda self: not self.tracker.open)
    @rule(
        decades=st.floats(5, 12),
        metric=st.sampled_from(["flow", "pressure"]),
        kind=st.sampled_from(["spike", "drift", "stuck", "silence"]),
    )
    def opens(self, decades: float, metric: str, kind: Kind) -> None:
        self.numbers += 1
        before = self.tracker.id
        since = self.at - self.tracker.closed_at
        values = {kind, self.tracker.kind} <= {"spike", "drift"}
        same = metric == self.tracker.metric and (values or kind == self.tracker.kind)
        phase = self.tracker.opens(CONFIG, self.at, decades, f"incident-{self.numbers}", kind, metric)
        assert (phase == "reopen") == (before is not None and same and since <= CONFIG.reopen_seconds)
        assert self.tracker.id == (before if phase == "reopen" else f"incident-{self.numbers}")
        assert phase == "reopen" or self.tracker.id not in self.closed_ids
        self.abnormal_at = self.at
        self.publish(phase)

    @precondition(lambda self: self.tracker.open)
    @rule(decades=st.floats(3, 12))
    def goes_on(self, decades: float) -> None:
        told = self.tracker.told
        phase = self.tracker.goes_on(CONFIG, self.at, decades, abnormal=True)
        assert phase in {None, "update"}
        if phase == "update":
            last = max(at for at, _ in self.published)
            assert self.at - last >= CONFIG.update_every or self.tracker.peak >= 1.3 * told
        self.abnormal_at = self.at
        self.publish(phase)

    @precondition(lambda self: self.tracker.open)
    @rule()
    def is_quiet(self) -> None:
        quiet = self.tracker.quiet + 1
        phase = self.tracker.goes_on(CONFIG, self.at, 0.0, abnormal=False)
        waited = self.at - self.abnormal_at >= CONFIG.quiet_seconds
        assert (phase == "close") == (waited and quiet >= CONFIG.quiet_rows)
        if phase == "close":
            assert self.tracker.id is not None
            self.closed_ids.add(self.tracker.id)
        self.publish(phase)

    @invariant()
    def phases_alternate(self) -> None:
        """Nothing is opened twice, nothing closed that is not open, and updates only come between."""
        is_open = False
        for _, phase in self.published:
            assert is_open == (phase in {"update", "close"})
            is_open = phase != "close"
        assert is_open == self.tracker.open

    @invariant()
    def numbers_hold(self) -> None:
        """The peak never falls within an incident, and counts fit together."""
        assert self.tracker.told <= self.tracker.peak
        assert 0 <= self.tracker.lately <= self.tracker.abnormal
        assert self.tracker.quiet <= self.tracker.rows


TestIncidents = Incidents.TestCase
TestIncidents.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
